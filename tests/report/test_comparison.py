"""A paper's numbers and pictures, beside those of a log."""

import math
import statistics

import pytest
from lenet_report import LMC, make, points_of, rows
from synthetic import evaluation

from lth_tf import papers
from lth_tf.analysis.estimate import Estimate
from lth_tf.report import words
from lth_tf.report.comparison import Comparison
from lth_tf.report.paper import Text


@pytest.fixture(scope="module")
def made():
    return make(rows())


def test_the_numbers_beside_a_picture_are_those_of_the_log(made):
    table = points_of(made, "figure_03.csv")
    assert len(table) == 4  # two steps, test and train
    for line in table:
        field = "test_instability" if line["panel"] == "test set" else "train_instability"
        values = [
            100 * row[field]
            for row in rows()
            if row["kind"] == "instability"
            and (row["network"], row["rewind_step"]) == ("dense", int(line["x"]))
        ]
        assert (line["network"], line["line"], line["samples"]) == ("LeNet", "Dense", "9")
        assert float(line["mean"]) == pytest.approx(statistics.fmean(values))
        assert float(line["std"]) == pytest.approx(statistics.stdev(values))
        assert (line["x_name"], line["y_name"]) == ("step k", "instability (%)")


def test_the_numbers_of_an_interpolation_are_told_apart_by_network_and_step(made):
    table = points_of(made, "figure_20.csv")
    line = next(
        p for p in table if (p["panel"], p["line"], p["x"]) == ("IMP, k = 500", "test error", "0.5")
    )
    chosen = [
        r for r in rows()
        if r["kind"] == "instability" and (r["network"], r["rewind_step"]) == ("imp", 500)
    ]  # fmt: skip
    middle = [100 * r["test_errors"][r["alphas"].index(0.5)] for r in chosen]
    assert float(line["mean"]) == pytest.approx(statistics.fmean(middle))
    assert line["samples"] == "9"


def test_a_printed_number_stands_beside_ours_with_its_deviation(made):
    (full,) = [
        number
        for number in made.comparisons
        if (number.number.printed.where, number.number.printed.what, number.number.network)
        == ("Table 2", "Full", "lenet")
    ]
    by_seed = [
        statistics.fmean(
            100 * (1 - r["test_error"])
            for r in rows()
            if r["kind"] == "evaluation" and r["initialization"] == i
            and (r["network"], r["rewind_step"], r["step"]) == ("dense", 0, 24000)
        )
        for i in range(3)
    ]  # fmt: skip
    assert full.ours[:3] == pytest.approx((statistics.fmean(by_seed), statistics.stdev(by_seed), 3))
    assert full.deviation == pytest.approx(statistics.fmean(by_seed) - 98.3)
    errors = statistics.stdev(by_seed) / 3**0.5
    assert full.standard_errors == pytest.approx(full.deviation / errors)


def test_standard_errors_take_in_the_papers_own_spread():
    printed = next(iter(LMC.printed[0].numbers()))
    number = Comparison(printed, None, Estimate(98.0, 0.3, 9))
    assert number.standard_errors == pytest.approx(-0.3 / (0.1**2 / 3 + 0.3**2 / 9) ** 0.5)


@pytest.mark.parametrize("where", ["Table 1", "Table 15"])
def test_a_spread_that_is_not_over_samples_gives_no_standard_errors(where):
    """Of forgetting events it is over examples; of first stable epochs n is in the denominator."""
    paper = papers.load("sgd_noise")
    printed = next(printed for printed in paper.printed if printed.where == where)
    number = Comparison(next(iter(printed.numbers())), None, Estimate(20.0, 0.5, 3))
    assert number.number.std > 0 and math.isnan(number.standard_errors)


def test_numbers_of_networks_that_are_not_in_the_log_are_open(made):
    assert all((n.group is None) == (n.number.network != "lenet") for n in made.comparisons)
    lines = points_of(made, "printed.csv")
    assert len(lines) == 261
    assert {line["ours"] for line in lines if line["network"] == "VGG-16"} == {""}


def test_every_printed_number_belongs_to_a_figure_and_a_network_of_it():
    items = {item.name: item for item in LMC.items if not isinstance(item, Text)}
    for printed in LMC.printed:
        assert set(printed.values) <= set(items[printed.where].networks), printed


def test_samples_a_point_are_of_one_setting_and_one_place_on_an_axis():
    """Pictures of sgd_noise show all settings of a network, and probes on several blocks."""
    rows = [
        evaluation(initialization=seed, noise=noise, settings=own, axes=axes)
        for own in ({"Momentum.momentum": 0.0}, {"Momentum.momentum": 0.9})
        for axes in ({}, {"block": 4}, {"block": 8})
        for seed in (0, 1)
        for noise in (1, 2)
    ]
    assert words.of_rows(rows) == "2 initializations, 4 samples a point, k = 0"
