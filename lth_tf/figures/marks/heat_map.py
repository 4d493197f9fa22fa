"""A row of a heat map, or of a slice: numbers as colors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import COLOR_MAP, Colors, Mark, Scale


@dataclass(frozen=True)
class Cells(Mark):
    """Estimates at one height of a panel, each a colored cell around its place.

    Attributes:
      label: what the row is called, in CSV; the bar of colors stands for the legend.
      y: its height.
      xs: places on the x axis, at even distances.
      estimates: what is there.
      colors: what the colors are of.
      size: of a cell, across and up.
    """

    y: float
    xs: tuple[float, ...]
    estimates: tuple[Estimate, ...]
    colors: Colors
    size: tuple[float, float] = (1.0, 1.0)

    def points(self) -> Iterator[tuple[float | None, Estimate]]:
        yield from zip(self.xs, self.estimates, strict=True)

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        wide, high = self.size
        edges = [self.xs[0] - wide / 2, *(place + wide / 2 for place in self.xs)]
        axes.pcolormesh(
            edges, [self.y - high / 2, self.y + high / 2], [[each.mean for each in self.estimates]],
            cmap=COLOR_MAP, vmin=self.colors.low, vmax=self.colors.high,
        )  # fmt: skip
        axes.grid(visible=False)
