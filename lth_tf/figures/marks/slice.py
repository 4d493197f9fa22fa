"""Heat maps and slices: numbers as colors, contours, the networks that span a slice."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lth_tf.figures.chart import COLOR_MAP, Colors, Line, Look, Mark, Scale


@dataclass(frozen=True)
class Cells(Line):
    """Estimates at one height of a panel, each a colored cell around its place.

    Attributes:
      label: what the row is called, in CSV; the bar of colors stands for the legend.
      xs: places on the x axis, at even distances.
      y: the height.
      size: the width and the height of a cell.
    """

    y: float
    colors: Colors
    size: float = 1.0

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        half = self.size / 2
        edges = [self.xs[0] - half, *(place + half for place in self.xs)]
        axes.pcolormesh(
            edges, [self.y - half, self.y + half], [[each.mean for each in self.estimates]],
            cmap=COLOR_MAP, vmin=self.colors.low, vmax=self.colors.high,
        )  # fmt: skip
        axes.grid(visible=False)


@dataclass(frozen=True)
class Contour(Mark):
    """A contour at a height.

    Attributes:
      coordinates: of columns and of rows.
      heights: of the slice, row by row.
      at: which height.
    """

    coordinates: tuple[float, ...]
    heights: tuple[tuple[float, ...], ...]
    at: float
    look: Look

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        """Draws it, if the slice goes through that height."""
        if np.min(self.heights) <= self.at < np.max(self.heights):
            look = {"colors": [self.look.color], "linestyles": self.look.line, "linewidths": 1.2}
            axes.contour(self.coordinates, self.coordinates, self.heights, [self.at], **look)
        axes.plot([], [], label=self.label, color=self.look.color, linestyle=self.look.line)


@dataclass(frozen=True)
class Spot(Mark):
    """A network in a slice at its place, or the way to it from another."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    look: Look

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        line = self.look.line if len(self.xs) > 1 else "none"
        look = {"marker": self.look.marker, "markeredgecolor": "white", "markersize": 8}
        axes.plot(self.xs, self.ys, color=self.look.color, label=self.label, linestyle=line,
                  **(look if self.look.marker else {}))  # fmt: skip
