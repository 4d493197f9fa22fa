"""The statistics that papers print, as data: of which rows, of which number.

Each has a method `estimate`: it takes the rows of one variant (see variants.py), of any steps and
kinds, without those that diverged, and the level that is shown; it returns an estimate in the unit
of the rows, or None where there are no rows for it. Samples are initializations, within each of
which runs and pairs are averaged, where nothing else is said.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from lth_tf.analysis import criteria
from lth_tf.analysis.estimate import (
    Estimate,
    by_initialization,
    estimate_or_none,
    over_initializations,
    over_rows,
)
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import dense_runs, source
from lth_tf.log.schema import Row

# At no step k, or no level, that was measured.
NEVER = math.inf


class Statistic(Protocol):
    """A number that is computed from rows, as a paper prints it."""

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns the estimate; None where there are no rows for it."""


@runtime_checkable
class Starred(Protocol):
    """A statistic of runs some of which may have stayed at chance (sgd_noise table 2)."""

    def is_starred(self, rows: list[Row]) -> bool:
        """Returns whether one of the runs that are averaged has the error of guessing."""


@dataclass(frozen=True)
class RowFilter:
    """A choice of rows: of a kind of network; of a sparse one those of the level that is shown.

    Attributes:
      source, steps: see selections.source.
      k: the rewinding step; 'last' for the latest after 0; None for all.
      also: further fields and their values.
    """

    source: str
    network: str
    k: int | Literal["last"] | None = None
    also: tuple[tuple[str, Any], ...] = ()
    steps: str = "last"

    def find(self, rows: list[Row], level: int | None) -> list[Row]:
        """Returns those of some rows, at the level that is shown."""
        own_level = 0 if self.network == "dense" else level
        chosen = where(source(rows, self.source, self.steps), schedule="absolute")
        chosen = where(chosen, network=self.network, level=own_level, **dict(self.also))
        if self.k is None:
            return chosen
        if self.k != "last":
            return where(chosen, rewind_step=self.k)
        last = max((row["rewind_step"] for row in chosen), default=0)
        return where(chosen, rewind_step=last) if last else []


def _furthest(estimates: list[Estimate], which: Literal["highest", "lowest"]) -> Estimate:
    choose = max if which == "highest" else min
    return choose(estimates, key=lambda estimate: estimate.mean)


@dataclass(frozen=True)
class Mean:
    """The mean of a number, over initializations or over rows: runs, or pairs of copies."""

    rows: RowFilter
    name: str
    over: Literal["initializations", "rows"] = "initializations"

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        average = over_rows if self.over == "rows" else over_initializations
        mean = average(self.rows.find(rows, level), self.name)
        return mean if mean.n else None


@dataclass(frozen=True)
class Difference:
    """A number of some rows less the same of others, of each initialization."""

    rows: RowFilter
    other: RowFilter
    name: str

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        one, other = (by_initialization(chosen.find(rows, level), self.name)
                      for chosen in (self.rows, self.other))  # fmt: skip
        return estimate_or_none(one[i] - other[i] for i in sorted({*one} & {*other}))


@dataclass(frozen=True)
class Matches:
    """1 if a drop, rounded to 0.1 points, is at most 0.2; 0 if not (lmc table 2)."""

    drop: Difference

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        drop = self.drop.estimate(rows, level)
        if drop is None:
            return None
        return Estimate(float(criteria.is_matching_as_printed(drop.mean)), math.nan, drop.n)


@dataclass(frozen=True)
class Ratio:
    """A number of some rows divided by one of others, of each initialization.

    Attributes:
      other_name: of the other rows; '' if it is the same number.
      times: a factor of the other number.
    """

    rows: RowFilter
    other: RowFilter
    name: str
    other_name: str = ""
    times: float = 1

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        above = by_initialization(self.rows.find(rows, level), self.name)
        below = by_initialization(self.other.find(rows, level), self.other_name or self.name)
        both = [i for i in sorted({*above} & {*below}) if below[i]]
        return estimate_or_none(above[i] / (self.times * below[i]) for i in both)


@dataclass(frozen=True)
class Quotient:
    """One statistic divided by another: of their means, so that no spread is known.

    The column Comp of stabilizing figs 3 and 10 is one of two means.
    """

    one: Statistic
    other: Statistic

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        above, below = self.one.estimate(rows, level), self.other.estimate(rows, level)
        if above is None or below is None or not below.mean:
            return None
        return Estimate(above.mean / below.mean, math.nan, min(above.n, below.n))


@dataclass(frozen=True)
class Over:
    """The highest or lowest mean of a statistic over two steps k or more, or levels of sparsity.

    Dense networks are there at every step and level.
    """

    statistic: Statistic
    field: Literal["rewind_step", "level"]
    which: Literal["highest", "lowest"]

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        estimates = []
        for value in sorted({row[self.field] for row in rows if row["level"]}):
            at = value if self.field == "level" else level
            chosen = [row for row in rows if row["level"] == 0 or row[self.field] == value]
            if (estimate := self.statistic.estimate(chosen, at)) is not None:
                estimates.append(estimate)
        return _furthest(estimates, self.which) if len(estimates) > 1 else None


@dataclass(frozen=True)
class Extreme:
    """The highest or lowest mean of a number over the values of a field, if there are so many.

    Samples are rows.
    """

    rows: RowFilter
    name: str
    field: str
    which: Literal["highest", "lowest"]
    fewest: int = 1

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        groups = split(self.rows.find(rows, level), self.field).values()
        means = [over_rows(members, self.name) for members in groups]
        return _furthest(means, self.which) if len(means) >= self.fewest else None


@dataclass(frozen=True)
class First:
    """The first step k at which rows are stable or matching, NEVER if at none.

    Stable by the mean of an instability over pairs; matching by the mean test error over
    initializations, to one standard deviation of the dense network's (lmc fig. 7).
    """

    rows: RowFilter
    criterion: Literal["stable", "matching"]
    name: str = "test_instability"

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        chosen = self.rows.find(rows, level)
        if not chosen or (self.criterion == "matching" and not dense_runs(rows)):
            return None
        for (k,), members in split(chosen, "rewind_step").items():
            if self.criterion == "stable":
                mean = over_rows(members, self.name)
                fulfilled = criteria.is_stable(mean.mean)
            else:
                mean = over_initializations(members, "test_error")
                fulfilled = criteria.meets_dense(mean, rows)
            if fulfilled:
                return Estimate(k, math.nan, mean.n)
        samples = ("initialization", "noise") if self.criterion == "stable" else ("initialization",)
        return Estimate(NEVER, math.nan, len(split(chosen, *samples)))
