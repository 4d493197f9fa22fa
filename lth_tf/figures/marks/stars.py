"""Stars at points that hold samples of which something is to be said."""

from dataclasses import dataclass
from typing import Any

from lth_tf.figures.chart import Look, Mark, Scale
from lth_tf.figures.palette import place


@dataclass(frozen=True)
class Stars(Mark):
    """Stars on points of a curve.

    Attributes:
      label: what they mean, as the legend has it.
      xs, ys: the points.
      look: of the curve.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    look: Look

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        xs, ys = ([place(scale, v) for v in vs] for scale, vs in ((x, self.xs), (y, self.ys)))
        axes.plot(xs, ys, "*", color=self.look.color, markersize=11, label=self.label,
                  markeredgecolor="black", markeredgewidth=0.5)  # fmt: skip
