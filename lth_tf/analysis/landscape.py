"""Criteria of unmasking on levels of a search: matching, connected, in a sublevel set.

Each verdict is of one replicate, and epsilon is the sample standard deviation of the test error of
dense networks, one a replicate (unmasking app. A). All take rows of one variant (see variants.py),
without those that diverged; of a single replicate no epsilon is known, and so no verdict.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from lth_tf.analysis.criteria import dense_error, is_at_most, meets_dense
from lth_tf.analysis.estimate import over_initializations, over_rows
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end, dense_runs, final_evaluations
from lth_tf.log.schema import Row

_SAME_DENSITY = 1.02  # of a density, which counts of weights only come near to


def matching_threshold(rows: Iterable[Row]) -> float:
    """Returns the highest error of a network that matches (def. A.2); nan if it is not known."""
    dense = dense_error(rows)
    return dense.mean + dense.std


def lines(rows: Iterable[Row], to: str, k: int | None = None, network: str = "imp") -> list[Row]:
    """Returns the lines from levels of a search: to other solutions, projections or perturbed.

    Args:
      k: the step that the search rewinds to; None for all.
      network: the kind that the search finds; a perturbed dense network is one of any search.
    """
    found = where(rows, kind="connectivity", to=to, network=("dense", network))
    ends = at_the_end(found)
    return ends if k is None else where(ends, rewind_step=k)


def leads_to_next_level(row: Row) -> bool:
    """Returns whether a row is of a line from a level of a search to the solution of the next."""
    return row.get("to") == "solution" and bool(row["to_level"] == row["level"] + 1)


def successive(rows: Iterable[Row], k: int | None = None, network: str = "imp") -> list[Row]:
    """Returns the lines from each level to the next."""
    return list(filter(leads_to_next_level, lines(rows, "solution", k, network)))


def level_errors(rows: Iterable[Row], k: int, network: str = "imp") -> dict[tuple[int, int], float]:
    """Returns the test error of each (initialization, level), the dense network being level 0."""
    ends = final_evaluations(rows, network=("dense", network), rewind_step=k)
    runs = split(ends, "initialization", "level")
    return {(seed, level): over_rows(own, "test_error").mean for (seed, level), own in runs.items()}


def in_sublevel_set(line: Row, epsilon: float) -> bool:
    """Returns whether a line is in the linearly connected sublevel set of its start (def. 2.1)."""
    return is_at_most(max(line["test_errors"]), line["test_errors"][0] + epsilon)


class Step(NamedTuple):
    """The verdicts on a step of a search in one replicate: from a level L to the next.

    Attributes:
      level: L.
      matching: whether L and L + 1 match.
      breaking: whether L does and L + 1 does not.
      connected: whether the barrier between the two is below epsilon (def. A.1).
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
    epsilon, limit = dense_error(rows).std, matching_threshold(rows)
    if math.isnan(epsilon):
        return []
    matches = {place: is_at_most(error, limit) for place, error in level_errors(rows, k).items()}
    projected = {(row["initialization"], row["level"]): in_sublevel_set(row, epsilon)
                 for row in lines(rows, "projection", k)}  # fmt: skip
    verdicts = []
    for line in successive(rows, k):
        seed, level = line["initialization"], line["level"]
        here, following = matches.get((seed, level)), matches.get((seed, level + 1))
        if here is not None and following is not None:
            verdicts.append(Step(
                seed,
                level,
                matching=here and following,
                breaking=here and not following,
                connected=not is_at_most(epsilon, line["test_barrier"]),
                in_sublevel_set=in_sublevel_set(line, epsilon),
                path_matching=is_at_most(max(line["test_errors"]), limit),
                projection_inside=projected.get((seed, level)),
            ))  # fmt: skip
    return verdicts


def last_matching(rows: Iterable[Row], k: int, network: str = "imp") -> tuple[int, float] | None:
    """Returns the sparsest level that matches, and its density; None where none does.

    A level matches if its mean error is not above the dense one's by more than one standard
    deviation, as lmc fig. 7 has it.
    """
    rows, last = list(rows), None
    ends = final_evaluations(rows, network=network, rewind_step=k)
    for (level,), runs in split(ends, "level").items():
        if dense_runs(rows) and meets_dense(over_initializations(runs, "test_error"), rows):
            last = level, over_rows(runs, "density").mean
    return last


def first_at_density(rows: Iterable[Row], k: int, density: float) -> dict[int, tuple[int, float]]:
    """Returns number and test error of the adaptive search's first level as sparse as a density.

    By initialization.
    """
    ends = final_evaluations(rows, network="adaptive_imp", rewind_step=k)
    firsts: dict[int, tuple[int, float]] = {}
    for row in sorted(ends, key=lambda row: row["level"]):
        if row["density"] <= density * _SAME_DENSITY:
            firsts.setdefault(row["initialization"], (row["level"], row["test_error"]))
    return firsts
