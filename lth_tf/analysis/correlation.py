"""Correlation of accuracy with the size of a perturbation, over its kinds (early_phase fig. 8)."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lth_tf.analysis.estimate import Estimate, over_initializations
from lth_tf.analysis.points import where
from lth_tf.analysis.selections import final_evaluations
from lth_tf.log.schema import Row

_FEWEST = 3  # points that have a correlation
_PARTS = 2000  # of the integral; Simpson's rule


class Point(NamedTuple):
    """A kind of network, its effective standard deviation, and its final test accuracy, of 1."""

    network: str
    deviation: Estimate
    accuracy: Estimate


class Correlation(NamedTuple):
    """Pearson's r of n points, and p, two-sided: how likely so large an |r| is by chance."""

    r: float
    p: float
    n: int


def perturbed(rows: Iterable[Row], networks: Sequence[str], k: int) -> list[Point]:
    """Returns the points of kinds of network that have rows of step k: means over initializations.

    The rows are of one variant and one level.
    """
    rows = where(rows, rewind_step=k)
    moved = where(rows, kind="difference", between="k_to_perturbed")
    ends = final_evaluations(rows)
    points = []
    for network in networks:
        deviation = over_initializations(where(moved, network=network), "effective_deviation")
        accuracy = over_initializations(where(ends, network=network), "test_accuracy")
        if deviation.n and accuracy.n:
            points.append(Point(network, deviation, accuracy))
    return points


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
    """Pearson's r, or its p, of accuracy against effective standard deviation: a point a kind."""

    networks: tuple[str, ...]
    k: int
    what: Literal["r", "p"]

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        fit = correlation(perturbed(where(rows, level=level), self.networks, self.k))
        return fit and Estimate(getattr(fit, self.what), math.nan, fit.n)


@dataclass(frozen=True)
class Misfit:
    """The mean distance of some kinds from the line of all points, over that of other kinds.

    Attributes:
      networks: kinds of network, a point each; the line is that of least squares.
    """

    networks: tuple[str, ...]
    k: int
    some: tuple[str, ...]
    others: tuple[str, ...]

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        points = perturbed(where(rows, level=level), self.networks, self.k)
        if correlation(points) is None:
            return None
        x, y = [p.deviation.mean for p in points], [p.accuracy.mean for p in points]
        slope, intercept = statistics.linear_regression(x, y)
        distances = {p.network: abs(b - slope * a - intercept)
                     for p, a, b in zip(points, x, y, strict=True)}  # fmt: skip
        if not {*self.some, *self.others} <= {*distances}:
            return None
        above, below = (statistics.fmean(distances[network] for network in networks)
                        for networks in (self.some, self.others))  # fmt: skip
        return Estimate(above / below, math.nan, len(points)) if below else None
