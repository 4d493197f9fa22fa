"""Straight lines across a panel: a level that others are held against, a limit, a place on x."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import Look, Mark, Scale
from lth_tf.figures.palette import place


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
        axes.axvline(place(x, self.x), label=self.label, **look)
