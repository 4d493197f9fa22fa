"""Figs 9 and 10 of lmc, derived from literal tables of rows."""

import math

import pytest
from synthetic import evaluation, instability

from lth_tf.analysis.answers import answers
from lth_tf.analysis.criteria import (
    best_error,
    extreme_level,
    matching_onsets,
    stable_onsets,
)
from lth_tf.analysis.landscape import last_matching

LOW, HIGH = 0.0199, 0.0201


def instabilities(table, level=15, network="imp"):
    """Rows of a table: sample (initialization, noise) -> instability by k."""
    return [
        instability(network, i, noise, k, level, test_instability=value)
        for (i, noise), by_step in table.items()
        for k, value in by_step.items()
    ]


@pytest.mark.parametrize(
    ("first", "second", "third", "median", "reached"),
    [
        ({0: LOW, 9: LOW}, {0: LOW, 9: LOW}, {0: LOW, 9: LOW}, 0, 3),
        ({0: HIGH, 9: LOW}, {0: HIGH, 9: LOW}, {0: LOW, 9: LOW}, 9, 3),
        ({0: HIGH, 9: LOW}, {0: LOW, 9: LOW}, {0: LOW, 9: LOW}, 0, 3),
        ({0: HIGH, 9: HIGH}, {0: LOW, 9: LOW}, {0: HIGH, 9: LOW}, 9, 2),  # a majority
        ({0: HIGH, 9: HIGH}, {0: HIGH, 9: HIGH}, {0: LOW, 9: LOW}, None, 1),  # no majority
        ({0: LOW, 9: HIGH}, {0: LOW, 9: HIGH}, {0: HIGH, 9: HIGH}, 0, 2),  # the first, not for good
        ({0: 0.02, 9: LOW}, {0: 0.02, 9: LOW}, {0: 0.02, 9: LOW}, 9, 3),  # below 2%
    ],
)
def test_the_median_of_the_first_stable_step(first, second, third, median, reached):
    samples = ((0, (1, 2)), (0, (1, 3)), (1, (1, 2)))
    rows = instabilities(dict(zip(samples, (first, second, third), strict=True)))
    (onset,) = stable_onsets(rows, "imp")
    assert (onset.level, onset.median, onset.reached, onset.samples) == (15, median, reached, 3)
    assert onset.density == pytest.approx(0.8**15)
    assert stable_onsets(rows, "random_pruning") == []


def test_half_of_the_samples_are_no_majority():
    half = instabilities({(0, (1, 2)): {0: LOW}, (1, (1, 2)): {0: HIGH}})
    assert stable_onsets(half, "imp")[0].median is None
    three = half + instabilities({(2, (1, 2)): {0: HIGH, 4: LOW}, (3, (1, 2)): {0: HIGH, 8: LOW}})
    assert stable_onsets(three, "imp")[0].median == 6  # of 0, 4, 8 and never


def test_the_median_of_the_first_matching_step():
    """The dense network has 2% error, at its first k, whatever a later one gives."""
    dense = [evaluation("dense", i, n, 0, 0, test_error=e) for i, n, e in
             ((0, 1, 0.01), (0, 2, 0.02), (1, 1, 0.02), (1, 2, 0.03))]  # fmt: skip
    later = [evaluation("dense", 0, 1, 9, 0, test_error=0.5)]
    tickets = [
        evaluation("imp", i, n, k, level, test_error=error)
        for i, n, level, by_step in (
            (0, 1, 1, (0.0219, 0.01)),
            (0, 2, 1, (0.0221, 0.0219)),
            (1, 1, 1, (0.022, 0.021)),  # a drop of 0.2 is not below it
            (0, 1, 2, (0.03, 0.03)),
            (0, 2, 2, (0.03, 0.021)),
            (1, 1, 2, (0.03, 0.03)),
        )
        for k, error in zip((0, 9), by_step, strict=True)
    ]
    one, two = matching_onsets(dense + later + tickets, "imp")
    assert (one.level, one.median, one.reached, one.samples) == (1, 9, 3, 3)
    assert (two.level, two.median, two.reached, two.samples) == (2, None, 1, 3)


def test_the_best_error_is_of_each_initializations_best_step():
    errors = {
        (0, 0): (0.03, 0.05),
        (0, 9): (0.01, 0.03),
        (1, 0): (0.02, 0.04),
        (1, 9): (0.09, 0.09),
    }
    rows = [
        evaluation("imp", i, n, k, test_error=error)
        for (i, k), both in errors.items()
        for n, error in enumerate(both)
    ]
    best = best_error(rows)
    # 0.02 at step 9 for initialization 0, 0.03 at step 0 for initialization 1.
    assert best.n == 2 and best.mean == pytest.approx(0.025)
    assert best.std == pytest.approx(math.sqrt(2) * 0.005)


def accuracies(level, by_step):
    return [
        evaluation("imp", i, 1, k, level, test_error=error)
        for k, errors in by_step.items()
        for i, error in enumerate(errors)
    ]


DENSE = [evaluation("dense", i, 1, 0, 0, test_error=e) for i, e in enumerate((0.018, 0.02, 0.022))]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({1: {0: (0.02,) * 3}, 2: {0: (0.0219,) * 3}, 3: {0: (0.0221,) * 3}}, 2),
        ({1: {0: (0.03,) * 3, 9: (0.02,) * 3}, 2: {0: (0.03,) * 3, 9: (0.03,) * 3}}, 1),
        ({1: {0: (0.03,) * 3}, 2: {0: (0.02,) * 3}}, 2),
        ({1: {0: (0.022,) * 3}}, 1),  # exactly one standard deviation
        ({1: {0: (0.03,) * 3}}, None),
    ],
)
def test_the_extreme_level_is_the_last_that_meets_the_dense_band(levels, expected):
    """The dense network: 2% with a standard deviation of 0.2 points."""
    rows = DENSE + [row for level, table in levels.items() for row in accuracies(level, table)]
    found = extreme_level(rows)
    assert (found and found[0]) == expected


def test_networks_that_were_trained_for_less_long_are_not_compared_with_the_dense_network():
    """Of one log with dense networks of two lengths of training, and tickets of the shorter."""
    short = [evaluation("dense", i, 1, 0, 0, step=9, test_error=0.03 + i / 1000) for i in (0, 1)]
    longer = [evaluation("dense", i, 1, 0, 0, step=99, test_error=0.05) for i in (0, 1)]
    tickets = [evaluation("imp", i, 1, 0, 15, step=9, test_error=0.04) for i in (0, 1)]
    assert extreme_level([*short, *tickets]) is None
    assert extreme_level([*short, *longer, *tickets]) is None
    assert matching_onsets([*short, *longer, *tickets], "imp") == []
    assert last_matching([*short, *longer, *tickets], 0) is None
    assert not any("matching" in line for line in answers([*short, *longer, *tickets]))
