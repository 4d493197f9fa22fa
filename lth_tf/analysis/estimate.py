"""Estimates: mean, spread and number of samples of a number that was measured several times."""

import math
import statistics
from collections.abc import Iterable
from typing import NamedTuple

from lth_tf.analysis.points import split, value
from lth_tf.log.schema import Row


class Estimate(NamedTuple):
    """A number over samples.

    Attributes:
      mean: nan of no sample.
      std: sample standard deviation, n - 1 in the denominator; nan for n < 2.
      n: the number of samples.
      low, high: the smallest and the largest sample; nan of no sample.
    """

    mean: float
    std: float
    n: int
    low: float = math.nan
    high: float = math.nan

    def scaled(self, scale: float) -> "Estimate":
        """Returns the estimate of the number times a positive scale."""
        mean, std, low, high = (scale * x for x in (self.mean, self.std, self.low, self.high))
        return Estimate(mean, std, self.n, low, high)

    def percent(self) -> str:
        """Returns '98.17 ± 0.06' in percent; without a spread where there is one sample."""
        if self.n == 0:
            return "-"
        spread = "" if math.isnan(self.std) else f" ± {100 * self.std:.2f}"
        return f"{100 * self.mean:.2f}{spread}"


def estimate(samples: Iterable[float | None]) -> Estimate:
    """Returns the estimate over the samples that are not None (runs that diverged)."""
    numbers = [sample for sample in samples if sample is not None]
    if not numbers:
        return Estimate(math.nan, math.nan, 0)
    std = statistics.stdev(numbers) if len(numbers) > 1 else math.nan
    return Estimate(statistics.fmean(numbers), std, len(numbers), min(numbers), max(numbers))


def estimate_or_none(samples: Iterable[float]) -> Estimate | None:
    """Returns the estimate over samples; None if there are none."""
    over_samples = estimate(samples)
    return over_samples if over_samples.n else None


def by_initialization(rows: Iterable[Row], name: str) -> dict[int, float]:
    """Returns the mean of a number in the rows of each initialization."""
    return {
        seed: statistics.fmean(value(row, name) for row in own)
        for (seed,), own in split(rows, "initialization").items()
    }


def over_initializations(rows: Iterable[Row], name: str) -> Estimate:
    """Returns a number over initializations, the rows of each averaged first."""
    return estimate(by_initialization(rows, name).values())


def over_rows(rows: Iterable[Row], name: str) -> Estimate:
    """Returns a number over rows: runs, or pairs of copies."""
    return estimate(value(row, name) for row in rows)


def aggregate(rows: Iterable[Row], by: Iterable[str], name: str) -> dict[tuple, Estimate]:
    """Returns a number for each value of some fields, axes or settings, in order.

    Args:
      rows: rows that have all of them; null values are left out and not counted.
      by: such as ('network', 'rewind_step').
      name: of the number, such as 'test_error'.
    """
    return {group: over_rows(members, name) for group, members in split(rows, *by).items()}


def percent(density: float | None) -> str:
    """Returns a density as tables show it: 0.0352 as '3.52%', 1 as '100%'; None as '-'."""
    return "-" if density is None else f"{100 * density:.3g}%"
