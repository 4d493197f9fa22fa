"""When a figure counts as in hand: by its samples, lines, levels and steps k."""

import pytest
from synthetic import comparison, connectivity, distance, evaluation, instability, plane, study

from lth_tf import papers
from lth_tf.analysis.points import where
from lth_tf.report import completeness
from lth_tf.report.groups import Group

LMC = papers.load("lmc")
assert LMC
FIGURES = {int(figure.number): figure for figure in LMC.figures}
PAIRS = ((1, 2), (1, 3), (2, 3))
SPARSE = ("imp", "random_pruning", "random_reinitialization")


def lacks(number, rows, network="lenet", level=15):
    assert LMC
    group = Group("", "", LMC.networks.get(network), [], level, 0.8**level, 24000)
    form = FIGURES[number].form
    found = completeness.of_figure(LMC, FIGURES[number], group, form.select(list(rows)))
    return list(map(str, found))


def without(rows, **fields):
    """Rows but those that have all these values."""
    left_out = where(rows, **fields)
    return [row for row in rows if row not in left_out]


STUDY = [row for row in study() if row["level"] in (0, 15)]


def test_every_figure_has_lines():
    assert all(figure.form.wanted() for figure in FIGURES.values())


@pytest.mark.parametrize("number", [2, 3, 5, 6, 7, 8, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28])
def test_a_study_as_in_the_paper_lacks_nothing(number):
    assert lacks(number, STUDY) == []


def test_pairs_are_of_every_two_of_three_noise_samples():
    one_pair = [row for row in STUDY if row["noise"] in ([1], [2], [1, 2])]
    for number in (3, 6, 25, 26):
        assert lacks(number, one_pair) == ["1 of 3 pairs of an initialization"]
    assert lacks(7, one_pair) == ["2 of 3 runs of an initialization"]
    somewhere = without(STUDY, network="dense", rewind_step=500, initialization=1, noise=[2, 3])
    assert lacks(3, somewhere) == ["2 of 3 pairs of an initialization at some points"]
    assert lacks(2, somewhere) == []  # the step is none of its


def test_initializations_are_counted_at_every_point():
    two = [row for row in STUDY if row["initialization"] < 2]
    assert lacks(3, two) == ["2 of 3 initializations"]
    begun = without(STUDY, network="imp", rewind_step=500, initialization=2)
    assert lacks(6, begun) == ["2 of 3 initializations at some points"]


def test_lines_that_are_not_there_are_named():
    assert lacks(6, without(STUDY, network="random_pruning")) == ["no line of Random pruning"]
    tickets = [row for row in STUDY if row["network"] == "imp"]
    names = "Random pruning, Random reinitialization"
    assert lacks(5, tickets) == [f"no line of {names}"]
    assert lacks(7, tickets) == [f"no line of {names}, Dense"]
    assert lacks(20, tickets) == []


def test_figure_4_needs_both_clocks():
    clocks = [
        instability("dense", i, pair, k, 0, schedule=schedule)
        for i in range(3)
        for pair in PAIRS
        for k in (0, 500)
        for schedule in ("absolute", "restarted")
    ]
    assert lacks(4, clocks) == []
    restarted = where(clocks, schedule="restarted")
    assert lacks(4, restarted) == ["no line of the remaining T - k steps"]
    half = without(clocks, schedule="restarted", rewind_step=500)
    assert lacks(4, half) == ["one step k of T steps, the schedule restarted"]


def test_a_figure_against_k_needs_several():
    at_0 = where(STUDY, rewind_step=0)
    assert lacks(3, at_0) == ["one step k"]
    assert lacks(2, at_0) == lacks(5, at_0) == []
    some = without(STUDY, network="random_pruning", rewind_step=500)
    assert lacks(6, some) == ["one step k of Random pruning"]
    # The dense network is a band, of k = 0.
    assert lacks(7, without(STUDY, network="dense", rewind_step=500)) == []


def test_of_what_is_trained_once_one_row_is_enough():
    states = [evaluation("dense", i, 0, 0, 0, step=k) for i in range(3) for k in (0, 500, 24000)]
    assert lacks(11, states) == []
    assert lacks(11, states[:-1]) == ["2 of 3 initializations at some points"]
    ways = [
        distance(between, "imp", i, noise, k)
        for i in range(3)
        for k in (0, 500)
        for between, noises in (
            ("initialization_to_k", ((0,),)), ("k_to_end", ((1,),)), ("end_to_end", PAIRS),
        )
        for noise in noises
    ]  # fmt: skip
    assert lacks(13, ways) == []
    assert lacks(13, without(ways, noise=[1, 2])) == ["2 of 3 pairs of an initialization"]
    assert lacks(13, without(ways, between="k_to_end")) == [
        "no line of step k to the end of training"
    ]


def searched(networks, steps=(0, 500), levels=range(1, 16)):
    """One run of each initialization at every level, and the dense network."""
    yield from (evaluation("dense", i, 0, 0, 0) for i in range(3))
    for network in networks:
        for k in steps if network == "imp" else (0,):
            yield from (evaluation(network, i, 0, k, n) for i in range(3) for n in levels)


def test_levels_of_a_search_are_enough_where_the_paper_has_one_run_of_an_initialization():
    assert lacks(10, searched(SPARSE)) == []
    assert lacks(10, searched(SPARSE, steps=(0,))) == ["one step k"]
    assert lacks(10, searched(SPARSE, levels=(1, 8, 15))) == ["3 of 15 levels"]
    some = [r for r in searched(SPARSE) if r["network"] != "random_pruning" or r["level"] == 15]
    assert lacks(10, some) == ["1 of 15 levels of Random pruning"]
    assert lacks(16, searched(SPARSE), "resnet20") == ["one step k of Random pruning"]


def test_figure_9_needs_pairs_and_runs_at_every_level():
    rows = [evaluation("dense", i, n, 0, 0) for i in range(3) for n in (1, 2, 3)]
    for network in ("imp", "random_pruning"):
        for i in range(3):
            for k in (0, 500):
                for level in (1, 2, 3):
                    rows += [evaluation(network, i, n, k, level) for n in (1, 2, 3)]
                    rows += [instability(network, i, pair, k, level) for pair in PAIRS]
    assert lacks(9, rows, "resnet20", level=3) == []
    runs = without(rows, kind="evaluation", level=2, noise=[3])
    assert lacks(9, runs, "resnet20", 3) == ["2 of 3 runs of an initialization at some points"]
    unstable = without(rows, kind="instability", network="random_pruning")
    assert lacks(9, unstable, "resnet20", 3) == ["no line of Random pruning, stable"]


def test_comparisons_are_of_all_four_networks_each_with_itself():
    rows = [
        comparison(network, i, pair, k, 0 if network == "dense" else 15)
        for network in ("dense", *SPARSE)
        for i in range(3)
        for pair in PAIRS
        for k in (0, 500)
    ]
    rows += [comparison("imp", against="dense")]  # which the paper does not show
    for number in range(29, 33):
        assert lacks(number, rows) == []
        assert lacks(number, without(rows, network="dense")) == ["no line of Dense"]
        crossed = without(rows, network="imp", against="imp")
        assert lacks(number, crossed) == ["no line of IMP"]


def test_of_other_networks_nothing_is_asked_for():
    assert lacks(6, STUDY[:1], network="") == []


UNMASKING = papers.load("unmasking")


def lacks_slices(number, levels, dense=range(4), last=12):
    """What slices of one replicate lack, in a log with these levels of ResNet-20."""
    assert UNMASKING
    figure = next(figure for figure in UNMASKING.figures if figure.number == number)
    group = Group("", "", UNMASKING.networks["resnet20"], [], last, 0.8**last, 62_400)
    rows = [plane(level, 0, 2000) for level in levels]
    rows += [evaluation("dense", seed, 1, k, 0) for seed in dense for k in (0, 2000)]
    (chart,) = figure.form.charts(rows, "ResNet-20")
    return list(map(str, completeness.of_figure(UNMASKING, figure, group, list(chart.rows))))


def test_slices_are_of_one_replicate_from_level_0_to_the_last_but_one():
    assert lacks_slices("7", range(12)) == []
    assert lacks_slices("7", range(11)) == ["11 of 12 levels"]
    assert lacks_slices("7", [0]) == ["1 of 12 levels"]
    assert lacks_slices("7", range(1, 12)) == ["11 of 12 levels"]


def test_of_slices_at_three_levels_three_are_enough():
    assert lacks_slices("3", (0, 5, 11)) == lacks_slices("3", range(12)) == []
    assert lacks_slices("3", (0, 5)) == ["2 of 3 levels"]


def test_the_contour_of_slices_is_of_the_dense_networks_of_all_replicates():
    assert lacks_slices("7", range(12), dense=range(2)) == ["2 of 4 initializations"]
    assert lacks_slices("7", range(12), dense=()) == ["no line of the matching threshold"]


def test_lines_between_all_levels_are_part_of_the_path_figure():
    """The heat map of figs 2 and 6 is missing where only successive levels were compared."""
    assert UNMASKING
    network, last = UNMASKING.networks["resnet20"], 12
    group = Group("", "", network, [], last, 0.8**last, 62_400)
    rows = [
        connectivity(i, j, seed, k)
        for k in (0, 250, 2000)
        for i in range(last)
        for j in range(i + 1, last + 1)
        for seed in range(4)
        if j == i + 1 or k == 2000
    ]
    (figure,) = (each for each in UNMASKING.figures if each.number == "2")

    def lacking(kept):
        first, *_ = figure.form.charts(kept, "ResNet-20")
        return list(map(str, completeness.of_figure(UNMASKING, figure, group, list(first.rows))))

    assert lacking(rows) == []
    successive = [row for row in rows if row["to_level"] == row["level"] + 1]
    assert lacking(successive) == ["no line of the heat map"]
