"""The figures and numbers of stabilizing, from invented rows of a LeNet and a ResNet-50."""

import csv
import io
import itertools
import statistics

import pytest
from stabilizing_report import (
    KINDS,
    MADE,
    PAPER,
    ROWS,
    SHAPES,
    STEPS,
    accuracy,
    apart,
    far,
    part,
)
from synthetic import key, settings

from lth_tf.figures import render
from lth_tf.figures.against_density import AgainstDensity
from lth_tf.figures.curves import Stacked
from lth_tf.report import page, report, tables
from lth_tf.report.commands import Command, Commands
from lth_tf.report.paper import Table

FIGURES = {figure.number: figure for figure in PAPER.figures}


def lines_of(number):
    (picture,) = part(number).pictures
    found = {}
    for point in picture.chart.points():
        found.setdefault((point.panel, point.line), []).append(point)
    return found


def test_every_figure_of_the_paper_is_an_item_and_four_of_them_are_tables():
    names = [item.name for item in PAPER.items]
    assert names == ["Algorithm 1", *(f"Figure {n}" for n in range(1, 13))]
    assert [item.number for item in PAPER.items if isinstance(item, Table)] == ["2", "3", "6", "10"]
    assert {p.where for p in PAPER.printed} == {f"Figure {n}" for n in range(1, 13)} - {"Figure 12"}


@pytest.mark.parametrize("number", sorted(FIGURES))
def test_without_rows_there_is_no_figure(number):
    assert list(FIGURES[number].form.charts([], "nothing")) == []


@pytest.mark.parametrize(("number", "name", "more"), [(4, "L2 distance", 0), (11, "angle", 1)])
def test_figures_4_and_11_have_a_panel_for_each_stability_and_one_for_accuracy(number, name, more):
    (picture,) = part(number).pictures
    assert [panel.title for (panel,) in picture.chart.panels] == [
        "Stability to data order", "Stability to pruning", "Accuracy"
    ]  # fmt: skip
    lines = lines_of(number)
    for title, network in (("IMP", "imp"), ("Random pruning", "random_pruning")):
        points = lines["Stability to data order", title]
        assert [point.x for point in points] == list(STEPS)
        for point in points:
            pairs = list(itertools.combinations(range(4), 2))
            every = [far(network, i, point.x, pair) + more for i in range(3) for pair in pairs]
            assert point.samples == 18
            assert point.mean == pytest.approx(statistics.fmean(every))
            assert (point.low, point.high) == pytest.approx((min(every), max(every)))
            assert name in point.y_name
        assert {point.samples for point in lines["Stability to pruning", title]} == {3}
        first = lines["Accuracy", title][0]
        # Four runs of each trial are averaged first; IMP's search has no run at this level.
        value = 100 * SHAPES[network][2]
        expected = (value + 0.1, value, value + 0.2, 3)
        assert (first.mean, first.low, first.high, first.samples) == pytest.approx(expected)
    (dense,) = lines["Accuracy", "Dense"]
    assert (dense.x, dense.mean, dense.samples) == (None, pytest.approx(98.1), 3)


def test_bars_go_to_the_smallest_and_the_largest_sample():
    (picture,) = part(4).pictures
    axes = render.draw(picture.chart).axes[0]
    points = lines_of(4)["Stability to data order", "IMP"]
    bars = axes.containers[0].lines[2][0].get_segments()
    assert [(low[1], high[1]) for low, high in bars] == [
        pytest.approx((point.low, point.high)) for point in points
    ]


def test_figure_5_has_a_line_for_each_k_at_several_levels():
    lines = lines_of(5)
    assert {name for _, name in lines} == {"Dense", "IMP, reset to k = 0", "IMP, rewound, k = 500"}
    reset = lines["", "IMP, reset to k = 0"]
    assert [round(point.x) for point in reset[:3]] == [100, 80, 64]  # from the dense network on
    assert [point.mean for point in reset[:3]] == pytest.approx([98.1, 98.0, 97.9])
    assert len(reset) == 1 + 11


def test_figure_9_has_every_score_in_one_panel_and_no_setting_in_its_names():
    names = {name for _, name in lines_of(9)}
    assert names == {"Dense", "IMP", "IMP, randomly reinitialized", "SNIP", "GraSP", "SynFlow"}
    # GraSP and SynFlow are beyond the paper.
    asked = {line.name for line in FIGURES["9"].form.wanted()}
    assert asked == {"Dense", "IMP", "IMP, randomly reinitialized", "SNIP"}


def test_reinitialization_under_two_kinds_of_mask_is_two_lines():
    other = [
        row | {"settings": row["settings"] | {"MaskSearch.score": "Snip"}, "key": key(row["key"])}
        for row in ROWS
        if row["network"] == "random_reinitialization"
    ]
    form = FIGURES["9"].form
    (chart,) = form.charts([*ROWS, *other], "two")
    found = [mark.label for mark in chart.panels[0][0].marks if "reinitialized" in mark.label]
    assert len(found) == 2 and all("MaskSearch.score" in label for label in found)


def imagenet():
    """ResNet-50 from epochs 0 and 4: 5 initializations x 2 copies."""
    own = {"model": "ResNet-50", "dataset": "imagenet2012", "step": 112_590, "density": 0.3}
    own |= {"settings": settings("imp", **{"MaskSearch.fraction": 0.7})}
    for i, k, network in itertools.product(range(5), (0, 5004), KINDS):
        for copy in (0, 1):
            row = accuracy(network, i, k, 1, copy, 0.7)
            yield {**row, **own, "key": key(row["key"])}
        row = apart("data_order", network, i, k, (0, 1), 10.0)
        yield {**row, **own, "level": 1, "key": key(row["key"])}
        row = accuracy("dense", i, 0, 0, 0, 0.76)
        yield {**row, **own, "density": 1.0, "settings": settings("dense"), "key": key(row["key"])}


def test_figure_7_is_against_epochs_and_of_imagenet_alone():
    assert MADE.sections["Figure 7"].parts == []
    made = report.make(list(imagenet()), PAPER, lambda network: None)
    (found,) = made.sections["Figure 7"].parts
    (picture,) = found.pictures
    assert [panel.title for (panel,) in picture.chart.panels] == [
        "Stability to data order", "Accuracy"
    ]  # fmt: skip
    assert {point.x for point in picture.chart.points()} == {0, 4, None}
    assert picture.chart.x.name == "rewinding epoch"
    # Five trials of two copies each are as many as the paper has, though LeNet has three of four.
    assert found.missing == []


def test_csv_of_figure_4_holds_means_and_extremes():
    lines = list(csv.DictReader(io.StringIO(tables.tables(MADE)["figure_04.csv"])))
    assert {line["panel"] for line in lines} == {
        "Stability to data order", "Stability to pruning", "Accuracy"
    }  # fmt: skip
    for line in lines:
        assert float(line["low"]) <= float(line["mean"]) <= float(line["high"])
    pruning = [line for line in lines if line["panel"] == "Stability to pruning"]
    assert [float(line["mean"]) for line in pruning[:3]] == pytest.approx([49, 33, 17])


class Filler(Commands):
    def __call__(self, network, wanted, counted=True):
        return Command(f"fill {' '.join(wanted.files(network.key))}")


def test_the_page_has_every_figure_with_remarks_and_commands(tmp_path):
    drawn = {picture.name: b"\x89PNG" + bytes(20) for picture in MADE.pictures}
    text = page.Page(MADE, Filler("runs/here", None, None), drawn).text()
    for number in range(1, 13):
        assert f'<section id="figure-{number}">' in text
    assert "the cells of pruning repeat those of data order to the digit" in text
    assert "20.7 ± 0.6" in text and "(within)" in text and "22.7 ± 0.5°" in text
    assert "papers/stabilizing/figures/snip.gin" in text


def test_forms_are_data_that_can_be_compared():
    assert {type(figure.form) for figure in PAPER.figures} == {Stacked, AgainstDensity}
