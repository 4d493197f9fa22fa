"""Figures against axes of one's own: what lies on them, and what is kept apart."""

import pytest
from charted import chart_of, lines
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from synthetic import distance, evaluation, gradient, instability, settings

from lth_tf.figures import style
from lth_tf.figures.standard import (
    charts,
    figures_of,
)


def test_an_axis_of_ones_own_is_an_x_axis():
    rows = [evaluation(axes={"sigma": sigma}, test_error=sigma / 10) for sigma in (0.1, 0.5)]
    (figure,) = [f for f in figures_of(rows) if f.number == "test_error_against_sigma"]
    # Those of other experiments, which have no such axis, have no place on it.
    ((_, chart),) = charts(
        figure.form, [*rows, evaluation(), evaluation("dense", level=0)], "about"
    )
    assert chart.x.name == "sigma"
    assert lines(chart) == {("k = 0", "IMP"): [(0.1, pytest.approx(1)), (0.5, pytest.approx(5))]}
    # Elsewhere they are no replicates.
    found = lines(chart_of("accuracy_against_density", rows))
    assert list(found) == [("k = 0", "IMP, sigma 0.1"), ("k = 0", "IMP, sigma 0.5")]


def test_a_setting_that_says_what_the_axis_does_keeps_nothing_apart_on_it():
    rows = [
        evaluation(
            axes={"sigma": sigma},
            test_error=sigma / 10,
            settings=settings("imp", **{"Jitter.sigma": sigma, "Constant.rate": rate}),
        )
        for rate in (0.1, 0.2)
        for sigma in (0.1, 0.5)
    ]
    (figure,) = [f for f in figures_of(rows) if f.number == "test_error_against_sigma"]
    ((_, chart),) = charts(figure.form, rows, "about")
    expected = [(0.1, pytest.approx(1)), (0.5, pytest.approx(5))]
    assert lines(chart) == {
        ("k = 0", f"IMP, Constant.rate {rate}"): expected for rate in (0.1, 0.2)
    }
    # A setting of the same name with values of its own does.
    apart = [
        row | {"settings": row["settings"] | {"Other.sigma": 1 + i}} for i, row in enumerate(rows)
    ]
    ((_, chart),) = charts(figure.form, apart, "about")
    assert len(lines(chart)) == 4


def test_on_an_axis_of_ones_own_rows_of_other_networks_are_figures_of_their_own():
    rows = [
        distance(between, noise=(1,)) | {"axes": {"sigma": sigma}, "l2_distance": length}
        for between, length in (("initialization_to_k", 1.0), ("k_to_end", 5.0))
        for sigma in (0.1, 0.5)
    ]
    names = {f.number: f for f in figures_of(rows) if f.number.startswith("l2_distance_against")}
    found = {
        name.partition("-")[2]: [p.mean for _, c in charts(f.form, rows, "") for p in c.points()]
        for name, f in names.items()
    }
    assert found == {"initialization_to_k": [1, 1], "k_to_end": [5, 5]}


@pytest.mark.parametrize("name", ["step_size", "level_of_noise"])
def test_an_axis_of_ones_own_has_no_ticks_of_steps_or_levels(name):
    rows = [evaluation(axes={name: x}) for x in (0.1, 0.5)]
    (figure,) = [f for f in figures_of(rows) if f.number == f"test_error_against_{name}"]
    ((_, chart),) = charts(figure.form, rows, "about")
    axes = Figure().add_subplot()
    axes.set_xlim(0.1, 0.5)
    style.apply(axes, chart.x, "x")
    assert isinstance(axes.xaxis.get_major_formatter(), ScalarFormatter)
    assert len(axes.get_xticks()) > 2


@pytest.mark.parametrize("row, samples", [(gradient, "runs"), (instability, "pairs")])
def test_samples_on_an_axis_are_runs_or_pairs_as_the_kind_of_row_has_it(row, samples):
    noise = len(row()["noise"])
    rows = [row() | {"axes": {"sigma": sigma}, "key": str(i) * 64, "noise": [i, i + 1][:noise]}
            for sigma in (0.1, 0.5) for i in (1, 2)]  # fmt: skip
    figure = figures_of(rows)[-1]
    ((_, chart),) = charts(figure.form, rows, "about")
    assert f"of 2 {samples} a point" in chart.notes[1]
