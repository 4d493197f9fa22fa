"""Correlation of accuracy with the size of a perturbation, over its kinds (early_phase fig. 8)."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lth_tf.analysis.estimate import Estimate, over_initializations
from lth_tf.analysis.points import where
from lth_tf.analysis.selections import at_the_end
from lth_tf.log.schema import Row

_FEWEST = 3  # points that have a correlation
_PARTS = 2000  # of the integral; Simpson's rule


class Point(NamedTuple):
    """One kind of perturbation.

    Attributes:
      network: its kind.
      deviation: effective standard deviation.
      accuracy: test accuracy at the end, of 1.
    """

    network: str
    deviation: Estimate
    accuracy: Estimate


class Correlation(NamedTuple):
    """Pearson's r of n points, and p, two-sided: how likely so large an |r| is by chance."""

    r: float
    p: float
    n: int


def perturbed(rows: Iterable[Row], networks: Sequence[str], k: int) -> list[Point]:
    """Returns the point of each kind that has rows: means over initializations.

    Args:
      rows: of one variant and one level.
      networks: kinds of network, in order.
      k: the rewinding step.
    """
    rows = where(rows, rewind_step=k)
    ends, found = at_the_end(where(rows, kind="evaluation")), []
    for network in networks:
        moved = where(rows, kind="difference", network=network, between="k_to_perturbed")
        trained = where(ends, network=network)
        if moved and trained:
            deviation = over_initializations(moved, "effective_deviation")
            accuracy = over_initializations(trained, "test_accuracy")
            found.append(Point(network, deviation, accuracy))
    return found


def correlation(points: Sequence[Point]) -> Correlation | None:
    """Returns the correlation of the means; None of fewer than 3 points, or of equal ones."""
    x, y = ([getattr(p, name).mean for p in points] for name in ("deviation", "accuracy"))
    if len(points) < _FEWEST or len(set(x)) < 2 or len(set(y)) < 2:
        return None
    r = max(-1.0, min(1.0, statistics.correlation(x, y)))
    return Correlation(r, p_value(r, len(points)), len(points))


def p_value(r: float, n: int) -> float:
    """Returns the two-sided p of Pearson's r of n points, at least 3, of normal distributions.

    It is the integral of (1 - x^2)^((n - 4) / 2) from |r| to 1 over that from 0 to 1; with
    x = sin(t), of cos(t)^(n - 3).
    """
    return _integral(math.asin(abs(r)), n - 3) / _integral(0.0, n - 3)


def _integral(start: float, power: int) -> float:
    """Returns the integral of cos(t)^power from `start` to pi / 2."""
    width = (math.pi / 2 - start) / _PARTS
    weights = [1, *([4, 2] * (_PARTS // 2))[:-1], 1]
    values = (max(0.0, math.cos(start + i * width)) ** power for i in range(_PARTS + 1))
    return width / 3 * sum(w * v for w, v in zip(weights, values, strict=True))


@dataclass(frozen=True)
class Correlated:
    """A statistic: of accuracy against the effective standard deviation of perturbations.

    Attributes:
      networks: kinds of network, a point each.
      k: the rewinding step.
      what: 'r', or 'p'.
    """

    networks: tuple[str, ...]
    k: int
    what: Literal["r", "p"]

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns it over the points; None where fewer than 3 kinds were measured."""
        found = correlation(perturbed(where(rows, level=level), self.networks, self.k))
        return found and Estimate(getattr(found, self.what), math.nan, found.n)


@dataclass(frozen=True)
class Misfit:
    """A statistic: how far some kinds lie from the line of all points, over how far others do.

    Attributes:
      networks: kinds of network, a point each.
      k: the rewinding step.
      some, others: kinds whose mean distances from the least-squares line are divided.
    """

    networks: tuple[str, ...]
    k: int
    some: tuple[str, ...]
    others: tuple[str, ...]

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns it over the points; None where some kinds were not measured."""
        points = perturbed(where(rows, level=level), self.networks, self.k)
        if correlation(points) is None:
            return None
        x, y = [p.deviation.mean for p in points], [p.accuracy.mean for p in points]
        slope, intercept = statistics.linear_regression(x, y)
        off = {p.network: abs(b - slope * a - intercept)
               for p, a, b in zip(points, x, y, strict=True)}  # fmt: skip
        if not {*self.some, *self.others} <= set(off):
            return None
        above, below = (statistics.fmean(off[n] for n in each) for each in (self.some, self.others))
        return Estimate(above / below, math.nan, len(points)) if below else None
