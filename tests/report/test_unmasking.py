"""The figures and the statistics of unmasking: verdicts and points from rows with known answers."""

import math
import statistics
import subprocess
import sys

import pytest
from synthetic import ALPHAS, connectivity, evaluation, instability, plane

from lth_tf import papers
from lth_tf.analysis import criteria, landscape
from lth_tf.analysis.landscape_statistics import (
    Barrier,
    DenseInstability,
    ErrorRise,
    HighestBarrier,
    Retraining,
    Share,
    Sublevel,
)
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
SEEDS, K = (0, 1, 2, 3), 500
DENSE = (0.020, 0.022, 0.024, 0.026)  # mean 0.023, sample deviation 0.00258
EPSILON = statistics.stdev(DENSE)
# Error of levels 1 to 4 above the replicate's dense one: 1 and 2 match, 3 and 4 do not.
ABOVE = (0.0, 0.0, 0.01, 0.02)
HEIGHTS = (0.004, 0.001, 0.02, 0.05)  # of the barriers from levels 0 to 3


def errors(seed):
    dense = 0.023  # of every replicate, from step K
    return [dense, *(dense + above for above in ABOVE)]


def search(seed):
    """Rows of a search: levels 0 to 4, the lines between them, projections, two planes."""
    own = errors(seed)
    for level, error in enumerate(own):
        network = "imp" if level else "dense"
        yield evaluation(network, seed, 1, K, level, test_error=error)
    for level, height in enumerate(HEIGHTS):
        ends = (own[level], own[level + 1])
        yield connectivity(level, level + 1, seed, K, ends=ends, height=height)
        inside = level == 0
        yield connectivity(level, level + 1, seed, K, "projection", (own[level], own[level]),
                           height=0 if inside else 0.1)  # fmt: skip
    for i, j in ((0, 2), (0, 3), (0, 4), (1, 3), (1, 4), (2, 4)):
        yield connectivity(i, j, seed, K, ends=(own[i], own[j]), height=0.01 * (j - i))


ROWS = [
    *(evaluation("dense", seed, 1, 0, 0, test_error=error) for seed, error in enumerate(DENSE)),
    *(row for seed in SEEDS for row in search(seed)),
]


def value(statistic, rows=ROWS):
    found = statistic.estimate(list(rows), None)
    return None if found is None else (found.mean, found.n)


def test_epsilon_is_the_deviation_of_dense_runs_from_the_first_k():
    dense = criteria.dense_error(ROWS)
    assert (dense.std, dense.n) == (pytest.approx(EPSILON), 4)
    assert landscape.matching_threshold(ROWS) == pytest.approx(0.023 + EPSILON)


def test_verdicts_are_of_each_replicate():
    steps = landscape.steps(ROWS, K)
    assert len(steps) == 4 * 4
    by_level = {step.level: step for step in steps if step.initialization == 2}
    matching = [by_level[level].matching for level in range(4)]
    assert matching == [True, True, False, False]
    assert [by_level[level].breaking for level in range(4)] == [False, False, True, False]
    # Barriers below epsilon, 0.0026: that of the second step alone.
    assert [by_level[level].connected for level in range(4)] == [False, True, False, False]
    # Level 3 is worse than level 2 by more than epsilon.
    assert [by_level[level].in_sublevel_set for level in range(4)] == [False, True, False, False]
    assert [by_level[level].projection_inside for level in range(4)] == [True, False, False, False]
    assert [by_level[level].path_matching for level in range(4)] == [False, True, False, False]


@pytest.mark.parametrize(
    ("verdict", "among", "share"),
    [
        ("connected", "all", 0.25),
        ("connected", "sparse", 1 / 3),
        ("connected", "matching", 0.5),
        ("matching", "sparse", 1 / 3),
        ("connected_iff_matching", "sparse", 1.0),
        ("connected_iff_matching", "all", 0.75),
        ("in_sublevel_set_iff_matching", "sparse", 1.0),
        ("in_sublevel_set", "breaking", 0.0),
        ("projection_inside", "first", 1.0),
        ("projection_inside", "last", 0.0),
    ],
)
def test_shares_are_counted_step_by_step(verdict, among, share):
    assert value(Share(verdict, K, among)) == (pytest.approx(share), 4)


def test_no_barrier_and_a_worse_end_are_two_verdicts():
    rows = [r for r in ROWS if r["kind"] == "evaluation"]
    rows += [connectivity(2, 3, seed, K, ends=(0.023, 0.033)) for seed in SEEDS]
    assert value(Share("connected", K), rows)[0] == 1.0
    assert value(Share("in_sublevel_set", K), rows)[0] == 0.0
    assert value(Share("connected_iff_matching", K), rows)[0] == 0.0


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


def test_of_one_replicate_nothing_is_known():
    rows = [row for row in ROWS if row["initialization"] == 0]
    assert landscape.steps(rows, K) == []
    for statistic in (Share("connected", K), Barrier(K), HighestBarrier(K), Sublevel(K)):
        assert value(statistic, rows) is None
    assert value(Share("connected", 7)) is None


def test_barriers_are_over_epsilon():
    assert value(Barrier(K))[0] == pytest.approx(0.004 / EPSILON)
    assert value(Barrier(K, 1, 4))[0] == pytest.approx(0.03 / EPSILON)
    # Between levels 1 and 2 alone both match.
    assert value(HighestBarrier(K))[0] == pytest.approx(0.001 / EPSILON)
    earlier = [connectivity(0, 1, seed, 0, height=0.3) for seed in SEEDS]
    assert value(Barrier(0, less_k=K), [*ROWS, *earlier])[0] == pytest.approx(0.296 / EPSILON)
    moved = [connectivity(0, 0, seed, K, "perturbed", height=0.2) for seed in SEEDS]
    assert value(Barrier(K, 0, 0, "perturbed"), [*ROWS, *moved])[0] == pytest.approx(0.2 / EPSILON)
    copies = [
        instability("dense", seed, rewind_step=K, level=0, barrier="from_line_between_ends",
                    test_instability=0.1)
        for seed in SEEDS
    ]  # fmt: skip
    assert value(DenseInstability(K), [*ROWS, *copies])[0] == pytest.approx(0.1 / EPSILON)
    assert value(ErrorRise(K, 4))[0] == pytest.approx(0.02 / EPSILON)


def test_a_sublevel_set_is_the_share_of_a_plane():
    at = [0.0, 0.5, 1.0]
    first = [[0.02, 0.02, 0.9], [0.02, 0.9, 0.9], [0.02, 0.02, 0.02]]
    last = [[0.03, 0.9, 0.9], [0.9, 0.9, 0.9], [0.033, 0.9, 0.9]]
    planes = [
        plane(level, 1, K, coordinates=at, plane_errors=grid)
        for level, grid in ((3, last), (0, first))
    ]
    assert value(Sublevel(K), [*ROWS, *planes]) == (pytest.approx((6 - 2) / 9), 1)


def adaptive(seed, levels):
    for number, (density, error) in enumerate(levels, start=1):
        yield evaluation("adaptive_imp", seed, 1, K, number, density=density, test_error=error)


def test_retraining_saved_counts_the_dense_network():
    rows = [*ROWS, *(r for s in SEEDS for r in adaptive(s, [(0.63, 0.024), (0.3, 0.03)]))]
    assert landscape.last_matching(rows, K) == (2, pytest.approx(0.64))
    assert value(Retraining("fixed", K), rows) == (2, 4)
    assert value(Retraining("adaptive", K), rows) == (1, 4)
    assert value(Retraining("saved", K), rows) == (pytest.approx(1 - 2 / 3), 4)
    assert value(Retraining("error", K), rows)[0] == pytest.approx(0.001 / EPSILON)
    assert pytest.approx(0.33, abs=0.01) == 1 - (7 + 1) / (11 + 1)  # the paper's


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
