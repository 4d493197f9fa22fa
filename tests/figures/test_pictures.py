"""Pictures: the same bytes each time, axes, names as texts and as files, CSV and words."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic
from charted import FORMS, chart_of
from matplotlib.backends.backend_agg import FigureCanvasAgg
from synthetic import connectivity, evaluation, instability, study

from lth_tf.figures import render, style
from lth_tf.figures.chart import as_csv, in_words
from lth_tf.figures.landscape import Connectivity
from lth_tf.figures.palette import slug
from lth_tf.figures.standard import (
    charts,
    named_charts,
)
from lth_tf.report import report


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


def test_instability_has_evenly_spaced_steps_and_the_line_of_stability():
    rows = [instability(rewind_step=step, test_instability=0.1) for step in (0, 2000, 100)]
    axes = render.draw(chart_of("instability_against_rewinding_step", rows)).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "100", "2K"]
    points: Any = axes.containers[0]
    np.testing.assert_allclose(points.lines[0].get_xdata(orig=False), [0, 1, 2])
    np.testing.assert_allclose(points.lines[0].get_ydata(orig=False), [10, 10, 10])
    stable = next(line for line in axes.get_lines() if line.get_label() == "stable below 2%")
    assert list(stable.get_ydata()) == pytest.approx([2, 2])  # type: ignore[arg-type]


def test_many_rewinding_steps_go_on_several_pages():
    rows = [instability(rewind_step=step) for step in range(7)]
    drawn = dict(charts(FORMS["error_along_interpolation"], rows, ""))
    assert [ending[-7:] for ending in drawn] == ["-page_1", "-page_2"]
    assert [len(chart.panels) for chart in drawn.values()] == [5, 2]


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


def test_csv_and_words_are_of_the_same_points():
    points = chart_of("instability_against_rewinding_step", study()).points()
    text = as_csv([("LeNet", point) for point in points])
    assert len(text.splitlines()) == 1 + len(points)
    assert in_words(points).startswith("test set, Dense: ")
    assert "Vertical axis: instability (%)." in in_words(points)


def test_numbers_of_a_heat_map_have_the_name_of_its_colors_and_unknown_ones_no_words():
    """That of a line between two levels has no number of the others."""
    (*_, heat_map) = Connectivity().charts([connectivity(3, 12, ends=(0.02, 0.03))], "about")
    points = heat_map.points()
    assert {point.y_name for point in points} == {"highest test error (%)"}
    words = "level 3: 2 at 3 to 3 at 12. level 12: 3 at 3 to 3 at 12. "
    assert in_words(points) == words + "Vertical axis: highest test error (%)."


def test_long_labels_are_whole_and_below_the_panels():
    (chart, *_) = (each.chart for each in named_charts([instability("dense", level=0)]))
    panel = chart.panels[0][0]
    marks = tuple(replace(mark, label=f"{mark.label} of a setting" * 12) for mark in panel.marks)
    with style.context():
        figure = render.draw(replace(chart, panels=((replace(panel, marks=marks),),)))
        FigureCanvasAgg(figure).draw()
    (legend,), (axes,) = figure.legends, figure.axes
    box = legend.get_window_extent()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.width
    assert box.y1 < axes.get_tightbbox().y0
