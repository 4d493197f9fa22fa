"""Verdicts and statistics of unmasking, from made lines and planes of a search."""

import pytest
from pruned_search import EPSILON, ROWS, SEEDS, K, adaptive
from synthetic import connectivity, instability, plane

from lth_tf.analysis import criteria, landscape
from lth_tf.analysis.landscape_statistics import (
    Barrier,
    DenseInstability,
    ErrorRise,
    HighestBarrier,
    Retraining,
    Share,
    Sublevel,
)


def value(statistic, rows=ROWS):
    found = statistic.estimate(list(rows), None)
    return None if found is None else (found.mean, found.n)


def test_epsilon_is_the_deviation_of_dense_runs_from_the_first_k():
    dense = criteria.dense_error(ROWS)
    assert (dense.std, dense.n) == (pytest.approx(EPSILON), 4)
    assert landscape.matching_threshold(ROWS) == pytest.approx(0.023 + EPSILON)


def test_verdicts_are_of_each_replicate():
    steps = landscape.steps(ROWS, K)
    assert len(steps) == 4 * 4
    by_level = {step.level: step for step in steps if step.initialization == 2}
    matching = [by_level[level].matching for level in range(4)]
    assert matching == [True, True, False, False]
    assert [by_level[level].breaking for level in range(4)] == [False, False, True, False]
    # Barriers below epsilon, 0.0026: that of the second step alone.
    assert [by_level[level].connected for level in range(4)] == [False, True, False, False]
    # Level 3 is worse than level 2 by more than epsilon.
    assert [by_level[level].in_sublevel_set for level in range(4)] == [False, True, False, False]
    assert [by_level[level].projection_inside for level in range(4)] == [True, False, False, False]
    assert [by_level[level].path_matching for level in range(4)] == [False, True, False, False]


@pytest.mark.parametrize(
    ("verdict", "among", "share"),
    [
        ("connected", "all", 0.25),
        ("connected", "sparse", 1 / 3),
        ("connected", "matching", 0.5),
        ("matching", "sparse", 1 / 3),
        ("connected_iff_matching", "sparse", 1.0),
        ("connected_iff_matching", "all", 0.75),
        ("in_sublevel_set_iff_matching", "sparse", 1.0),
        ("in_sublevel_set", "breaking", 0.0),
        ("projection_inside", "first", 1.0),
        ("projection_inside", "last", 0.0),
    ],
)
def test_shares_are_counted_step_by_step(verdict, among, share):
    assert value(Share(verdict, K, among)) == (pytest.approx(share), 4)


def test_no_barrier_and_a_worse_end_are_two_verdicts():
    rows = [r for r in ROWS if r["kind"] == "evaluation"]
    rows += [connectivity(2, 3, seed, K, ends=(0.023, 0.033)) for seed in SEEDS]
    assert value(Share("connected", K), rows)[0] == 1.0
    assert value(Share("in_sublevel_set", K), rows)[0] == 0.0
    assert value(Share("connected_iff_matching", K), rows)[0] == 0.0


def test_of_one_replicate_nothing_is_known():
    rows = [row for row in ROWS if row["initialization"] == 0]
    assert landscape.steps(rows, K) == []
    for statistic in (Share("connected", K), Barrier(K), HighestBarrier(K), Sublevel(K)):
        assert value(statistic, rows) is None
    assert value(Share("connected", 7)) is None


def test_barriers_are_over_epsilon():
    assert value(Barrier(K))[0] == pytest.approx(0.004 / EPSILON)
    assert value(Barrier(K, 1, 4))[0] == pytest.approx(0.03 / EPSILON)
    # Between levels 1 and 2 alone both match.
    assert value(HighestBarrier(K))[0] == pytest.approx(0.001 / EPSILON)
    earlier = [connectivity(0, 1, seed, 0, height=0.3) for seed in SEEDS]
    assert value(Barrier(0, less_k=K), [*ROWS, *earlier])[0] == pytest.approx(0.296 / EPSILON)
    moved = [connectivity(0, 0, seed, K, "perturbed", height=0.2) for seed in SEEDS]
    assert value(Barrier(K, 0, 0, "perturbed"), [*ROWS, *moved])[0] == pytest.approx(0.2 / EPSILON)
    copies = [
        instability("dense", seed, rewind_step=K, level=0, barrier="from_line_between_ends",
                    test_instability=0.1)
        for seed in SEEDS
    ]  # fmt: skip
    assert value(DenseInstability(K), [*ROWS, *copies])[0] == pytest.approx(0.1 / EPSILON)
    assert value(ErrorRise(K, 4))[0] == pytest.approx(0.02 / EPSILON)


def test_a_sublevel_set_is_the_share_of_a_plane():
    at = [0.0, 0.5, 1.0]
    first = [[0.02, 0.02, 0.9], [0.02, 0.9, 0.9], [0.02, 0.02, 0.02]]
    last = [[0.03, 0.9, 0.9], [0.9, 0.9, 0.9], [0.033, 0.9, 0.9]]
    planes = [
        plane(level, 1, K, coordinates=at, plane_errors=grid)
        for level, grid in ((3, last), (0, first))
    ]
    assert value(Sublevel(K), [*ROWS, *planes]) == (pytest.approx((6 - 2) / 9), 1)
    shorter = plane(4, 1, K, coordinates=at, plane_errors=first, step=9)  # another length
    assert value(Sublevel(K), [*ROWS, *planes, shorter])[0] == pytest.approx((6 - 2) / 9)


def test_retraining_saved_counts_the_dense_network():
    rows = [*ROWS, *(r for s in SEEDS for r in adaptive(s, [(0.63, 0.024), (0.3, 0.03)]))]
    assert landscape.last_matching(rows, K) == (2, pytest.approx(0.64))
    assert value(Retraining("fixed", K), rows) == (2, 4)
    assert value(Retraining("adaptive", K), rows) == (1, 4)
    assert value(Retraining("saved", K), rows) == (pytest.approx(1 - 2 / 3), 4)
    assert value(Retraining("error", K), rows)[0] == pytest.approx(0.001 / EPSILON)
    assert pytest.approx(0.33, abs=0.01) == 1 - (7 + 1) / (11 + 1)  # the paper's
