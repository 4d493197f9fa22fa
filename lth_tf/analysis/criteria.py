"""Criteria of lmc: stable, matching, extreme (figs 7, 9 and 10, table 2).

All take rows of one variant (see variants.py), without those that diverged. A run that diverged at
a level is thus no sample there; the number of samples is always given.
"""

import math
import statistics
from collections.abc import Callable, Iterable
from typing import NamedTuple

from lth_tf.analysis.estimate import Estimate, estimate, over_initializations, over_rows
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import LevelName, at_the_end, dense_runs, final_evaluations, levels
from lth_tf.log.schema import Row

# Below this increase of error along the line a network counts as stable (lmc sec. 2).
STABLE = 0.02
# Below this drop of accuracy from the dense network one counts as matching (lmc fig. 9).
MATCHING = 0.002
# Fractions of a data set's examples differ by more; sums of floating point numbers by less.
_ROUNDING = 9


def is_at_most(number: float, limit: float) -> bool:
    """Returns whether a number is not above a limit, sums of floating point numbers aside."""
    return round(number - limit, _ROUNDING) <= 0


def is_stable(instability: float) -> bool:
    """Returns whether an instability, a fraction of 1, is below 2% (lmc sec. 2)."""
    return round(instability, _ROUNDING) < STABLE


def is_matching_as_printed(drop: float) -> bool:
    """Returns whether a drop, of 1, is at most 0.2 points once rounded to 0.1 (lmc table 2).

    Of VGG-16 Warmup the table prints a drop of 0.2 and 'Y'.
    """
    return round(100 * drop, 1) <= 100 * MATCHING


def is_at_chance(error: float, classes: int, examples: int) -> bool:
    """Returns whether a test error, of 1, is that of guessing, to 3 deviations (sgd_noise table 2).

    The error is over so many examples of so many classes, which are equally frequent.
    """
    chance = 1 / classes
    return 1 - error <= chance + 3 * math.sqrt(chance * (1 - chance) / examples)


def dense_error(rows: Iterable[Row]) -> Estimate:
    """Returns the test error of dense networks, over initializations."""
    return over_initializations(dense_runs(rows), "test_error")


def meets_dense(error: Estimate, rows: Iterable[Row]) -> bool:
    """Returns whether a mean error is at most the dense network's plus its standard deviation.

    So a subnetwork counts as matching in lmc figs 7 and 10.
    """
    dense = dense_error(rows)
    return is_at_most(error.mean, dense.mean + (0.0 if math.isnan(dense.std) else dense.std))


class LevelOnset(NamedTuple):
    """The step k from which the subnetworks of one level fulfill a criterion (lmc fig. 9).

    Attributes:
      density: a fraction of 1.
      median: over samples, of the first k that fulfills it; None unless a majority do at any k.
      reached: the number of samples that do at any k.
      samples: the number of samples.
    """

    level: int
    density: float
    median: float | None
    reached: int
    samples: int


def stable_onsets(rows: Iterable[Row], network: str) -> list[LevelOnset]:
    """Returns the median first k at which test instability is below 2%, level by level.

    A sample is a pair of copies of one initialization.
    """
    lines = at_the_end(where(rows, kind="instability", network=network))
    return _onsets(lines, lambda row: is_stable(row["test_instability"]))


def matching_onsets(rows: Iterable[Row], network: str) -> list[LevelOnset]:
    """Returns the median first k at which test accuracy drops by less than 0.2 points, by level.

    A sample is a copy (data order) of one initialization; what it drops from is the mean accuracy
    of the dense network's runs. There are none where that was not measured.
    """
    rows = list(rows)
    dense = over_rows(dense_runs(rows), "test_error")
    ends = final_evaluations(rows, network=network) if dense.n else []
    return _onsets(ends, lambda r: round(r["test_error"] - dense.mean, _ROUNDING) < MATCHING)


def _onsets(rows: list[Row], fulfills: Callable[[Row], bool]) -> list[LevelOnset]:
    onsets = []
    for (level, _), members in levels(rows).items():
        firsts = [
            min((row["rewind_step"] for row in sample if fulfills(row)), default=math.inf)
            for sample in split(members, "initialization", "noise").values()
        ]
        reached = sum(map(math.isfinite, firsts))
        median = statistics.median(firsts) if 2 * reached > len(firsts) else None
        density = statistics.fmean(row["density"] for row in members)
        onsets.append(LevelOnset(level, density, median, reached, len(firsts)))
    return onsets


def best_error(rows: Iterable[Row]) -> Estimate:
    """Returns the lowest test error under any rewinding step (lmc fig. 10), over initializations.

    Of every initialization that of its best k, at which its runs are averaged.
    """
    return estimate(
        min(over_rows(runs, "test_error").mean for runs in split(own, "rewind_step").values())
        for own in split(rows, "initialization").values()
    )


def extreme_level(rows: Iterable[Row]) -> LevelName | None:
    """Returns the sparsest level at which some IMP subnetwork still matches (lmc appendix A).

    It is the last at which the mean of the best accuracy under any k is not below the dense
    network's, to one standard deviation; None where there is none.
    """
    rows = list(rows)
    by_level = levels(final_evaluations(rows, network="imp"))
    matching = [name for name, runs in by_level.items() if meets_dense(best_error(runs), rows)]
    return matching[-1] if matching else None
