"""Criteria of unmasking on levels of a search: matching, connected, in a sublevel set.

Each verdict is of one replicate, and epsilon is the sample standard deviation of the test error of
dense networks, one a replicate (unmasking app. A). All take rows of one variant (see points.py),
without those that diverged; of a single replicate no epsilon is known, and so no verdict.
"""

import math
import statistics
from collections.abc import Iterable
from typing import NamedTuple

from lth_tf.analysis.criteria import meets_dense
from lth_tf.analysis.estimate import Estimate, over_initializations
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end, dense_runs
from lth_tf.log.schema import Row

_ROUNDING = 9  # digits; fractions of a data set's examples differ by more
_SAME_DENSITY = 1.02  # of a density, which counts of weights only come near to


def dense_error(rows: Iterable[Row]) -> Estimate:
    """Returns the test error of dense networks; its standard deviation is epsilon."""
    return over_initializations(dense_runs(rows), "test_error")


def matching_threshold(rows: Iterable[Row]) -> float:
    """Returns the highest error of a network that matches (def. A.2); nan if it is not known."""
    dense = dense_error(rows)
    return dense.mean + dense.std


def lines(rows: Iterable[Row], to: str, k: int | None = None) -> list[Row]:
    """Returns the lines from levels of a search: to other solutions, projections or perturbed.

    Args:
      k: the step that the search rewinds to; None for all.
    """
    found = at_the_end(where(rows, kind="connectivity", to=to))
    return found if k is None else where(found, rewind_step=k)


def successive(rows: Iterable[Row], k: int | None = None) -> list[Row]:
    """Returns the lines from each level to the next."""
    return [r for r in lines(rows, "solution", k) if r["to_level"] == r["level"] + 1]


def level_errors(rows: Iterable[Row], k: int) -> dict[tuple[int, int], float]:
    """Returns the test error of each (initialization, level), the dense network being level 0."""
    ends = at_the_end(where(rows, kind="evaluation"))
    found = split(where(ends, network=("dense", "imp"), rewind_step=k), "initialization", "level")
    return {place: statistics.fmean(row["test_error"] for row in group)
            for place, group in found.items()}  # fmt: skip


def is_at_most(error: float, limit: float) -> bool:
    """Returns whether an error is not above a limit, sums of floating point numbers aside."""
    return round(error - limit, _ROUNDING) <= 0


def is_connected(line: Row, epsilon: float) -> bool:
    """Returns whether the barrier on a line is below epsilon (def. A.1)."""
    return not is_at_most(epsilon, line["test_barrier"])


def in_sublevel_set(line: Row, epsilon: float) -> bool:
    """Returns whether a line is in the linearly connected sublevel set of its start (def. 2.1)."""
    return is_at_most(max(line["test_errors"]), line["test_errors"][0] + epsilon)


class Step(NamedTuple):
    """The verdicts on a step of a search in one replicate: from a level L to the next.

    Attributes:
      initialization, level: which replicate, and L.
      matching: whether L and L + 1 match.
      breaking: whether L does and L + 1 does not.
      connected: whether there is no barrier between the two.
      in_sublevel_set: whether L + 1 is in the sublevel set of L.
      path_matching: whether all networks on the line between them match.
      projection_inside: whether the projection of L is in its sublevel set; None if its line was
        not measured.
    """

    initialization: int
    level: int
    matching: bool
    breaking: bool
    connected: bool
    in_sublevel_set: bool
    path_matching: bool
    projection_inside: bool | None


def steps(rows: Iterable[Row], k: int) -> list[Step]:
    """Returns the steps of every replicate of the search that rewinds to k."""
    rows = list(rows)
    dense, errors = dense_error(rows), level_errors(rows, k)
    if math.isnan(dense.std):
        return []
    limit = dense.mean + dense.std
    matches = {place: is_at_most(error, limit) for place, error in errors.items()}
    projected = {(row["initialization"], row["level"]): in_sublevel_set(row, dense.std)
                 for row in lines(rows, "projection", k)}  # fmt: skip
    found = []
    for line in successive(rows, k):
        seed, level = line["initialization"], line["level"]
        if (seed, level) in matches and (seed, level + 1) in matches:
            here, following = matches[seed, level], matches[seed, level + 1]
            verdicts = (is_connected(line, dense.std), in_sublevel_set(line, dense.std))
            path = is_at_most(max(line["test_errors"]), limit)
            found.append(
                Step(seed, level, here and following, here and not following, *verdicts, path,
                     projected.get((seed, level)))
            )  # fmt: skip
    return found


def last_matching(rows: Iterable[Row], k: int) -> tuple[int, float] | None:
    """Returns level and density of the sparsest mean error that is not above the dense one's.

    To one standard deviation, as lmc fig. 7 has it; None where no level is.
    """
    rows, found = list(rows), None
    ends = at_the_end(where(rows, kind="evaluation", network="imp", rewind_step=k))
    for (level,), group in split(ends, "level").items():
        if dense_runs(rows) and meets_dense(over_initializations(group, "test_error"), rows):
            found = level, statistics.fmean(row["density"] for row in group)
    return found


def first_at_density(
    rows: Iterable[Row], k: int, network: str, density: float
) -> dict[int, tuple[int, float]]:
    """Returns, by initialization, level and test error of the first level as sparse as that."""
    ends = at_the_end(where(rows, kind="evaluation", network=network, rewind_step=k))
    found: dict[int, tuple[int, float]] = {}
    for row in sorted(ends, key=lambda row: row["level"]):
        if row["density"] <= density * _SAME_DENSITY:
            found.setdefault(row["initialization"], (row["level"], row["test_error"]))
    return found
