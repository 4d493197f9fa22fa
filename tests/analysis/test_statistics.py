"""What stands beside printed numbers: each measure from a literal table of rows, and its words."""

import math

import pytest
from synthetic import comparison, evaluation, instability

from lth_tf import papers
from lth_tf.analysis import sparsest
from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.sparsest import Sparsest
from lth_tf.analysis.statistics import (
    NEVER,
    Difference,
    Extreme,
    First,
    Matches,
    Mean,
    Ratio,
    RowFilter,
)
from lth_tf.report import words
from lth_tf.report.comparison import Comparison, beside
from lth_tf.report.groups import Group
from lth_tf.report.paper import Printed

LMC = papers.load("lmc")
assert LMC
LINES = RowFilter("instability", "imp")
LEAST = Extreme(LINES, "excess_of_train_instability", "rewind_step", "lowest")


def ends(network, k=None):
    return RowFilter("evaluation", network, k)


def alike(network, k=0):
    return RowFilter("comparison", network, k, (("networks_compared", "alike"),))


MATCHES = Matches(Difference(ends("imp", 0), ends("dense", 0), "test_error"))
PAIRS = ((1, 2), (1, 3), (2, 3))


def dense(*errors, **changes):
    return [
        evaluation("dense", i, 1, 0, 0, test_error=error, **changes)
        for i, error in enumerate(errors)
    ]


def tickets(level, by_step, network="imp", value="test_error"):
    """Evaluations: step k -> the error of each initialization."""
    return [
        evaluation(network, i, 1, k, level, **{value: error})
        for k, errors in by_step.items()
        for i, error in enumerate(errors)
    ]


def unstable(level, by_step, network="imp", value="test_instability"):
    """Step k -> instability of a pair of each initialization."""
    return [
        instability(network, i, (1, 2), k, level, **{value: height})
        for k, heights in by_step.items()
        for i, height in enumerate(heights)
    ]


def test_no_row_gives_no_number():
    assert all(printed.statistic.estimate([], None) is None for printed in LMC.printed)


def test_table_2_of_the_paper_agrees_with_the_rule_that_ours_goes_by():
    columns = {
        (n.network, p.what): n for p in LMC.printed if p.where == "Table 2" for n in p.numbers()
    }
    for key in LMC.networks:
        full, imp, drop, matching = (
            columns[key, what].value for what in ("Full", "IMP", "Δ", "IMP matching?")
        )
        assert round(full - imp, 1) == drop
        rows = [*dense(1 - full / 100), *tickets(15, {0: [1 - imp / 100]})]
        group = Group("", "", None, rows, 15, None, 1)
        ours = beside(columns[key, "IMP matching?"], group).ours
        assert ours and ours[:3] == (matching, pytest.approx(math.nan, nan_ok=True), 1), key


@pytest.mark.parametrize(("error", "matching"), [(0.0224, 1), (0.0226, 0), (0.01, 1)])
def test_a_drop_is_matching_as_the_table_rounds_it(error, matching):
    rows = [*dense(0.02, 0.02), *tickets(15, {0: (error, error)})]
    assert MATCHES.estimate(rows, 15)[:3:2] == (matching, 2)


def test_stable_from_is_of_the_set_that_is_asked_for():
    rows = unstable(15, {0: (0.03, 0.03), 9: (0.03, 0.005), 99: (0.03, 0.03)})
    rows = [row | {"train_instability": row["test_instability"] + 0.01} for row in rows]
    assert First(LINES, "stable").estimate(rows, 15)[:3:2] == (9, 2)
    assert First(LINES, "stable", "train_instability").estimate(rows, 15)[:3:2] == (
        NEVER,
        2,
    )  # pairs, not pairs times steps
    least = LEAST.estimate(rows, 15)
    assert least.mean == pytest.approx(0.01) and least.n == 2


def test_the_least_excess_is_that_of_the_step_where_it_is_least():
    rows = [
        instability("imp", 0, (1, 2), k, test_instability=0.1, train_instability=train)
        for k, train in ((0, 0.2), (9, 0.09), (99, 0.3))
    ]
    assert LEAST.estimate(rows, 15).mean == pytest.approx(-0.01)


def test_matching_from_is_within_one_standard_deviation_of_the_dense_network():
    """The dense network: 2% with a standard deviation of 1 point."""
    baseline = dense(0.01, 0.02, 0.03)
    later = tickets(15, {0: (0.04,) * 3, 9: (0.031,) * 3, 99: (0.02, 0.03, 0.04)})
    assert First(ends("imp"), "matching").estimate(baseline + later, 15)[:3:2] == (99, 3)
    never = tickets(15, {0: (0.04,) * 3, 9: (0.031,) * 3})
    assert First(ends("imp"), "matching").estimate(baseline + never, 15)[:3:2] == (NEVER, 3)
    assert First(ends("imp"), "matching").estimate(later, 15) is None  # nothing to match
    assert First(ends("random_pruning"), "matching").estimate(baseline + later, 15) is None


def test_change_of_error_is_taken_within_initializations():
    rows = tickets(15, {0: (0.05, 0.03), 9: (0.04, 0.01)}, value="train_error")
    found = Difference(ends("imp", 9), ends("imp", 0), "train_error").estimate(rows, 15)
    assert found[:3] == (pytest.approx(-0.015), pytest.approx(0.005 * math.sqrt(2)), 2)


def test_the_highest_error_on_a_line_is_of_one_set():
    row = instability("dense", level=0, train_errors=[0, 0.9, 0.1], test_errors=[0.1, 0.5, 0.2])
    for split, highest in (("test", 0.5), ("train", 0.9)):
        found = Mean(RowFilter("instability", "dense", 0), f"highest_{split}_error", "rows")
        assert found.estimate([row], None).mean == pytest.approx(highest)


LEVELS = {1: {0: (0.02,) * 3}, 2: {0: (0.05,) * 3, 9: (0.02,) * 3}, 3: {0: (0.05,) * 3}}


@pytest.mark.parametrize(
    "criterion",
    ["extreme", "matching"],
)
def test_matching_at_no_level_is_not_the_same_as_not_measured(criterion):
    """The dense network has 2% error, without a spread."""
    measure = Sparsest("imp", criterion).estimate
    baseline = dense(0.02, 0.02, 0.02)
    rows = [row for level, table in LEVELS.items() for row in tickets(level, table)]
    assert measure(baseline + rows, None)[:3:2] == (pytest.approx(0.64), 3)
    worse = [row | {"test_error": row["test_error"] + 0.01} for row in rows]
    assert measure(baseline + worse, None)[:3:2] == (NEVER, 3)
    assert measure(worse, None) is None  # nothing to match
    assert measure(baseline, None) is None
    assert measure(baseline + tickets(3, LEVELS[3]), None) is None  # one level


def test_levels_that_become_stable_and_matching_together():
    """At level 1 stable long after matching, at 2 one step after, at 3 and 4 at once, at 5 never.

    Level 6 is stable before it matches.
    """
    steps = (0, 1, 2, 3)
    low, high = (0.01,) * 3, (0.05,) * 3
    rows = dense(0.02, 0.02, 0.02)
    for level, stable, matching in (
        (1, 2, 0),
        (2, 2, 1),
        (3, 1, 1),
        (4, 2, 2),
        (5, 9, 9),
        (6, 0, 3),
    ):
        rows += unstable(level, {k: low if k >= stable else high for k in steps})
        rows += tickets(level, {k: low if k >= matching else high for k in steps})
    first, last = (Sparsest("imp", "together", w).estimate for w in ("densest", "sparsest"))
    assert first(rows, None)[:3:2] == (pytest.approx(0.64), 3)
    assert last(rows, None)[:3:2] == (pytest.approx(0.8**4), 3)
    apart = [row for row in rows if row["level"] in (0, 1, 5, 6)]
    assert first(apart, None)[:3:2] == (NEVER, 3)
    assert first([row for row in rows if row["kind"] == "evaluation"], None) is None


def test_a_median_between_two_steps_is_together_with_both():
    steps = [0, 500, 1000, 2000]
    assert sparsest._together(750, 500, steps) and sparsest._together(1000, 750, steps)
    assert not sparsest._together(750, 2000, steps)
    assert not sparsest._together(None, 0, steps)


def test_the_share_of_possible_differences_is_that_of_appendix_g():
    """11% error: at most 2,200 of 10,000 examples; 1,100 are half of them."""
    rows = [comparison("imp", 0, pair, test_differences=n) for pair, n in
            zip(PAIRS, (1000, 1100, 1200), strict=True)]  # fmt: skip
    rows += [evaluation("imp", 0, n, test_error=e) for n, e in ((1, 0.10), (2, 0.12))]
    rows += [comparison("imp", against="dense", test_differences=9)]
    found = Ratio(alike("imp"), ends("imp", 0), "test_differences", "test_error", 20_000)
    assert found.estimate(rows, 15).mean == pytest.approx(0.5) and found.estimate(rows, 15).n == 1
    assert Ratio(alike("imp", 9), ends("imp", 9), "test_differences").estimate(rows, 15) is None


def test_copies_are_held_against_those_of_another_kind_within_initializations():
    rows = [
        instability(network, i, l2_distance=far + i)
        for network, far in (("imp", 1), ("random_pruning", 3))
        for i in (0, 1)
    ]
    rows += [
        comparison(network, i, test_differences=count)
        for network, count in (("imp", 20), ("random_pruning", 40))
        for i in (0, 1)
    ]
    apart = [RowFilter("between_copies", n, 0) for n in ("imp", "random_pruning", "snip")]
    ratio = Ratio(apart[0], apart[1], "l2_distance").estimate(rows, 15)
    assert ratio.mean == pytest.approx((1 / 3 + 2 / 4) / 2) and ratio.n == 2
    ratio = Ratio(alike("imp"), alike("random_pruning"), "test_differences").estimate(rows, 15)
    assert ratio.mean == pytest.approx(0.5) and ratio.n == 2
    assert Ratio(apart[0], apart[2], "l2_distance").estimate(rows, 15) is None


@pytest.mark.parametrize(
    ("value", "unit", "relation", "ours", "paper", "in_words", "deviation"),
    [
        (2, "points", "below", 1.5, "below 2", "1.50 (3)", "holds"),
        (2, "points", "below", 2.5, "below 2", "2.50 (3)", "does not hold"),
        (0.5, "", "above", 0.6, "above 0.5", "0.6 (3)", "holds"),
        (0.5, "", "above", 0.4, "above 0.5", "0.4 (3)", "does not hold"),
        (25, "%", "about", 26, "about 25%", "26.00% (3)", "+1.00"),
        (500, "steps", "above", NEVER, "above 500", "at no k (3)", "not reached"),
        (500, "steps", "", NEVER, "500", "at no k (3)", "not reached"),
        (NEVER, "steps", "", NEVER, "at no k", "at no k (3)", "the same"),
        (NEVER, "steps", "", 500, "at no k", "500 (3)", "not the same"),
        (16.8, "%", "", NEVER, "16.8%", "none (3)", "not reached"),
    ],
)
def test_numbers_in_words(value, unit, relation, ours, paper, in_words, deviation):
    printed = Printed("Figure 2", "it", unit, MATCHES, {"lenet": value}, relation)
    (of_paper,) = printed.numbers()
    number = Comparison(of_paper, None, Estimate(ours, math.nan, 3))
    assert words.of_paper(number) == paper
    assert words.of_ours(number.ours, unit) == in_words
    assert words.of_deviation(number) == deviation
    assert math.isnan(number.deviation) == (math.inf in (value, ours))
