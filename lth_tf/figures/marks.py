"""All that is drawn in panels: curves, lines across, single points, slices and heat maps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import COLOR_MAP, Colors, Look, Mark, Scale


@dataclass(frozen=True)
class Line(Mark):
    """Base of marks that have several estimates, each at a place on the x axis."""

    xs: tuple[float, ...]
    estimates: tuple[Estimate, ...]

    def points(self) -> Iterator[tuple[float | None, Estimate]]:
        yield from zip(self.xs, self.estimates, strict=True)


@dataclass(frozen=True)
class Curve(Line):
    """A line of a figure; an estimate of one sample has no bar.

    Attributes:
      spread: how a standard deviation is drawn; or 'range', bars to the smallest and the largest
        sample (stabilizing fig. 4).
      shift, rise: by how much it is moved sideways and up, so that none covers another.
      path: whether it leads through networks, at the whole places, which alone have markers.
    """

    look: Look
    spread: Literal["bars", "band", "range", "none"] = "bars"
    shift: float = 0.0
    rise: float = 0.0
    path: bool = False

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        xs = [_place(x, each) + self.shift for each in self.xs]
        means = [_place(y, each.mean) + self.rise for each in self.estimates]
        look = {"color": self.look.color, "label": self.label, "linestyle": self.look.line}
        look |= {"marker": self.look.marker, "markerfacecolor": None if self.look.filled else "w"}
        if self.path:
            look |= {"markevery": [x == int(x) for x in self.xs], "linewidth": 1.2}
        stds = [each.std for each in self.estimates]
        if self.spread in ("bars", "range"):
            bars = stds if self.spread == "bars" else _to_extremes(self.estimates)
            axes.errorbar(xs, means, yerr=bars, capsize=2, elinewidth=1, **look)
            return
        axes.plot(xs, means, **look)
        if self.spread == "band" and any(each.n > 1 for each in self.estimates):
            low = [mean - std for mean, std in zip(means, stds, strict=True)]
            high = [mean + std for mean, std in zip(means, stds, strict=True)]
            axes.fill_between(xs, low, high, color=self.look.color, alpha=0.2, linewidth=0)


def _place(scale: Scale, number: float) -> float:
    """Returns where a number lies on an axis: between steps at even distances, else itself."""
    if scale.kind != "steps":
        return number
    return float(np.interp(number, scale.values, range(len(scale.values))))


def _to_extremes(estimates: tuple[Estimate, ...]) -> tuple[list[float], list[float]]:
    """Returns how far the smallest sample lies below each mean, and the largest above it."""
    down = [max(each.mean - each.low, 0.0) for each in estimates]
    return down, [max(each.high - each.mean, 0.0) for each in estimates]


@dataclass(frozen=True)
class HorizontalLine(Mark):
    """An estimate as a line across the panel, with a band of its spread.

    Attributes:
      spread: 'bars' of one standard deviation; 'range' from the smallest sample to the largest.
    """

    estimate: Estimate
    look: Look
    spread: str = "bars"

    def points(self) -> Iterator[tuple[float | None, Estimate]]:
        yield None, self.estimate

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        mean, std, n, low, high = self.estimate
        if self.spread != "range":
            low, high = mean - std, mean + std
        color, line = self.look.color, self.look.line
        axes.axhline(mean, linewidth=1, label=self.label, color=color, linestyle=line)
        if n > 1:
            axes.axhspan(low, high, color=color, alpha=0.22, linewidth=0)


@dataclass(frozen=True)
class Limit(Mark):
    """A limit, below which something counts as stable; at least that much of the axis is shown."""

    y: float

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        axes.axhline(self.y, color="black", linestyle="--", linewidth=1, label=self.label)
        top = max(axes.get_ylim()[1], 1.2 * self.y)
        axes.set_ylim(-0.02 * top, top)


@dataclass(frozen=True)
class Vertical(Mark):
    """A place on the x axis, with the color and the style of its line."""

    x: float
    color: str = "black"
    line: str = ":"

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        look = {"color": self.color, "linestyle": self.line, "zorder": 1}
        axes.axvline(_place(x, self.x), label=self.label, **look)


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
            [_place(x, self.x.mean)], [_place(y, self.estimate.mean)], xerr=[self.x.std],
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
        xs, ys = ([_place(scale, v) for v in vs] for scale, vs in ((x, self.xs), (y, self.ys)))
        axes.plot(xs, ys, "*", color=self.look.color, markersize=11, label=self.label,
                  markeredgecolor="black", markeredgewidth=0.5)  # fmt: skip


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
