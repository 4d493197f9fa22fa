"""Forms of figure: each shows the numbers that its rows have."""

import numpy as np
import pytest
from charted import FORMS, PERTURBED, POINTS, chart_of, lines
from synthetic import (
    ALPHAS,
    evaluation,
    gradient,
    instability,
    settings,
    study,
    weights,
)

from lth_tf.figures import render
from lth_tf.figures.curves import Curves
from lth_tf.figures.perturbed import AgainstDeviation
from lth_tf.figures.standard import (
    charts,
)
from lth_tf.figures.telemetry import QUANTITIES, AlongTraining
from lth_tf.log.fields import network_kinds


def test_the_interpolation_shows_the_mean_over_pairs():
    pairs = [instability(noise=noise) for noise in ((1, 2), (1, 3))]
    chart = chart_of("error_along_interpolation", pairs)
    found = lines(chart)
    expected = 100 * np.mean([row["test_errors"] for row in pairs], axis=0)
    xs, means = zip(*found["IMP, k = 0", "test error"], strict=True)
    np.testing.assert_allclose(means, expected)
    np.testing.assert_allclose(xs, ALPHAS)
    assert list(found) == [("IMP, k = 0", "test error"), ("IMP, k = 0", "train error")]
    ((panel,),) = chart.panels
    mean = 100 * np.mean([row["test_instability"] for row in pairs])
    assert panel.note.startswith(f"test instability {mean:.2f}")


def test_loss_through_training_has_a_band_over_runs():
    rows = [
        evaluation("dense", i, 0, level=0, step=step, train_loss=2 / step, test_loss=i + 3 / step)
        for i in (0, 1)
        for step in (4, 2, 1)
    ]
    found = lines(chart_of("loss_through_training", rows))
    assert found["", "train loss"] == [(1, 2), (2, 1), (4, 0.5)]
    assert found["", "test loss"] == [(1, 3.5), (2, 2), (4, 1.25)]
    assert not list(charts(FORMS["loss_through_training"], rows[:2], ""))


def test_a_figure_asks_for_the_lines_that_it_shows():
    form = Curves("", "instability", ("test_instability",), "", only={"network": ("imp", "dense")})
    assert [(line.name, line.sample, line.several_k) for line in form.wanted()] == [
        ("IMP", "pair", True),
        ("Dense", "pair", True),
    ]


def test_densities_of_one_shot_pruning_are_one_line():
    rows = [
        evaluation(level=1, density=d, settings=settings("imp", **{"MaskSearch.fraction": 1 - d}))
        for d in (0.5, 0.25, 0.125)
    ]
    found = lines(chart_of("accuracy_against_density", rows))
    assert {line: [x for x, _ in points] for (_, line), points in found.items()} == {
        "IMP": [50, 25, 12.5]
    }


def test_probes_of_a_dense_network_alone_are_in_no_figure_against_density():
    axes = {"block": 2, "target": "digits", "searched_with": "momentum 0, batch 100"}
    row = evaluation("trained_dense", level=0, density=1.0, axes=axes)
    assert [*charts(FORMS["accuracy_against_density"], [row], "about")] == []
    ticket = evaluation("imp", level=1, density=0.8, axes=axes)
    assert lines(chart_of("accuracy_against_density", [row, ticket]))


def test_a_kind_of_network_of_ones_own_is_drawn():
    kinds = (evaluation() | {"network": name} for name in ("wanda", "imp"))
    rows = [evaluation("dense", level=0), *kinds]
    assert [line for _, line in lines(chart_of("accuracy_against_density", rows))] == [
        *("Dense", "IMP", "wanda")
    ]


def test_telemetry_has_a_panel_for_each_quantity_and_a_line_for_each_single_weight():
    rows = [
        each
        for i in range(3)
        for t in (0, 10, 500, 4000, 8000)
        for each in (
            weights(initialization=i, step=t),
            gradient(i, t),
            evaluation("dense", i, 0, 0, 0, step=t, test_error=0.9 - t / 10000),
        )
    ]
    (chart,) = AlongTraining().charts(rows, "about")
    panels = {panel.title: panel for line in chart.panels for panel in line}
    assert list(panels) == [q.title for q in QUANTITIES]
    (accuracy,) = panels["Accuracy"].marks
    assert {x: each.mean for x, each in accuracy.points()} == pytest.approx(
        {0: 10, 10: 10.1, 500: 15, 4000: 50}
    )
    assert len(panels["Single weights"].marks) == 10
    assert [mark.label for mark in panels["L2 distance"].marks] == [
        "to the initial weights",
        "to the final weights",
    ]
    assert not list(AlongTraining().charts([r for r in rows if r["kind"] == "evaluation"], ""))
    assert render.png(chart).startswith(b"\x89PNG")


def test_single_weights_are_those_of_one_run():
    values = ((0, 0, 0.1), (0, 10, 0.2), (0, 20, 0.3), (1, 0, 0.8), (1, 10, 0.9))
    rows = [weights(noise=noise, step=t, weight_values=[value]) for noise, t, value in values]
    (chart,) = AlongTraining().charts(rows, "about")
    points = [p for p in chart.points() if p.panel == "Single weights"]
    assert [(p.x, p.mean) for p in points] == [(0, 0.1), (10, 0.2), (20, 0.3)]


def test_perturbations_are_points_with_r_p_and_n():
    (chart,) = AgainstDeviation().charts(PERTURBED, "about")
    ((panel,),) = chart.panels
    assert panel.title == "k = 500" and panel.note.startswith("r = -0.9") and "n = 3" in panel.note
    names = {kind.name: kind.title for kind in network_kinds().values()}
    found = {mark.label: next(mark.points()) for mark in panel.marks}
    for name, (error, deviation) in POINTS.items():
        x, y = found[names[name]]
        assert (x, y.mean) == (pytest.approx(deviation), pytest.approx(99.9 - 100 * error))
    assert render.png(chart).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", list(FORMS))
def test_rows_of_perturbed_networks_are_in_no_line_of_other_networks(name):
    """Every line that is there without them is the same with them."""
    rows = [row for row in study((0, 500)) if row["initialization"] < 2]
    rows += [evaluation("dense", 0, 0, level=0, step=s) for s in (0, 9, 99, 24000)]
    rows += [weights(step=s) for s in (0, 9, 99, 24000)]
    level = [row | {"level": 15, "density": 0.8**15} for row in PERTURBED]
    one, both = (
        {
            (ending, *point[:4]): point[5:]
            for ending, chart in charts(FORMS[name], found, "")
            for point in chart.points()
        }
        for found in (rows, rows + level)
    )
    assert {place: str(both[place]) for place in one} == {p: str(v) for p, v in one.items()}
    titles = {kind.title for kind in network_kinds().values() if kind.name in POINTS}
    assert {place[2] for place in set(both) - set(one)} <= titles
