"""A point with one standard deviation each way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import Look, Mark, Scale
from lth_tf.figures.palette import place


@dataclass(frozen=True)
class Scatter(Mark):
    """A point of a figure, a kind of its own.

    Attributes:
      x: where it is; its deviation is drawn too.
      estimate: how high.
      look: how it is drawn; its line style plays no part.
    """

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
