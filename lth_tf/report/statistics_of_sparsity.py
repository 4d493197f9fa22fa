"""Printed numbers that take all levels of sparsity together: lmc figs 9 and 10.

Measures as in quantities.py; the level that a paper shows is of no account here.
"""

import bisect
import math

from lth_tf.analysis import criteria as findings
from lth_tf.analysis.criteria import Onset
from lth_tf.analysis.points import at_the_end, dense_runs, of
from lth_tf.analysis.table import Spread
from lth_tf.log.schema import Row
from lth_tf.report.statistics import NEVER, Measure

_FEWEST_LEVELS = 2  # that say where something ends


def extreme_density(rows: list[Row], level: int | None) -> Spread | None:
    """Weights left at the sparsest level at which some IMP subnetwork matches, in percent.

    NEVER where none does at any level.
    """
    del level
    ends = at_the_end(rows)
    evaluations = of(ends, kind="evaluation", network="imp")
    few = len({row["level"] for row in evaluations if row["level"] > 0}) < _FEWEST_LEVELS
    if few or not dense_runs(of(ends, kind="evaluation")):
        return None
    found = findings.extreme_level(ends)
    members = of(evaluations, level=found[0]) if found else evaluations
    seeds = len({row["initialization"] for row in members})
    return Spread(100 * members[0]["density"] if found else NEVER, math.nan, seeds)


def sparsest_matching(network: str) -> Measure:
    """Weights left at the sparsest level where a majority match at any k (fig. 9), in percent.

    NEVER where at no level a majority does; samples are runs.
    """

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        del level
        onsets = _matching(at_the_end(rows), network)
        if len(onsets) < _FEWEST_LEVELS:
            return None
        found = [onset for onset in onsets if onset.median is not None]
        if not found:
            return Spread(NEVER, math.nan, onsets[0].samples)
        return Spread(100 * found[-1].density, math.nan, found[-1].samples)

    return measure


def _matching(ends: list[Row], network: str) -> list[Onset]:
    """Where subnetworks become matching, level by level; none where that cannot be known."""
    if not dense_runs(of(ends, kind="evaluation")):
        return []
    return findings.matching_from(ends, network)


def stable_when_matching(network: str, last: bool) -> Measure:
    """Weights left at the first or last level that becomes stable and matching together (fig. 9).

    In percent. Together is from the same step k, or from one that was measured next to it, by the
    medians of fig. 9; NEVER where no level does; samples are runs.
    """

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        del level
        ends = at_the_end(rows)
        steps = sorted({row["rewind_step"] for row in of(ends, network=network)})
        stable = {onset.level: onset for onset in findings.stable_from(ends, network)}
        both = [(stable[o.level], o) for o in _matching(ends, network) if o.level in stable]
        if len(both) < _FEWEST_LEVELS:
            return None
        found = [o for s, o in both if _together(s.median, o.median, steps)]
        if not found:
            return Spread(NEVER, math.nan, both[0][1].samples)
        chosen = found[-1 if last else 0]
        return Spread(100 * chosen.density, math.nan, chosen.samples)

    return measure


def _together(one: float | None, other: float | None, steps: list[int]) -> bool:
    """Whether no step that was measured lies between two medians, which need not be steps."""
    if one is None or other is None:
        return False
    low, high = sorted((one, other))
    return bisect.bisect_left(steps, high) <= bisect.bisect_right(steps, low)
