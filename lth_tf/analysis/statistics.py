"""The statistics that papers print, as data: of which rows, of which number.

Each has a method `of`: it takes the rows of one variant (see points.py), of any steps and kinds,
without those that diverged, and the level that is shown; it returns an estimate in the unit of the
rows, or None where there are no rows for it. Samples are initializations, within each of which runs
and pairs are averaged, where nothing else is said.
"""

import bisect
import math
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lth_tf.analysis import criteria
from lth_tf.analysis.estimate import (
    Estimate,
    by_initialization,
    estimate,
    over_initializations,
    over_rows,
)
from lth_tf.analysis.points import of, split
from lth_tf.analysis.selections import at_the_end, dense_runs, source
from lth_tf.log.schema import Row

# At no step k, or no level, that was measured.
NEVER = math.inf
_FEWEST_LEVELS = 2  # that say where something ends


class Statistic(Protocol):
    """What a printed number is of."""

    def of(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns the estimate; None where there are no rows for it."""


@dataclass(frozen=True)
class Rows:
    """Which rows a statistic is of.

    Attributes:
      source: a kind of row at the end of training, or one of selections.SOURCES.
      network: kind of network; of a sparse one the level shown.
      k: the rewinding step; None for all.
      also: further fields and their values.
      steps: 'last' or 'all' (see selections.source).
    """

    source: str
    network: str
    k: int | None = None
    also: tuple[tuple[str, Any], ...] = ()
    steps: str = "last"

    def find(self, rows: list[Row], level: int | None) -> list[Row]:
        """Returns the rows."""
        wanted = {"network": self.network, "level": 0 if self.network == "dense" else level}
        if self.k is not None:
            wanted["rewind_step"] = self.k
        found = of(source(rows, self.source, self.steps), schedule="absolute")
        return of(found, **wanted, **dict(self.also))


@dataclass(frozen=True)
class Mean:
    """The mean of a number, over initializations or over rows: runs, or pairs of copies."""

    rows: Rows
    name: str
    over: Literal["initializations", "rows"] = "initializations"

    def of(self, rows: list[Row], level: int | None) -> Estimate | None:
        average = over_rows if self.over == "rows" else over_initializations
        return _known(average(self.rows.find(rows, level), self.name))


@dataclass(frozen=True)
class Difference:
    """By how much a number is higher in some rows than in others, of each initialization."""

    rows: Rows
    other: Rows
    name: str

    def of(self, rows: list[Row], level: int | None) -> Estimate | None:
        one, other = (by_initialization(each.find(rows, level), self.name)
                      for each in (self.rows, self.other))  # fmt: skip
        return _known(estimate(one[i] - other[i] for i in sorted({*one} & {*other})))


@dataclass(frozen=True)
class Matches:
    """1 if a drop, rounded to 0.1 points, is at most 0.2; 0 if not (lmc table 2)."""

    drop: Difference

    def of(self, rows: list[Row], level: int | None) -> Estimate | None:
        found = self.drop.of(rows, level)
        if found is None:
            return None
        return Estimate(float(criteria.is_matching_as_printed(found.mean)), math.nan, found.n)


@dataclass(frozen=True)
class Ratio:
    """A number of some rows divided by one of others, of each initialization.

    Attributes:
      other_name: of the other rows; '' if it is the same number.
      times: what the other number is multiplied by.
    """

    rows: Rows
    other: Rows
    name: str
    other_name: str = ""
    times: float = 1

    def of(self, rows: list[Row], level: int | None) -> Estimate | None:
        above = by_initialization(self.rows.find(rows, level), self.name)
        below = by_initialization(self.other.find(rows, level), self.other_name or self.name)
        both = [i for i in sorted({*above} & {*below}) if below[i]]
        return _known(estimate(above[i] / (self.times * below[i]) for i in both))


@dataclass(frozen=True)
class Extreme:
    """The highest or lowest mean of a number over the values of a field; samples are rows.

    Attributes:
      field: 'rewind_step' or 'step'.
      fewest: how many values of the field there must be.
    """

    rows: Rows
    name: str
    field: str
    which: Literal["highest", "lowest"]
    fewest: int = 1

    def of(self, rows: list[Row], level: int | None) -> Estimate | None:
        groups = split(self.rows.find(rows, level), self.field).values()
        found = [over_rows(group, self.name) for group in groups]
        choose = max if self.which == "highest" else min
        return choose(found, key=lambda each: each.mean) if len(found) >= self.fewest else None


@dataclass(frozen=True)
class First:
    """The first step k at which rows are stable or matching, NEVER if at none.

    Stable by the mean of an instability over pairs; matching by the mean test error over
    initializations, to one standard deviation of the dense network's (lmc fig. 7).
    """

    rows: Rows
    criterion: Literal["stable", "matching"]
    name: str = "test_instability"

    def of(self, rows: list[Row], level: int | None) -> Estimate | None:
        chosen = self.rows.find(rows, level)
        if not chosen or (self.criterion == "matching" and not dense_runs(rows)):
            return None
        for (k,), group in split(chosen, "rewind_step").items():
            if self.criterion == "stable":
                found = over_rows(group, self.name)
                fulfilled = criteria.is_stable(found.mean)
            else:
                found = over_initializations(group, "test_error")
                fulfilled = criteria.meets_dense(found, rows)
            if fulfilled:
                return Estimate(k, math.nan, found.n)
        samples = ("initialization", "noise") if self.criterion == "stable" else ("initialization",)
        return Estimate(NEVER, math.nan, len(split(chosen, *samples)))


@dataclass(frozen=True)
class Sparsest:
    """The density of a level of sparsity, a fraction of 1; NEVER where there is none.

    Attributes:
      criterion: the sparsest level that is 'extreme' (lmc fig. 10), at which some subnetwork
        matches; or 'matching', where a majority match at any k (lmc fig. 9); or 'together', which
        becomes stable and matching from the same k, or from one that was measured next to it, by
        the medians of lmc fig. 9. Samples are initializations of the first, runs of the others.
      which: the sparsest level or the densest.
    """

    network: str
    criterion: str
    which: str = "sparsest"

    def of(self, rows: list[Row], level: int | None) -> Estimate | None:
        del level
        if self.criterion == "extreme":
            return _extreme(rows, self.network)
        onsets = criteria.matching_onsets(rows, self.network)
        if self.criterion == "matching":
            found = [onset for onset in onsets if onset.median is not None]
        else:
            stable = {o.level: o for o in criteria.stable_onsets(rows, self.network)}
            onsets = [onset for onset in onsets if onset.level in stable]
            pruned = at_the_end(of(rows, network=self.network))
            steps = sorted({row["rewind_step"] for row in pruned})
            found = [o for o in onsets if _together(stable[o.level].median, o.median, steps)]
        if len(onsets) < _FEWEST_LEVELS:
            return None
        if not found:
            return Estimate(NEVER, math.nan, onsets[0].samples)
        chosen = found[-1 if self.which == "sparsest" else 0]
        return Estimate(chosen.density, math.nan, chosen.samples)


def _extreme(rows: list[Row], network: str) -> Estimate | None:
    evaluations = at_the_end(of(rows, kind="evaluation", network=network))
    few = len({row["level"] for row in evaluations if row["level"] > 0}) < _FEWEST_LEVELS
    if few or not dense_runs(rows):
        return None
    found = criteria.extreme_level(rows)
    members = of(evaluations, level=found[0]) if found else evaluations
    seeds = len({row["initialization"] for row in members})
    return Estimate(members[0]["density"] if found else NEVER, math.nan, seeds)


def _together(one: float | None, other: float | None, steps: list[int]) -> bool:
    """Returns whether no measured step lies between two medians, which need not be steps."""
    if one is None or other is None:
        return False
    low, high = sorted((one, other))
    return bisect.bisect_left(steps, high) <= bisect.bisect_right(steps, low)


def _known(found: Estimate) -> Estimate | None:
    return found if found.n else None
