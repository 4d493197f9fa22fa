"""What stands beside printed numbers: each measure from a literal table of rows, and its words."""

import math

import pytest
from synthetic import comparison, evaluation, instability

from lth_tf import papers
from lth_tf.analysis.table import Spread
from lth_tf.report import statistics as q
from lth_tf.report import statistics_of_copies as copies
from lth_tf.report import statistics_of_sparsity as sparsity
from lth_tf.report import words as wording
from lth_tf.report.comparison import Compared
from lth_tf.report.paper import Printed

LMC = papers.load("lmc")
PAIRS = ((1, 2), (1, 3), (2, 3))


def dense(*errors, **changes):
    return [
        evaluation("dense", i, 1, 0, 0, test_error=error, **changes)
        for i, error in enumerate(errors)
    ]


def tickets(level, by_step, network="imp", value="test_error"):
    """Evaluations: step k -> the error of each initialisation."""
    return [
        evaluation(network, i, 1, k, level, **{value: error})
        for k, errors in by_step.items()
        for i, error in enumerate(errors)
    ]


def unstable(level, by_step, network="imp", value="test_instability"):
    """Step k -> instability of a pair of each initialisation."""
    return [
        instability(network, i, (1, 2), k, level, **{value: height})
        for k, heights in by_step.items()
        for i, height in enumerate(heights)
    ]


def test_no_row_gives_no_number():
    assert all(printed.measure([], None) is None for printed in LMC.printed)


def test_table_2_of_the_paper_agrees_with_the_rule_that_ours_goes_by():
    columns = {(n.network, n.what): n for n in LMC.printed if n.where == "Table 2"}
    for key in LMC.networks:
        full, imp, drop, matching = (
            columns[key, what].value for what in ("Full", "IMP", "Δ", "IMP matching?")
        )
        assert round(full - imp, 1) == drop
        rows = [*dense(1 - full / 100), *tickets(15, {0: [1 - imp / 100]})]
        ours = columns[key, "IMP matching?"].measure(rows, 15)
        assert ours == (matching, pytest.approx(math.nan, nan_ok=True), 1), key


@pytest.mark.parametrize(("error", "matching"), [(0.0224, 1), (0.0226, 0), (0.01, 1)])
def test_a_drop_is_matching_as_the_table_rounds_it(error, matching):
    rows = [*dense(0.02, 0.02), *tickets(15, {0: (error, error)})]
    assert q.matching(rows, 15)[::2] == (matching, 2)


def test_stable_from_is_of_the_set_that_is_asked_for():
    rows = unstable(15, {0: (0.03, 0.03), 9: (0.03, 0.005), 99: (0.03, 0.03)})
    rows = [row | {"train_instability": row["test_instability"] + 0.01} for row in rows]
    assert q.stable_from("imp")(rows, 15)[::2] == (9, 2)
    assert q.stable_from("imp", "train_instability")(rows, 15)[::2] == (q.NEVER, 6)
    least = q.least_excess_on_training_set("imp")(rows, 15)
    assert least.mean == pytest.approx(1) and least.n == 2


def test_the_least_excess_is_that_of_the_step_where_it_is_least():
    rows = [
        instability("imp", 0, (1, 2), k, test_instability=0.1, train_instability=train)
        for k, train in ((0, 0.2), (9, 0.09), (99, 0.3))
    ]
    assert q.least_excess_on_training_set("imp")(rows, 15).mean == pytest.approx(-1)


def test_matching_from_is_within_one_standard_deviation_of_the_dense_network():
    """The dense network: 2% with a standard deviation of 1 point."""
    baseline = dense(0.01, 0.02, 0.03)
    later = tickets(15, {0: (0.04,) * 3, 9: (0.031,) * 3, 99: (0.02, 0.03, 0.04)})
    assert q.matching_from("imp")(baseline + later, 15)[::2] == (99, 3)
    never = tickets(15, {0: (0.04,) * 3, 9: (0.031,) * 3})
    assert q.matching_from("imp")(baseline + never, 15)[::2] == (q.NEVER, 3)
    assert q.matching_from("imp")(later, 15) is None  # nothing to match
    assert q.matching_from("random_pruning")(baseline + later, 15) is None


def test_change_of_error_is_taken_within_initialisations():
    rows = tickets(15, {0: (0.05, 0.03), 9: (0.04, 0.01)}, value="train_error")
    found = q.change_of_error("imp", 9, "train_error")(rows, 15)
    assert found == (pytest.approx(-1.5), pytest.approx(0.5 * math.sqrt(2)), 2)


def test_the_highest_error_on_a_line_is_of_one_set():
    row = instability("dense", level=0, train_errors=[0, 0.9, 0.1], test_errors=[0.1, 0.5, 0.2])
    assert q.highest_error_between("dense", 0)([row], None).mean == pytest.approx(50)
    train = q.highest_error_between("dense", 0, "train_errors")
    assert train([row], None).mean == pytest.approx(90)


LEVELS = {1: {0: (0.02,) * 3}, 2: {0: (0.05,) * 3, 9: (0.02,) * 3}, 3: {0: (0.05,) * 3}}


@pytest.mark.parametrize(
    "measure",
    [sparsity.extreme_density, sparsity.sparsest_matching("imp")],
    ids=["extreme_density", "sparsest_matching"],
)
def test_matching_at_no_level_is_not_the_same_as_not_measured(measure):
    """The dense network has 2% error, without a spread."""
    baseline = dense(0.02, 0.02, 0.02)
    rows = [row for level, table in LEVELS.items() for row in tickets(level, table)]
    assert measure(baseline + rows, None)[::2] == (pytest.approx(64), 3)
    worse = [row | {"test_error": row["test_error"] + 0.01} for row in rows]
    assert measure(baseline + worse, None)[::2] == (q.NEVER, 3)
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
    first, last = (sparsity.stable_when_matching("imp", last) for last in (False, True))
    assert first(rows, None)[::2] == (pytest.approx(64), 3)
    assert last(rows, None)[::2] == (pytest.approx(100 * 0.8**4), 3)
    apart = [row for row in rows if row["level"] in (0, 1, 5, 6)]
    assert first(apart, None)[::2] == (q.NEVER, 3)
    assert first([row for row in rows if row["kind"] == "evaluation"], None) is None


def test_a_median_between_two_steps_is_together_with_both():
    steps = [0, 500, 1000, 2000]
    assert sparsity._together(750, 500, steps) and sparsity._together(1000, 750, steps)
    assert not sparsity._together(750, 2000, steps)
    assert not sparsity._together(None, 0, steps)


def test_the_share_of_possible_differences_is_that_of_appendix_g():
    """11% error: at most 2,200 of 10,000 examples; 1,100 are half of them."""
    rows = [comparison("imp", 0, pair, test_differences=n) for pair, n in
            zip(PAIRS, (1000, 1100, 1200), strict=True)]  # fmt: skip
    rows += [evaluation("imp", 0, n, test_error=e) for n, e in ((1, 0.10), (2, 0.12))]
    rows += [comparison("imp", against="dense", test_differences=9)]
    found = copies.share_of_possible_differences("imp", 0, 10_000)(rows, 15)
    assert found.mean == pytest.approx(50) and found.n == 1
    assert copies.share_of_possible_differences("imp", 1000, 10_000)(rows, 15) is None


def test_copies_are_held_against_those_of_another_kind_within_initialisations():
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
    ratio = copies.distance_over_that_of("random_pruning", "imp", 0)(rows, 15)
    assert ratio.mean == pytest.approx((1 / 3 + 2 / 4) / 2) and ratio.n == 2
    ratio = copies.differences_over_those_of("random_pruning", "imp", 0)(rows, 15)
    assert ratio.mean == pytest.approx(0.5) and ratio.n == 2
    assert copies.distance_over_that_of("random_reinitialization", "imp", 0)(rows, 15) is None


@pytest.mark.parametrize(
    ("value", "unit", "relation", "ours", "paper", "words", "deviation"),
    [
        (2, "points", "below", 1.5, "below 2", "1.50 (3)", "holds"),
        (2, "points", "below", 2.5, "below 2", "2.50 (3)", "does not hold"),
        (0.5, "", "above", 0.6, "above 0.5", "0.6 (3)", "holds"),
        (0.5, "", "above", 0.4, "above 0.5", "0.4 (3)", "does not hold"),
        (25, "%", "about", 26, "about 25%", "26.00% (3)", "+1.00"),
        (500, "steps", "above", q.NEVER, "above 500", "at no k (3)", "not reached"),
        (500, "steps", "", q.NEVER, "500", "at no k (3)", "not reached"),
        (q.NEVER, "steps", "", q.NEVER, "at no k", "at no k (3)", "the same"),
        (q.NEVER, "steps", "", 500, "at no k", "500 (3)", "not the same"),
        (16.8, "%", "", q.NEVER, "16.8%", "none (3)", "not reached"),
    ],
)
def test_numbers_in_words(value, unit, relation, ours, paper, words, deviation):
    measure = lambda rows, level: None  # noqa: E731
    printed = Printed("Figure 2", "lenet", "it", value, unit, measure, relation=relation)
    number = Compared(printed, None, Spread(ours, math.nan, 3))
    assert wording.of_paper(number) == paper
    assert wording.of_ours(number.ours, unit) == words
    assert wording.of_deviation(number) == deviation
    assert math.isnan(number.deviation) == (math.inf in (value, ours))
