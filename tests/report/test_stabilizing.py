"""The figures and numbers of stabilizing, from invented rows of a LeNet and a ResNet-50."""

import csv
import io
import itertools
import math
import statistics

import pytest
from synthetic import base, evaluation, key, settings, stability

from lth_tf import papers
from lth_tf.figures import render
from lth_tf.figures.against_density import AgainstDensity
from lth_tf.figures.curves import Stacked
from lth_tf.papers.stabilizing.networks import SMALL
from lth_tf.report import page, report, tables
from lth_tf.report.commands import Command, Commands
from lth_tf.report.paper import Table

PAPER = papers.load("stabilizing")
assert PAPER
FIGURES = {figure.number: figure for figure in PAPER.figures}
KINDS = ("imp", "random_pruning")
STEPS = (0, 500, 2000)
# What is invented: L2 distance under other data orders at k = 0, to the dense network, accuracy.
SHAPES = {"imp": (20.0, 48.0, 0.983), "random_pruning": (60.0, 72.0, 0.975)}
SCORES = {"snip": "Snip", "grasp": "Grasp", "synflow": "SynFlow"}


def at_the_end(network, i, k, level, noise, **changes):
    """What rows of LeNet after 50,000 steps have in common."""
    own = {"MaskSearch.score": SCORES.get(network, "Magnitude")} if level else {}
    found = {"key": key("stabilizing", network, i, k, level, noise, sorted(changes))}
    known = settings("imp" if level else "dense", **own)
    return {**base(network, i, k, level), **found, "step": 50_000, "settings": known, **changes}


def accuracy(network, i, k, level, noise, value):
    error = {"test_error": 1 - value, "train_error": 0.0}
    row = evaluation("imp", i, noise, k, level)
    return {**row, **at_the_end(network, i, k, level, [noise], **error)}


def apart(to, network, i, k, noise, distance):
    """A row of stability; its angle is 1 degree more than its distance."""
    values = {"l2_distance": distance, "angle": distance + 1}
    row = stability(to, network, noise)
    changes = at_the_end(network, i, k, 10, list(noise), stability_to=to, **values)
    return {**row, **changes}


def far(network, i, k, pair):
    """The distance of a pair: at a later k less, and the less of IMP, by seed and pair another."""
    shrunk = SHAPES[network][0] / (1 + k / (500 if network == "imp" else 1000))
    return shrunk * (1 + 0.01 * (i - 1) + 0.001 * sum(pair))


def log():
    """3 initializations x 4 copies from every k at level 10; every level from 0 and 500."""
    for i in range(3):
        yield accuracy("dense", i, 0, 0, 0, 0.98 + 0.001 * i)
        for k, network in itertools.product(STEPS, KINDS):
            _, pruned, value = SHAPES[network]
            for copy in range(4):
                yield accuracy(network, i, k, 10, copy, value + k * 1e-6 + 0.001 * i)
            for pair in itertools.combinations(range(4), 2):
                yield apart("data_order", network, i, k, pair, far(network, i, k, pair))
            yield apart("pruning", network, i, k, (0,), pruned / (1 + k / 1000) + i)
        for level in (*range(1, 10), 11):
            for network, k, lost in (
                ("imp", 0, 1), ("imp", 500, 0.5), ("random_reinitialization", 0, 3),
                *((name, 0, 2) for name in SCORES),
            ):  # fmt: skip
                yield accuracy(network, i, k, level, 7, 0.98 - 0.001 * lost * level + 0.001 * i)


ROWS = list(log())
MADE = report.make(ROWS, PAPER, lambda network: None)


def part(number):
    (found,) = MADE.sections[f"Figure {number}"].parts
    return found


def lines_of(number):
    (picture,) = part(number).pictures
    found = {}
    for point in picture.chart.points():
        found.setdefault((point.panel, point.line), []).append(point)
    return found


def ours(where, what):
    (found,) = [
        each.ours
        for each in MADE.comparisons
        if (each.number.printed.where, each.number.printed.what) == (where, what)
        and each.number.network == "lenet"
    ]
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


def test_fewer_copies_than_the_paper_has_are_said():
    assert part(4).missing == []
    few = [row for row in ROWS if 3 not in row["noise"]]
    made = report.make(few, PAPER, lambda network: None)
    (found,) = made.sections["Figure 4"].parts
    assert "3 of 6 pairs of an initialization" in "; ".join(map(str, found.missing))


def test_comp_is_the_ratio_of_the_means_and_has_no_spread():
    pairs = list(itertools.combinations(range(4), 2))
    means = [
        statistics.fmean(far(network, i, 0, pair) for i in range(3) for pair in pairs)
        for network in ("random_pruning", "imp")
    ]
    found = ours("Figure 3", "Data order Comp")
    assert found.mean == pytest.approx(means[0] / means[1])
    assert math.isnan(found.std) and found.n == 18
    assert ours("Figure 3", "Pruning Comp").mean == pytest.approx(73 / 49)
    assert ours("Figure 10", "Pruning Comp").mean == pytest.approx(74 / 50)


def test_what_is_said_of_other_steps_is_measured_there():
    said = "stability to data order"
    last = ours("Figure 4", f"{said} of IMP, from the latest k over that from k = 0")
    assert last.mean == pytest.approx(1 / (1 + 2000 / 500))
    gap = 3 * (1 + 2000 / 500) / (1 + 2000 / 1000)
    found = ours("Figure 4", f"{said}, random pruning over IMP, at the latest k over that at k = 0")
    assert found.mean == pytest.approx(gap / 3)
    found = ours("Figure 4", f"{said}, random pruning over IMP, at the k where it is least")
    assert found.mean == pytest.approx(3)  # at k = 0
    what = "accuracy of random pruning less that of IMP, at the k where it is highest"
    assert 100 * SHAPES["random_pruning"][2] - 98.3 == pytest.approx(ours("Figure 4", what).mean)


def test_with_k_0_alone_there_is_no_later_step_to_compare():
    made = report.make([r for r in ROWS if not r["rewind_step"]], PAPER, lambda network: None)
    found = [each for each in made.comparisons if "latest k" in each.number.printed.what]
    assert found and all(each.ours is None for each in found)


def printed(made):
    return list(csv.DictReader(io.StringIO(tables.tables(made)["printed.csv"])))


def test_a_half_range_is_no_deviation():
    (line,) = [
        line
        for line in printed(MADE)
        if (line["where"], line["network"], line["what"]) == ("Figure 3", "Lenet", "Data order IMP")
    ]
    assert float(line["paper_half_range"]) == 0.6
    assert line["paper_std"] == line["standard_errors"] == ""
    assert float(line["deviation"]) == pytest.approx(float(line["ours"]) - 20.7)
    assert float(line["ours_low"]) < float(line["ours"]) < float(line["ours_high"])
    by_what = {
        each.number.printed.what: each
        for each in MADE.comparisons
        if each.number.network == "lenet" and each.number.printed.where == "Figure 3"
    }
    assert by_what["Data order Random"].within is True  # 60.2 is 58.6 +- 4.0
    assert by_what["Pruning Random"].within is False  # 73.0 is not 75.7 +- 0.5
    assert by_what["Data order Comp"].within is None


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


def test_every_comp_that_is_printed_agrees_with_its_cells_or_is_remarked():
    unlike, remarked = set(), set()
    for figure in ("Figure 3", "Figure 10"):
        cells = {(number.network, number.printed.what): number for printed in PAPER.printed
                 if printed.where == figure for number in printed.numbers()}  # fmt: skip
        remarked |= {(figure, *place) for place, number in cells.items() if number.remark}
        for network in SMALL:
            for title in ("Data order", "Pruning"):
                imp, random, comp = (
                    cells[network, f"{title} {which}"].value for which in ("IMP", "Random", "Comp")
                )
                if abs(random / imp - comp) > 0.055:
                    unlike.add((figure, network, f"{title} Comp"))
    assert len(unlike) == 2
    assert unlike == {place for place in remarked if place[2].endswith("Comp")}


def test_forms_are_data_that_can_be_compared():
    assert {type(figure.form) for figure in PAPER.figures} == {Stacked, AgainstDensity}
