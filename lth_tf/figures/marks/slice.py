"""What is drawn over a slice: contours, the networks that span it, the axial subspace."""

from dataclasses import dataclass
from typing import Any

from lth_tf.figures.chart import Look, Mark, Scale


@dataclass(frozen=True)
class Contour(Mark):
    """A contour at a height.

    Attributes:
      coordinates: of columns and of rows.
      heights: of the slice, row by row.
      at: which height.
      look: how it is drawn.
    """

    coordinates: tuple[float, ...]
    heights: tuple[tuple[float, ...], ...]
    at: float
    look: Look

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        """Draws it, if the slice goes through that height."""
        look = {"colors": [self.look.color], "linestyles": self.look.line, "linewidths": 1.2}
        every = [height for row in self.heights for height in row]
        if min(every) <= self.at < max(every):
            axes.contour(self.coordinates, self.coordinates, self.heights, [self.at], **look)
        line = {"color": self.look.color, "linestyle": self.look.line}
        axes.plot([], [], label=self.label, **line)


@dataclass(frozen=True)
class Spot(Mark):
    """A network in a slice, or the way to it from another.

    Attributes:
      xs, ys: its place, or those that a line joins.
      look: how it is drawn.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    look: Look

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        line = self.look.line if len(self.xs) > 1 else "none"
        look = {"marker": self.look.marker, "markeredgecolor": "white", "markersize": 8}
        axes.plot(self.xs, self.ys, color=self.look.color, label=self.label, linestyle=line,
                  **(look if self.look.marker else {}))  # fmt: skip
