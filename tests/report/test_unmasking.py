"""The figures and the statistics of unmasking: verdicts and points from rows with known answers."""

import math
import subprocess
import sys

import pytest
from pruned_search import EPSILON, ROWS, SEEDS, K, adaptive, errors
from synthetic import ALPHAS, evaluation, plane

from lth_tf import papers
from lth_tf.analysis.statistics import Mean
from lth_tf.analysis.variants import Variant
from lth_tf.figures import render, words
from lth_tf.figures.marks import Contour
from lth_tf.papers.rows import ends
from lth_tf.report import page_tables, report
from lth_tf.report.comparison import compare
from lth_tf.report.groups import Group
from lth_tf.report.paper import Printed, Text

UNMASKING = papers.load("unmasking")
assert UNMASKING
FIGURES = {figure.number: figure for figure in UNMASKING.figures}


def test_numbers_of_altered_settings_are_of_the_rewind_step_of_their_own_network():
    networks = [UNMASKING.networks[key] for key in ("resnet20", "resnet18_cifar100")]
    numbers = [
        number
        for network, k in zip(networks, (2000, 3200), strict=True)
        for number in Printed("Figure 5", "error", "%", Mean(ends("dense", k), "test_error"),
                              {network.key: 1}).numbers()
    ]  # fmt: skip
    rows = [evaluation("dense", 0, 1, k, 0, test_error=k / 1e4) for k in (2000, 3200)]
    whole = [Group(network.title, network.key, network, [], None, None, 9) for network in networks]
    altered = Group("altered", "altered", networks[1], rows, None, None, 9)
    comparisons = [compare(number, whole) for number in numbers]
    made = report.Report(UNMASKING, [*whole, altered], {}, comparisons)
    text = "".join(page_tables.comparison_tables(made, UNMASKING, FIGURES["5"]))
    assert "32.00%" in text and "20.00%" not in text


def charts(number, rows=ROWS):
    return list(FIGURES[number].form.charts(list(rows), "about"))


def points(chart, line=None):
    return {p.x: (p.mean, p.std, p.samples) for p in chart.points() if line in (None, p.line)}


def test_the_path_has_every_level_once_and_the_mean_of_replicates():
    path, _, _ = charts("6")
    found = points(path)
    assert len(found) == 4 * 10 + 1 and list(found) == sorted(found)
    for beta, place in enumerate(ALPHAS):
        line = 0.023 + place * 0.01 + 0.02 * 4 * place * (1 - place)
        assert found[2 + ALPHAS[beta]][0] == pytest.approx(100 * line)
    assert {samples for _, _, samples in found.values()} == {4}


def test_the_zoom_ends_at_the_last_level_that_matches_beside_the_dense_network():
    _, zoom, _ = charts("6")
    level, path = zoom.panels[0][0].marks
    assert max(path.xs) == 2
    ((_, dense),) = level.points()
    assert (dense.mean, dense.std) == (pytest.approx(2.3), pytest.approx(100 * EPSILON))


def test_the_heat_map_is_symmetric_and_of_highest_errors():
    *_, pairs = charts("2")
    grid = {(p.line, p.x): p.mean for p in pairs.points()}
    assert len(grid) == 25
    for i in range(5):
        assert grid[f"level {i}", i] == pytest.approx(100 * errors(0)[i])
        for j in range(5):
            assert grid[f"level {i}", j] == pytest.approx(grid[f"level {j}", i])
    (row,) = (r for r in ROWS if (r.get("to"), r["level"], r.get("to_level")) ==
              ("solution", 1, 4) and r["initialization"] == 0)  # fmt: skip
    assert grid["level 1", 4] == pytest.approx(100 * max(row["test_errors"]))
    assert pairs.colors.low == pytest.approx(100 * (0.023 + EPSILON))


def test_slices_are_of_one_replicate_with_contours_where_epsilon_is_known():
    rows = [*ROWS, *(plane(level, seed, K) for level in range(4) for seed in (0, 1))]
    (three,), (every,) = charts("3", rows), charts("7", rows)
    assert [p.title for line in three.panels for p in line] == ["L = 0", "L = 2", "L = 3"]
    panels = [p for line in every.panels for p in line]
    assert [p.title for p in panels] == ["L = 0", "L = 1", "L = 2", "L = 3"]
    contours = [m for m in panels[1].marks if isinstance(m, Contour)]
    assert [c.at for c in contours] == pytest.approx([100 * (0.023 + EPSILON)] * 2)
    grid = {(p.line, p.x): p.mean for p in every.points() if p.panel == "L = 1"}
    assert grid["y = 0.500", -0.5] == pytest.approx(100 * plane()["plane_errors"][2][0])
    (alone,) = charts("7", [plane(1, 0, K)])
    assert not [m for m in alone.panels[0][0].marks if isinstance(m, Contour)]


def test_adaptive_searches_are_drawn_each_by_itself():
    rows = [*ROWS, *(r for s in SEEDS for r in adaptive(s, [(0.6 - s / 100, 0.024)]))]
    (chart,) = charts("4", rows)
    fixed, *others = chart.panels[0][0].marks
    assert len(others) == 4 and {len(other.xs) for other in others} == {1}
    assert fixed.label == "IMP, fixed ratio (4 levels)"
    assert [each.mean for each in fixed.estimates] == pytest.approx(
        [100 * (1 - error) for error in errors(0)[1:]]
    )
    assert charts("4") == []


def test_figure_5_has_a_line_for_each_step_from_level_0():
    (chart,) = charts("5")
    line = points(chart, f"k = {K}")
    assert list(line) == [0, 1, 2, 3, 4]
    assert [mean for mean, *_ in line.values()] == pytest.approx([100 * e for e in errors(0)])
    assert points(chart, "k = 0")[0] == (pytest.approx(2.3), pytest.approx(100 * EPSILON), 4)


@pytest.mark.parametrize("number", sorted(FIGURES))
def test_pictures_are_drawn_and_nothing_is_cut_off(number):
    assert charts(number, []) == []
    rows = [*ROWS, *(plane(level, 0, K) for level in range(4))]
    rows += [r for s in SEEDS for r in adaptive(s, [(0.6, 0.024), (0.4, 0.03)])]
    found = charts(number, rows)
    assert found
    for chart in found:
        figure = render.draw(chart)
        figure.draw_without_rendering()
        for part in (*figure.texts, *figure.legends, *figure.axes):
            edge = part.get_tightbbox()
            assert edge.x0 >= 0 and edge.x1 <= figure.bbox.x1 and edge.y0 >= 0, part


def test_every_printed_number_belongs_to_an_item_and_networks_of_it():
    items = {item.name: item for item in UNMASKING.items if not isinstance(item, Text)}
    for printed in UNMASKING.printed:
        assert set(printed.values) <= set(items[printed.where].networks), printed
        assert all(math.isfinite(number.value) for number in printed.numbers())


def test_what_is_of_no_rows_is_no_number():
    for printed in UNMASKING.printed:
        assert printed.statistic.estimate([], None) is None


def test_a_name_of_a_variant_ends_labels_and_files():
    variant = Variant({"Constant.rate": 0.5}, [])
    assert words.heading("LeNet", variant) == "LeNet, Constant.rate 0.5"
    assert words.ending(variant).startswith("-constant_rate_0_5")
    assert words.ending(Variant({}, [])) == ""


def test_the_paper_is_literals_that_load_no_plot():
    script = (
        "import sys, lth_tf.papers.unmasking\n"
        "assert not {'matplotlib', 'tensorflow'} & {n.partition('.')[0] for n in sys.modules}\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
