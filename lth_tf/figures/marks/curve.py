"""Estimates against x, joined, with their spread as bars or as a band."""

from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import Line, Look, Scale
from lth_tf.figures.palette import place


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
        xs = [place(x, each) + self.shift for each in self.xs]
        means = [place(y, each.mean) + self.rise for each in self.estimates]
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


def _to_extremes(estimates: tuple[Estimate, ...]) -> tuple[list[float], list[float]]:
    """Returns how far the smallest sample lies below each mean, and the largest above it."""
    down = [max(each.mean - each.low, 0.0) for each in estimates]
    return down, [max(each.high - each.mean, 0.0) for each in estimates]
