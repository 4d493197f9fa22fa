"""Stars at points that hold samples of which something is to be said."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import Look, Scale
from lth_tf.figures.palette import place


@dataclass(frozen=True)
class Stars:
    """Stars on points of a curve.

    Attributes:
      label: what they mean, as the legend has it.
      xs, ys: the points.
      look: of the curve.
    """

    label: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    look: Look

    def points(self) -> Iterator[tuple[float | None, Estimate]]:
        """Yields nothing: the curve has the points."""
        yield from ()

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        """Draws them."""
        xs, ys = ([place(scale, v) for v in vs] for scale, vs in ((x, self.xs), (y, self.ys)))
        axes.plot(xs, ys, "*", color=self.look.color, markersize=11, label=self.label,
                  markeredgecolor="black", markeredgewidth=0.5)  # fmt: skip
