"""A number along a path through several networks."""

from dataclasses import dataclass
from typing import Any

from lth_tf.figures.chart import Line, Look, Scale


@dataclass(frozen=True)
class Path(Line):
    """Estimates along a path: a line with a band of one standard deviation, and its networks.

    Attributes:
      xs: places on the x axis, rising; whole numbers are networks, and are marked.
      look: how it is drawn.
    """

    look: Look

    def draw(self, axes: Any, x: Scale, y: Scale) -> None:
        means = [each.mean for each in self.estimates]
        networks = [i for i, place in enumerate(self.xs) if place == int(place)]
        color = self.look.color
        axes.plot(
            self.xs, means, color=color, label=self.label, marker=self.look.marker,
            markevery=networks, linewidth=1.2,
        )  # fmt: skip
        if any(each.n > 1 for each in self.estimates):
            low, high = zip(
                *((e.mean - e.std, e.mean + e.std) for e in self.estimates), strict=True
            )
            axes.fill_between(self.xs, low, high, color=color, alpha=0.2, linewidth=0)
