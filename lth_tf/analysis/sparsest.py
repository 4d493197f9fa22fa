"""The level of sparsity to which something holds, as a statistic (see statistics.py)."""

import bisect
import math
from dataclasses import dataclass

from lth_tf.analysis import criteria
from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end, dense_runs, final_evaluations
from lth_tf.analysis.statistics import NEVER
from lth_tf.log.schema import Row

_FEWEST_LEVELS = 2  # that say where something ends


@dataclass(frozen=True)
class Sparsest:
    """The density of a level of sparsity, a fraction of 1; NEVER where there is none.

    Attributes:
      criterion: the sparsest level that is 'extreme' (lmc fig. 10), at which some subnetwork
        matches; or 'matching', where a majority match at any k (lmc fig. 9); or 'together', which
        becomes stable and matching from the same k, or from one that was measured next to it, by
        the medians of lmc fig. 9. Samples are initializations of the first, runs of the others.
      which: the 'sparsest' level or the 'densest'.
      k: the only rewinding step that counts; None for any.
    """

    network: str
    criterion: str
    which: str = "sparsest"
    k: int | None = None

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        if self.k is not None:
            rows = [row for row in rows if row["level"] == 0 or row["rewind_step"] == self.k]
        if self.criterion == "extreme":
            return _extreme(rows)
        onsets = criteria.matching_onsets(rows, self.network)
        if self.criterion == "matching":
            fulfilled = [onset for onset in onsets if onset.median is not None]
        else:
            stable = {o.level: o.median for o in criteria.stable_onsets(rows, self.network)}
            onsets = [onset for onset in onsets if onset.level in stable]
            pruned = at_the_end(where(rows, network=self.network))
            steps = [k for (k,) in split(pruned, "rewind_step")]
            fulfilled = [o for o in onsets if _together(stable[o.level], o.median, steps)]
        if len(onsets) < _FEWEST_LEVELS:
            return None
        if not fulfilled:
            return Estimate(NEVER, math.nan, onsets[0].samples)
        chosen = fulfilled[-1 if self.which == "sparsest" else 0]
        return Estimate(chosen.density, math.nan, chosen.samples)


def _extreme(rows: list[Row]) -> Estimate | None:
    evaluations = final_evaluations(rows, network="imp")
    if len({row["level"] for row in evaluations} - {0}) < _FEWEST_LEVELS or not dense_runs(rows):
        return None
    extreme = criteria.extreme_level(rows)
    members = where(evaluations, level=extreme[0]) if extreme else evaluations
    seeds = len({row["initialization"] for row in members})
    return Estimate(members[0]["density"] if extreme else NEVER, math.nan, seeds)


def _together(one: float | None, other: float | None, steps: list[int]) -> bool:
    """Returns whether no measured step lies between two medians, which need not be steps."""
    if one is None or other is None:
        return False
    low, high = sorted((one, other))
    return bisect.bisect_left(steps, high) <= bisect.bisect_right(steps, low)
