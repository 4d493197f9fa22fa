"""Statistics of tickets whose search, training and task may differ, from made rows."""

import math

import numpy as np
import pytest
from noisy_tickets import PAPER, evaluation, line, tickets

from lth_tf.analysis.criteria import is_at_chance
from lth_tf.analysis.densities import densities_as_levels
from lth_tf.analysis.sparse_training import Accuracy, Onset, Rows, Value, with_guesses
from lth_tf.papers.sgd_noise.networks import CLASSES, TESTS
from lth_tf.report import report

FLAT = {"searched_with": "momentum 0, batch 256", "search_share": 1.0, "examples": 1.0}


def test_a_run_that_diverged_keeps_its_own_density():
    """Another setting may have pruned otherwise at the same level."""
    lost, other = (evaluation((0.9, 100), 0.8, level=1) | {"density": d} for d in (0.5, 0.4))
    (found, _) = with_guesses([lost | {"status": "diverged", "test_error": None}, other], CLASSES)
    assert (found["density"], found["test_error"], found["status"]) == (0.5, 0.9, "done")


@pytest.mark.parametrize("by", ["level", "fraction"])
def test_a_search_that_diverged_gets_the_density_of_its_own_fraction(by):
    """Of one-shot pruning every density is of level 1: the rows differ in MaskSearch.fraction."""
    lost = {"status": "diverged", "test_error": None, "density": None}
    rows = [
        evaluation((0.9, 100), 0.8, level=1, seed=seed, more={"MaskSearch.fraction": 1 - density})
        | {"density": density}
        for density in (0.5, 0.2, 0.05)
        for seed in (0, 1)
    ]
    rows[3] |= lost
    if by == "level":
        rows = densities_as_levels(rows)
        assert [row["level"] for row in rows] == [1, 1, 2, 2, 3, 3]
    found = with_guesses(rows, CLASSES)[3]
    assert (found["density"], found["test_error"], found["status"]) == (0.2, 0.9, "done")


def test_a_search_that_diverged_where_others_have_several_densities_has_none():
    """As a ratio that is decided on the way leaves them."""
    rows = [evaluation((0.9, 100), 0.8, level=1, seed=seed) | {"density": density}
            for seed, density in enumerate((0.5, 0.4, None))]  # fmt: skip
    rows[2] |= {"status": "diverged", "test_error": None}
    assert with_guesses(rows, CLASSES) == rows


def test_runs_that_did_not_converge_are_in_the_mean():
    statistic = Accuracy(Rows(level=5), CLASSES, TESTS)
    found = statistic.estimate(list(tickets(0.537, 0.537, 0.1)), None)
    assert found.mean == pytest.approx((0.537 + 0.537 + 0.1) / 3) and found.n == 3
    diverged = list(tickets(0.537, 0.537, 0.9, statuses=("done", "done", "diverged")))
    assert statistic.estimate(diverged, None).mean == pytest.approx(found.mean)
    assert statistic.is_starred(list(tickets(0.537, 0.537, 0.1))) and statistic.is_starred(diverged)
    assert not statistic.is_starred(list(tickets(0.537, 0.537, 0.12)))
    sigma = math.sqrt(0.1 * 0.9 / 10_000)
    assert is_at_chance(0.9, 10, 10_000) and not is_at_chance(0.9 - 4 * sigma, 10, 10_000)


def test_chance_is_of_as_many_images_as_a_dataset_has():
    """A fifth of EuroSAT's 27,000, of which guessing may have 11.2 %, not the 10.9 % of 10,000."""
    rows = list(tickets(0.11, 0.112, 0.5))
    assert not Accuracy(Rows(level=5), CLASSES, TESTS).is_starred(rows)
    rows = [row | {"dataset": "eurosat/rgb, 32 x 32"} for row in rows]
    assert Accuracy(Rows(level=5), CLASSES, TESTS).is_starred(rows)


def test_what_diverged_on_a_dataset_of_ones_own_is_left_out():
    """What guessing has there is not known."""
    rows = list(tickets(0.5, 0.7, 0.9, statuses=("done", "done", "diverged")))
    rows = [row | {"dataset": "mine"} for row in rows]
    found = Accuracy(Rows(level=5), CLASSES, TESTS).estimate(rows, None)
    assert (found.mean, found.n) == (pytest.approx(0.6), 2)
    assert Accuracy(Rows(level=5), CLASSES, TESTS).estimate(rows[2:], None) is None
    assert report.make(rows, PAPER, None).comparisons


def test_searches_in_another_setting_are_told_apart_and_unlike_rows_are_not_averaged():
    plain = [evaluation((0.0, 100), 0.6, level=5)]
    other = [evaluation((0.0, 100), 0.7, level=5, axes=FLAT | {"search_share": 0.39})]
    short = [evaluation((0.0, 100), 0.8, level=5, axes=FLAT | {
        "searched_with": "momentum 0, batch 100", "search_share": 0.1})]  # fmt: skip
    rows = [*plain, *other, *short]

    def mean(**how):
        return Accuracy(Rows(level=5, **how), CLASSES, TESTS).estimate(rows, None).mean

    assert mean() == pytest.approx(0.6)
    assert mean(searched_with="momentum 0, batch 256", search_share=None) == pytest.approx(0.7)
    assert mean(search_share=0.1) == pytest.approx(0.8)
    unlike = [*plain, evaluation((0.0, 100), 0.9, level=5, seed=1, more={"Cosine.end": 7})]
    assert Accuracy(Rows(level=5), CLASSES, TESTS).estimate(unlike, None) is None


def test_pretraining_is_of_two_epochs_where_copies_start_from_other_steps_too():
    statistic = Value(Rows("instability", "dense", rewinding="rewound"), "test_instability")
    rows = [line((0.9, 100), height, k=k, seed=seed) for seed in range(3)
            for k, height in ((1000, 0.4), (50_000, 0.1))]  # fmt: skip
    assert statistic.estimate(rows, None).mean == pytest.approx(0.4)
    assert statistic.estimate(rows[1::2], None).mean == pytest.approx(0.1)
    others = [line((0.9, 100), 0.1, k=k) for k in (2000, 50_000)]
    assert statistic.estimate(others, None) is None


def test_two_clocks_are_not_averaged_and_that_which_goes_on_counts():
    """As of copies from k, trained for T - k steps, and for T."""
    rows = [evaluation((0.9, 100), accuracy, k=1000, seed=seed) | {"schedule": schedule}
            for schedule, accuracy in (("absolute", 0.9), ("restarted", 0.5))
            for seed in range(3)]  # fmt: skip
    statistic = Accuracy(Rows(network="dense", rewinding="rewound"), CLASSES, TESTS)
    rows = [row | {"network": "dense"} for row in rows]
    assert statistic.estimate(rows, None).mean == pytest.approx(0.9)
    assert statistic.estimate(rows[3:], None).mean == pytest.approx(0.5)


def test_the_first_stable_epoch_is_of_the_end_of_training_and_of_one_clock():
    heights = {500 * 17: 0.03, 500 * 18: 0.01}
    rows = [line((0.9, 100), height, k=k) for k, height in heights.items()]
    on_the_way = [row | {"step": 50_000, "test_instability": 0.1} for row in rows]
    again = [row | {"schedule": "restarted", "test_instability": 0.1} for row in rows]
    assert Onset().estimate([*rows, *on_the_way, *again], None).mean == 18


def test_the_first_stable_epoch_is_between_one_that_is_not_and_one_that_is():
    heights = {0: {500 * 17: 0.03, 500 * 18: 0.01, 500 * 50: 0.0}, 1: {0: 0.01},
               2: {500 * 19: 0.05, 500 * 20: 0.01, 500 * 100: 0.0}}  # fmt: skip
    rows = [line((0.9, 100), height, seed=seed, k=k)
            for seed, by_step in heights.items() for k, height in by_step.items()]  # fmt: skip
    found = Onset().estimate(rows, None)
    assert (found.mean, found.n) == (pytest.approx((18 + 0 + 20) / 3), 3)
    assert found.std == pytest.approx(np.std([18, 0, 20]))  # n in the denominator
    gap = [line((0.9, 100), h, k=k) for k, h in ((500 * 10, 0.03), (500 * 18, 0.01))]
    assert Onset().estimate(gap, None) is None
