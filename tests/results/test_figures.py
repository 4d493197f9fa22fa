"""Figures: the right ones are drawn, with the right numbers, the same bytes each time."""

from typing import Any, cast

import numpy as np
import pytest
from synthetic import ALPHAS, evaluation, instability, study

from lth_tf.figures import plots, plots_of_lines
from lth_tf.figures.courses import courses
from lth_tf.figures.standard import draw_all
from lth_tf.figures.style import NAMES


def names(paths) -> list[str]:
    return [path.name for path in paths]


def test_a_whole_study_gives_the_figures_it_has_rows_for(tmp_path):
    said: list[str] = []
    paths = draw_all(study(), tmp_path / "figures", said.append)
    about = "-lenet_300_100-mnist"
    level = f"{about}-level_15-3.52_percent.png"
    assert names(paths) == [
        f"accuracy_against_density{about}.png",
        "error_along_interpolation" + level,
        "instability_against_rewinding_step" + level,
        "error_against_rewinding_step" + level,
        f"extreme_sparsity{about}.png",
        f"error_at_every_level{about}.png",
        "weight_distances" + level,
    ]
    (missing,) = said
    assert (
        "LeNet 300-100 on mnist: the log has no rows for figures of restarted schedule" in missing
    )
    assert sorted(paths) == sorted((tmp_path / "figures").iterdir())
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in paths)


def test_the_same_rows_give_the_same_bytes(tmp_path):
    rows = [row for row in study((0,)) if row["level"] in (0, 15)]
    first = [path.read_bytes() for path in draw_all(rows, tmp_path / "a")]
    assert first == [path.read_bytes() for path in draw_all(rows, tmp_path / "b")]


def test_figures_without_rows_are_named(tmp_path):
    said: list[str] = []
    paths = draw_all([evaluation("dense", level=0)], tmp_path, said.append)
    assert paths == []
    assert said[0].startswith(
        "LeNet 300-100 on mnist: the log has no rows for figures of accuracy against density, error"
    )


def test_a_single_replicate_the_dense_network_alone_and_a_diverged_run(tmp_path):
    nulls: dict[str, Any] = {
        "train_error": None,
        "test_error": None,
        "train_loss": None,
        "test_loss": None,
    }
    rows = [
        instability("dense", level=0),
        evaluation("imp", status="diverged", diverged_at=7, **nulls),
    ]
    said: list[str] = []
    assert names(draw_all(rows, tmp_path, said.append)) == [
        "error_along_interpolation-lenet_300_100-mnist.png",
        "instability_against_rewinding_step-lenet_300_100-mnist.png",
        "weight_distances-lenet_300_100-mnist.png",
    ]
    assert said[0] == "1 measurements diverged and are in no figure"


def test_each_model_and_dataset_has_its_own_set_at_its_last_step(tmp_path):
    rows = [evaluation(), evaluation(dataset="digits", step=5), evaluation(step=9, noise=4)]
    said: list[str] = []
    paths = draw_all(rows, tmp_path, said.append)
    sets = {name.split("-lenet_300_100-")[1].split("-")[0].removesuffix(".png") for name in
            names(paths)}  # fmt: skip
    assert sets == {"digits", "mnist"} and len(paths) == 4
    assert "LeNet 300-100 on mnist: the figures show step 24000, the last one measured" in said


def test_two_barriers_and_two_levels_have_figures_of_their_own():
    rows = [
        instability(level=level, barrier=barrier)
        for level in (14, 15)
        for barrier in ("from_mean_of_ends", "from_line_between_ends")
    ]
    endings = [name for name, _ in plots.instability_against_rewinding_step(rows, "")]
    assert len(set(endings)) == 4


def test_many_rewinding_steps_go_on_several_pages():
    rows = [instability(rewind_step=step) for step in range(7)]
    drawn = dict(plots_of_lines.error_along_interpolation(rows, ""))
    assert [name[-7:] for name in drawn] == ["-page_1", "-page_2"]
    assert [len(figure.axes) for figure in drawn.values()] == [5, 2]


def test_accuracy_is_drawn_at_its_density_from_dense_to_sparse():
    rows = [
        evaluation("dense", 0, level=0, test_error=0.02),
        evaluation("dense", 1, level=0, test_error=0.04),
        evaluation("imp", 0, level=15, test_error=0.1),
        evaluation("imp", 1, level=15, test_error=0.3),
    ]
    ((_, figure),) = plots.accuracy_against_density(rows, "")
    (axes,) = figure.axes
    low, high = axes.get_xlim()
    assert low > high and axes.get_xscale() == "log"
    bars: Any = next(c for c in axes.containers if c.get_label() == NAMES["imp"])
    line = bars.lines[0]
    np.testing.assert_allclose(line.get_xdata(orig=False), [100, 100 * 0.8**15])
    np.testing.assert_allclose(line.get_ydata(orig=False), [97, 80])


def test_the_interpolation_shows_the_mean_over_pairs():
    pairs = [instability(noise=noise) for noise in ((1, 2), (1, 3))]
    ((_, figure),) = plots_of_lines.error_along_interpolation(pairs, "")
    (axes,) = figure.axes
    test, train = cast(Any, axes.get_lines())
    expected = 100 * np.mean([row["test_errors"] for row in pairs], axis=0)
    np.testing.assert_allclose(test.get_ydata(), expected)
    np.testing.assert_allclose(test.get_xdata(), ALPHAS)
    assert (test.get_label(), train.get_label()) == ("test error", "train error")


def test_instability_has_evenly_spaced_steps_and_the_line_of_stability():
    rows = [instability(rewind_step=step, test_instability=0.1) for step in (0, 2000, 100)]
    ((_, figure),) = plots.instability_against_rewinding_step(rows, "")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "100", "2K"]
    points: Any = axes.containers[0]
    np.testing.assert_allclose(points.lines[0].get_xdata(orig=False), [0, 1, 2])
    np.testing.assert_allclose(points.lines[0].get_ydata(orig=False), [10, 10, 10])
    stable = next(line for line in axes.get_lines() if line.get_label() == "stable below 2%")
    assert stable.get_ydata() == pytest.approx([2, 2])


def test_a_long_name_stays_within_the_picture_and_the_file_system(tmp_path):
    models = [f"Model(width={'1' * 300}, depth={depth})" for depth in (1, 2)]
    rows = [instability(model=model) for model in models]
    paths = draw_all(rows, tmp_path, lambda line: None)
    assert len(set(paths)) == 6 and all(len(path.name) < 200 for path in paths)
    ((_, figure),) = plots.instability_against_rewinding_step(rows, "word " * 80)
    figure.draw_without_rendering()
    edges = [text.get_window_extent() for text in figure.texts]
    assert all(edge.x0 >= 0 and edge.x1 <= figure.bbox.x1 for edge in edges)


def test_courses_are_those_of_training_alone_a_panel_each(tmp_path):
    def course(model, steps, initialization=0):
        return [
            evaluation(
                "dense", initialization, 0, level=0, experiment="training", model=model, step=step,
                train_loss=2 / step, test_loss=initialization + 3 / step,
            )
            for step in steps
        ]  # fmt: skip

    rows = [*course("A", (4, 2, 1)), *course("A", (1, 2, 4), 1), *course("B", (10, 20, 30))]
    others = [*course("too short", (5, 6)), evaluation("dense", level=0)]
    ((ending, figure),) = courses(rows + others)
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert ending == "" and [axes.get_title() for axes in panels] == ["A\nmnist", "B\nmnist"]
    train, test = cast(Any, panels[0].lines)
    np.testing.assert_allclose(train.get_data(), [[1, 2, 4], [2, 1, 0.5]])
    np.testing.assert_allclose(test.get_data(), [[1, 2, 4], [3.5, 2, 1.25]])
    drawn = draw_all(rows + others, tmp_path, say=lambda _: None)
    assert tmp_path / "courses.png" in drawn
    assert not list(courses(others))
