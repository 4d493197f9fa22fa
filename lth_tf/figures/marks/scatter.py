"""Single points: with one standard deviation each way, or as stars on the points of a curve."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import Look, Mark, Scale
from lth_tf.figures.palette import place


@dataclass(frozen=True)
class Scatter(Mark):
    """A point at one estimate across and another up; the line style of its look plays no part."""

    x: Estimate
    estimate: Estimate
    look: Look

    def points(self) -> Iterator[tuple[float | None, Estimate]]:
        yield self.x.mean, self.estimate

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        axes.errorbar(
            [place(x, self.x.mean)], [place(y, self.estimate.mean)], xerr=[self.x.std],
            yerr=[self.estimate.std], color=self.look.color, marker=self.look.marker,
            markerfacecolor=None if self.look.filled else "w", linestyle="none", elinewidth=0.8,
            capsize=0, label=self.label,
        )  # fmt: skip


@dataclass(frozen=True)
class Stars(Mark):
    """Stars on points of a curve, which has the same look; the label says what they mean."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    look: Look

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        xs, ys = ([place(scale, v) for v in vs] for scale, vs in ((x, self.xs), (y, self.ys)))
        axes.plot(xs, ys, "*", color=self.look.color, markersize=11, label=self.label,
                  markeredgecolor="black", markeredgewidth=0.5)  # fmt: skip
