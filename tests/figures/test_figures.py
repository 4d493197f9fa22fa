"""Figures: the right ones are drawn, with the right numbers, the same bytes each time."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from synthetic import (
    ALPHAS,
    comparison,
    connectivity,
    curvature,
    difference,
    distance,
    evaluation,
    gradient,
    instability,
    plane,
    settings,
    stability,
    study,
    weights,
)

from lth_tf.figures import render, style
from lth_tf.figures.against_density import AgainstDensity, DensityLine
from lth_tf.figures.by_setting import BySetting
from lth_tf.figures.chart import Chart, Look, as_csv, in_words
from lth_tf.figures.curves import Curves
from lth_tf.figures.palette import slug
from lth_tf.figures.perturbed import AgainstDeviation
from lth_tf.figures.standard import (
    STANDARD,
    charts,
    figures_of,
    named_charts,
    notes,
    of_same_settings,
)
from lth_tf.figures.telemetry import QUANTITIES, AlongTraining
from lth_tf.log.fields import network_kinds
from lth_tf.report import report

FORMS = {figure.number: figure.form for figure in STANDARD}
NAMES = {kind.name: kind.title for kind in network_kinds().values()}
NULLS: dict[str, Any] = dict.fromkeys(("train_error", "test_error", "train_loss", "test_loss"))


def chart_of(name: str, rows) -> Chart:
    ((_, chart),) = charts(FORMS[name], list(rows), "about")
    return chart


def lines(chart: Chart) -> dict[tuple[str, str], list[tuple[Any, float]]]:
    """(panel, line) -> (x, mean) of each point."""
    found: dict[tuple[str, str], list[tuple[Any, float]]] = {}
    for point in chart.points():
        found.setdefault((point.panel, point.line), []).append((point.x, point.mean))
    return found


def test_a_whole_study_gives_the_figures_it_has_rows_for(tmp_path):
    paths = render.save(named_charts(study()), tmp_path / "figures")
    about = "-lenet_300_100-mnist"
    level = f"{about}-level_15-3.52_percent.png"
    assert [path.name for path in paths] == [
        f"accuracy_against_density{about}.png",
        "error_along_interpolation" + level,
        "instability_against_rewinding_step" + level,
        "error_against_rewinding_step" + level,
        f"extreme_sparsity{about}.png",
        f"error_at_every_level{about}.png",
        "weight_distances" + level,
    ]
    assert sorted(paths) == sorted((tmp_path / "figures").iterdir())
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in paths)
    # What is drawn no more goes.
    few = render.save(named_charts([instability("dense", level=0)]), tmp_path / "figures")
    assert sorted(few) == sorted((tmp_path / "figures").iterdir()) and len(few) == 3


def test_the_same_rows_give_the_same_bytes(tmp_path):
    rows = [row for row in study((0,)) if row["level"] in (0, 15)]
    first = [path.read_bytes() for path in render.save(named_charts(rows), tmp_path / "a")]
    assert first == [path.read_bytes() for path in render.save(named_charts(rows), tmp_path / "b")]


def test_pictures_drawn_by_several_processes_are_those_of_one():
    """In a process of its own, which has no TensorFlow."""
    program = f"""
import os, sys
sys.path.insert(0, {str(Path(synthetic.__file__).parent)!r})
import coarse
from synthetic import study
from lth_tf.figures import render
from lth_tf.figures.standard import named_charts
rows = (row for row in study((0,)) if row["level"] in (0, 15))
charts = [each.chart for each in named_charts(rows)]
os.sched_getaffinity = lambda _: {{0, 1}}
assert "tensorflow" not in sys.modules and len(charts) > 3
pngs = render.pngs(charts)
assert os.times().children_user > 0
assert pngs == [render.png(chart) for chart in charts]
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_diverged_is_said_and_in_no_figure():
    rows = [evaluation(status="diverged", diverged_at=7, **NULLS), evaluation(noise=3)]
    said: list[str] = []
    notes(rows, said.append)
    assert said == ["1 measurements diverged and are in no figure"]
    assert {point.samples for each in named_charts(rows) for point in each.chart.points()} == {1}


def test_learning_rates_are_lines_of_their_own_named_by_what_differs():
    rows = [
        evaluation(network, i, level=level, test_error=error + i / 1000)
        | {"settings": settings(network, **{"Constant.rate": rate})}
        for rate, error in ((0.0012, 0.02), (0.01, 0.05))
        for i in (0, 1)
        for network, level in (("dense", 0), ("imp", 1), ("imp", 2))
    ]
    found = lines(chart_of("accuracy_against_density", rows))
    assert list(found) == [
        ("k = 0", f"{name}, Constant.rate {rate}")
        for rate in ("0.0012", "0.01")
        for name in ("Dense", "IMP")
    ]
    assert [mean for _, mean in found["k = 0", "IMP, Constant.rate 0.01"]] == pytest.approx(
        [94.95] * 3
    )


def test_searches_with_other_fractions_share_the_dense_network_and_have_lines_of_their_own():
    rows = [evaluation("dense", level=0)] + [
        evaluation(level=level, density=(1 - fraction) ** level)
        | {"settings": settings("imp", **{"MaskSearch.fraction": fraction})}
        for fraction in (0.1, 0.5)
        for level in (1, 2)
    ]
    found = lines(chart_of("accuracy_against_density", rows))
    assert list(found)[0] == ("k = 0", "Dense") and len(found) == 3
    xs = {line: [x for x, _ in points] for (_, line), points in found.items()}
    assert xs["IMP, MaskSearch.fraction 0.1"] == pytest.approx([100, 90, 81])
    assert xs["IMP, MaskSearch.fraction 0.5"] == pytest.approx([100, 50, 25])


def test_a_figure_of_one_level_is_of_one_density():
    """Searches with other fractions have other densities there, at level 1 too."""
    rows = [
        instability(level=level, density=(1 - fraction) ** level, test_instability=height)
        | {"settings": settings("imp", **{"MaskSearch.fraction": fraction})}
        for fraction, height in ((0.2, 0.01), (0.5, 0.3))
        for level in (1, 2)
    ]
    name = "instability_against_rewinding_step"
    found = {
        ending: list(lines(chart)["test set", "IMP"])
        for ending, chart in charts(FORMS[name], rows, "about")
    }
    assert found == {
        f"-level_{level}_percent": [(0, pytest.approx(height))]
        for level, height in (("1-80", 1), ("1-50", 30), ("2-64", 1), ("2-25", 30))
    }


def test_two_definitions_of_instability_are_lines_of_their_own():
    rows = [instability(test_instability=0.55), instability(statistics="reestimate")]
    found = lines(chart_of("instability_against_rewinding_step", rows))
    assert found["test set", "IMP, statistics interpolate"] == [(0, pytest.approx(55))]


@pytest.mark.parametrize("name", list(FORMS))
def test_no_figure_mixes_settings(name):
    """With a second setting every figure has the points of the first one, and as many again."""
    rows = [row for row in study((0, 500)) if row["initialization"] == 0 and row["level"] in
            (0, 1, 2, 3, 15)]  # fmt: skip
    rows += [instability(level=level, rewind_step=k) for level in (1, 2, 3) for k in (0, 500)]
    rows += [instability("dense", level=0, step=s, rewind_step=k) for s in (9, 99) for k in (0, 5)]
    rows += [instability("dense", level=0, schedule="restarted", rewind_step=k) for k in (0, 500)]
    rows += [distance(b, noise=n) for b, n in (("initialization_to_k", (0,)), ("k_to_end", (1,)))]
    rows += [distance(), comparison(), comparison(against="dense")]
    rows += [evaluation("dense", 0, 0, level=0, step=s) for s in (0, 9, 99, 24000)]
    rows += [*(connectivity(*ends) for ends in ((0, 1), (1, 2), (0, 2))), plane()]
    rows += [evaluation("adaptive_imp", level=1), stability(), stability("pruning", noise=(1,))]
    rows += [weights(step=s) for s in (0, 9, 99, 24000)]
    rows += [*PERTURBED, *(curvature(step=s) for s in (0, 100))]
    other = [
        row | {"settings": row["settings"] | {"Constant.rate": 0.5}, "key": row["key"][::-1]}
        for row in rows
    ]
    one, both = (
        [point for _, chart in charts(FORMS[name], found, "") for point in chart.points()]
        for found in (rows, rows + other)
    )
    assert one, "no chart is tried"
    assert len(both) == 2 * len(one)
    assert sorted({p.samples for p in both}) == sorted({p.samples for p in one})
    assert all("Constant.rate" in point.line for point in both)


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


def test_many_rewinding_steps_go_on_several_pages():
    rows = [instability(rewind_step=step) for step in range(7)]
    drawn = dict(charts(FORMS["error_along_interpolation"], rows, ""))
    assert [ending[-7:] for ending in drawn] == ["-page_1", "-page_2"]
    assert [len(chart.panels) for chart in drawn.values()] == [5, 2]


def test_accuracy_is_drawn_at_its_density_from_dense_to_sparse():
    rows = [
        evaluation("dense", 0, level=0, test_error=0.02),
        evaluation("dense", 1, level=0, test_error=0.04),
        evaluation("imp", 0, level=15, test_error=0.1),
        evaluation("imp", 1, level=15, test_error=0.3),
    ]
    chart = chart_of("accuracy_against_density", rows)
    axes = render.draw(chart).axes[0]
    low, high = axes.get_xlim()
    assert low > high and axes.get_xscale() == "log"
    bars: Any = next(c for c in axes.containers if c.get_label() == "IMP")
    np.testing.assert_allclose(bars.lines[0].get_xdata(orig=False), [100, 100 * 0.8**15])
    np.testing.assert_allclose(bars.lines[0].get_ydata(orig=False), [97, 80])


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


def test_instability_has_evenly_spaced_steps_and_the_line_of_stability():
    rows = [instability(rewind_step=step, test_instability=0.1) for step in (0, 2000, 100)]
    axes = render.draw(chart_of("instability_against_rewinding_step", rows)).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "100", "2K"]
    points: Any = axes.containers[0]
    np.testing.assert_allclose(points.lines[0].get_xdata(orig=False), [0, 1, 2])
    np.testing.assert_allclose(points.lines[0].get_ydata(orig=False), [10, 10, 10])
    stable = next(line for line in axes.get_lines() if line.get_label() == "stable below 2%")
    assert list(stable.get_ydata()) == pytest.approx([2, 2])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a $ b$^{2_$", "größer <b> & 50 %", "\\alpha \n x", "_hidden"])
def test_names_are_text_everywhere(name, tmp_path):
    rows = [row | {"model": name, "dataset": name} for row in study((0,)) if row["level"] == 0]
    rows += [instability() | {"network": name, "model": name, "dataset": name}]
    with style.context():
        for each in named_charts(rows):
            render.draw(each.chart).draw_without_rendering()
            assert each.chart.points() and name.split()[0] in each.chart.notes[0]
    paths = render.save(list(named_charts(rows))[:1], tmp_path)
    assert all(path.name.isascii() for path in paths)


def test_a_long_name_stays_within_the_picture_and_the_file_system(tmp_path):
    models = [f"Model(width={'1' * 300}, depth={depth})" for depth in (1, 2)]
    rows = [instability(model=model) for model in models]
    names = [each.name for each in named_charts(rows)]
    assert len(set(names)) == 6 and all(len(name) < 200 for name in names)
    figure = render.draw(next(iter(named_charts(rows))).chart)
    edges = [text.get_window_extent() for text in figure.texts]
    assert all(edge.x0 >= 0 and edge.x1 <= figure.bbox.x1 for edge in edges)


def test_names_that_differ_in_left_out_letters_have_files_of_their_own():
    assert slug("LeNet 300-100") == "lenet_300_100"
    assert len({slug("netz ä"), slug("netz ö"), slug("netz"), slug("$"), slug("ß")}) == 5
    assert slug("shift 0.5, rate 1e-05") == "shift_0_5_rate_1e_05"
    assert slug("shift -0.5") != slug("shift 0.5")


def test_names_that_differ_in_capitals_have_files_of_their_own():
    rows = [instability(model=model, test_instability=height)
            for model, height in (("net", 0.1), ("Net", 0.3))]  # fmt: skip
    assert len({each.name.lower() for each in named_charts(rows)}) == 6
    pictures = report.make_own(rows).pictures
    assert len({picture.name for picture in pictures}) == len(pictures) == 6


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


def test_what_was_asked_for_is_drawn_with_others_of_its_settings_alone():
    slow = [evaluation(), instability()]
    fast = [row | {"settings": settings("imp", **{"Constant.rate": 1.0}), "key": row["key"][::-1]}
            for row in slow]  # fmt: skip
    assert of_same_settings(slow + fast, slow[:1]) == slow
    assert of_same_settings(slow + fast, fast[:1]) == fast


def test_csv_and_words_are_of_the_same_points():
    points = chart_of("instability_against_rewinding_step", study()).points()
    text = as_csv([("LeNet", point) for point in points])
    assert len(text.splitlines()) == 1 + len(points)
    assert in_words(points).startswith("test set, Dense: ")
    assert "Vertical axis: instability (%)." in in_words(points)


def test_a_figure_asks_for_the_lines_that_it_shows():
    form = Curves("", "instability", ("test_instability",), "", only={"network": ("imp", "dense")})
    assert [(line.name, line.sample, line.several_k) for line in form.wanted()] == [
        ("IMP", "pair", True),
        ("Dense", "pair", True),
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


def perturbed(network, i, error, deviation):
    where = {"rewind_step": 500, "level": 6}
    yield evaluation(network, i, **where, test_error=error)
    yield difference(network, i, **where, step=500, effective_deviation=deviation)


POINTS = {"shuffled_layers": (0.14, 0.14), "noise_1": (0.11, 0.09), "noise_0.5": (0.1, 0.05)}
PERTURBED = [
    row
    for i in range(3)
    for name, (error, deviation) in POINTS.items()
    for row in perturbed(name, i, error + i / 1000, deviation)
]


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


@pytest.mark.parametrize("name", ["extreme_sparsity", "first_stable_and_matching_step"])
def test_trainings_of_several_lengths_are_each_shown_at_their_end(name):
    """Larger batches take fewer steps."""
    rows = [
        row | {"step": step, "settings": settings(row["network"], **{"Hparams.batch_size": batch})}
        for batch, step in ((60, 24000), (600, 2400))
        for level in range(4)
        for row in (
            evaluation("imp" if level else "dense", level=level),
            instability("imp" if level else "dense", level=level),
        )
    ]
    labels = [line for _, line in lines(chart_of(name, rows))]
    for batch in (60, 600):
        assert any(label.endswith(f"batch_size {batch}") for label in labels), batch


TWO_FRACTIONS = [evaluation("dense", level=0)] + [
    evaluation(level=level, density=(1 - fraction) ** level)
    | {"settings": settings("imp", **{"MaskSearch.fraction": fraction})}
    for fraction in (0.1, 0.5)
    for level in (1, 2, 3)
]
PAPER_LINES = AgainstDensity("", {"": (DensityLine("IMP", {"network": "imp"}, Look("k")),)}, True)


@pytest.mark.parametrize("form", [FORMS["extreme_sparsity"], PAPER_LINES], ids=["best", "lines"])
def test_the_dense_network_that_searches_share_is_named_after_none_of_them(form):
    (chart,) = form.charts(TWO_FRACTIONS, "about")
    labels = [line for _, line in lines(chart)]
    assert labels[0] == "Dense" and len(labels) == len(set(labels)) == 3


def test_a_line_from_dense_to_sparse_is_named_after_what_its_sparse_rows_differ_in():
    form = Curves("", "evaluation", ("test_error",), "", x="level", lines="rewind_step", panels="")
    (chart,) = form.charts(TWO_FRACTIONS, "about")
    assert [line for _, line in lines(chart)] == [
        f"k = 0, MaskSearch.fraction {fraction}" for fraction in (0.1, 0.5)
    ]


def test_the_steps_above_a_chart_are_those_of_every_training():
    rows = [
        instability(step=step) | {"settings": settings("imp", **{"Hparams.batch_size": batch})}
        for batch, step in ((60, 24000), (600, 2400))
    ]
    expected = "LeNet 300-100 on mnist, 2,400 to 24,000 steps"
    assert all(each.chart.notes[0].startswith(expected) for each in named_charts(rows))


def accuracies(form, rows):
    """(panel, line) -> (x, accuracy) of the charts of a form."""
    found = (lines(chart) for chart in form.charts(rows, "about"))
    return {place: points for chart in found for place, points in chart.items()}


def by_setting(x, panels):
    return BySetting("", "evaluation", "test_accuracy", "accuracy (%)", x, panels)


def trained_with(momentum, **changes):
    return {"settings": settings("imp", **{"Momentum.momentum": momentum, **changes})}


def test_trainings_of_one_momentum_and_several_lengths_are_lines_of_their_own():
    rows = [
        evaluation(level=level, test_error=steps / 1e6)
        | trained_with(0.9, **{"Cosine.end": steps})
        | {"step": steps}
        for steps in (24000, 48000)
        for level in (1, 2)
    ]
    found = accuracies(by_setting("density", ""), rows)
    assert {line: [y for _, y in points] for (_, line), points in found.items()} == {
        f"μ = 0.9, batch 60, Cosine.end {steps}": pytest.approx([100 - steps / 1e4] * 2)
        for steps in (24000, 48000)
    }


def test_two_shares_of_pretraining_are_panels_that_say_them():
    rows = [evaluation(rewind_step=k, level=level) | trained_with(0.9) for k in (240, 2400)
            for level in (1, 2)]  # fmt: skip
    assert {panel for panel, _ in accuracies(by_setting("density", "pretrained"), rows)} == {
        f"with pretraining for {share}% of the steps" for share in (1, 10)
    }


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
