"""The figures of lmc by number: the right points at the right places, from rows alone."""

import statistics
from typing import Any, cast

import numpy as np
import pytest
from synthetic import ALPHAS, comparison, distance, evaluation, instability, study

from lth_tf import papers
from lth_tf.figures import chart as points
from lth_tf.figures import plots_of_functions
from lth_tf.figures.style import NAMES
from lth_tf.report.paper import Figure

FIGURES = {item.number: item for item in papers.load("lmc").items if isinstance(item, Figure)}
NUMBERS = set(range(2, 33))


def drawn(number, rows):
    figure = FIGURES[number]
    return dict(figure.draw(figure.select(list(rows)), "about"))


def only(number, rows):
    ((_, figure),) = drawn(number, rows).items()
    return figure


def marks(axes, label):
    """Places and heights of what is drawn under a label."""
    bars = [cast(Any, c).lines[0] for c in axes.containers if c.get_label() == label]
    lines = bars or [line for line in axes.get_lines() if line.get_label() == label]
    (line,) = lines
    return [np.asarray(line.get_xdata(orig=False)), np.asarray(line.get_ydata(orig=False))]


def test_every_figure_of_measurements_has_a_number():
    assert set(FIGURES) == NUMBERS


@pytest.mark.parametrize("number", sorted(NUMBERS))
def test_without_rows_there_is_no_figure(number):
    assert drawn(number, []) == {}


def test_figure_4_has_a_line_for_each_schedule():
    rows = [
        instability("dense", i, rewind_step=k, level=0, schedule=schedule, test_instability=height)
        for i in (0, 1)
        for k, schedule, height in (
            *((0, "absolute", 0.1), (500, "absolute", 0.05)),
            *((0, "restarted", 0.1), (500, "restarted", 0.03)),
        )
    ]
    figure = only(4, rows)
    (axes,) = figure.axes
    assert marks(axes, "the remaining T - k steps")[1] == pytest.approx([10, 5])
    assert marks(axes, "T steps, the schedule restarted")[1] == pytest.approx([10, 3])
    assert "2 pairs a point" in figure.texts[1].get_text()
    assert drawn(4, [r for r in rows if r["schedule"] == "absolute"]) == {}
    # No other figure mixes the two clocks.
    assert marks(only(3, rows).axes[0], NAMES["dense"])[1] == pytest.approx([10, 5])


def levelled(network, heights, errors):
    """Rows of three samples at k = 0 and 500: instability and error by level."""
    for i in range(3):
        for level, by_step in heights.items():
            for k, height in zip((0, 500), by_step, strict=True):
                yield instability(network, i, (1, 2), k, level, test_instability=height)
        for level, by_step in errors.items():
            for k, error in zip((0, 500), by_step, strict=True):
                yield evaluation(network, i, 1, k, level, test_error=error)


LEVELLED = [
    *(evaluation("dense", i, 1, 0, 0, test_error=0.02) for i in range(3)),
    *levelled(
        "imp",
        {1: (0.01, 0.01), 2: (0.03, 0.01), 3: (0.03, 0.03)},
        {1: (0.02, 0.02), 2: (0.03, 0.02), 3: (0.04, 0.03)},
    ),
    *levelled("random_pruning", {1: (0.03, 0.01)}, {1: (0.03, 0.025), 2: (0.05, 0.06)}),
    *levelled("random_reinitialization", {}, {1: (0.03, 0.01), 2: (0.04, 0.01)}),
]


def test_figure_9_shows_medians_where_a_majority_get_there():
    figure = only(9, LEVELLED)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "500"]
    assert "3 samples a point" in figure.texts[1].get_text()
    for network, words, places, steps in (
        ("imp", "stable", (80, 64), (0, 1)),
        ("imp", "matching", (80, 64), (0, 1)),
        ("random_pruning", "stable", (80,), (1,)),
        ("random_pruning", "matching", (), ()),
    ):
        x, y = marks(axes, f"{NAMES[network]}, {words}")
        assert x == pytest.approx(places)
        assert y == pytest.approx(steps, abs=0.1)  # shifted a little


def test_figure_9_is_of_instabilities_and_of_levels():
    assert drawn(9, [row for row in LEVELLED if row["kind"] == "evaluation"]) == {}
    assert drawn(9, [row for row in LEVELLED if row["level"] < 3]) == {}
    fresh = [instability("random_reinitialization", level=level) for level in (1, 2, 3)]
    assert drawn(9, fresh) == {}


def test_figure_10_shows_the_best_step_and_the_extreme_level():
    (axes,) = only(10, LEVELLED).axes
    assert marks(axes, "IMP, best of 2 rewinding steps")[1] == pytest.approx([98, 98, 97])
    assert marks(axes, "IMP, k = 0")[1] == pytest.approx([98, 97, 96])
    assert marks(axes, "Random pruning, k = 0")[1] == pytest.approx([97, 95])
    assert marks(axes, "Random reinitialisation, k = 0")[1] == pytest.approx([97, 96])
    assert marks(axes, "extreme: 64%")[0] == pytest.approx([64, 64])


def test_with_one_step_there_is_no_best_of_several():
    rows = [row for row in LEVELLED if row["rewind_step"] == 0]
    (axes,) = only(10, rows).axes
    assert not any(label.startswith("IMP, best") for label in axes.get_legend_handles_labels()[1])
    assert marks(axes, "IMP, k = 0")[1] == pytest.approx([98, 97, 96])
    # Later steps of the dense network alone are nothing to plot subnetworks against.
    assert drawn(16, [*rows, evaluation("dense", rewind_step=500, level=0)]) == {}


def test_figure_11_is_of_the_trunk_and_not_of_what_is_trained_from_k():
    rows = [
        evaluation("dense", i, 0, 0, 0, step=k, test_error=error, train_error=error / 2)
        for i in (0, 1)
        for k, error in ((0, 0.9), (500, 0.3 + 0.1 * i))
    ]
    others = [evaluation("dense", noise=1, level=0), evaluation("dense", rewind_step=500, level=0)]
    figure = only(11, rows + others)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "500"]
    assert marks(axes, "test error")[1] == pytest.approx([90, 35])
    assert marks(axes, "train error")[1] == pytest.approx([45, 17.5])
    assert "over 2 initialisations" in figure.texts[1].get_text()
    assert drawn(11, others) == {}


def test_figures_12_and_13_average_pairs_within_an_initialization():
    table = (
        ("initialization_to_k", (0,), (0.0, 4.0)),
        ("k_to_end", (1,), (10.0, 6.0)),
        ("end_to_end", (1, 2), (3.0, 1.0)),
        ("end_to_end", (1, 3), (5.0, 3.0)),
    )
    rows = [
        distance(between, network, i, noise, k, level, l2_distance=far + i, step=step)
        for network, level in (("dense", 0), ("imp", 15))
        for i in (0, 1)
        for between, noise, both in table
        for k, far in zip((0, 500), both, strict=True)
        for step in [k if between == "initialization_to_k" else 24000]
    ]
    figures = drawn(12, rows)
    assert list(figures) == ["-dense"]
    figures |= drawn(13, rows)
    assert list(figures) == ["-dense", "-imp-level_15-3.52_percent"]
    for figure in figures.values():
        (axes,) = figure.axes
        assert marks(axes, "initialisation to step k")[1] == pytest.approx([0.5, 4.5])
        assert marks(axes, "step k to the end of training")[1] == pytest.approx([10.5, 6.5])
        assert marks(axes, "between ends under different noise")[1] == pytest.approx([4.5, 2.5])


def test_figure_14_has_a_line_for_each_k_over_the_steps_of_training():
    rows = [
        instability(network, 0, noise, k, level, step=step, test_instability=step * 1e-6)
        for network, level in (("dense", 0), ("imp", 15))
        for noise in ((1, 2), (1, 3))
        for k, steps in ((0, (1000, 2000, 3000)), (1500, (2000, 3000)))
        for step in steps
    ]
    figures = drawn(14, rows)
    assert list(figures) == ["-dense", "-imp-level_15-3.52_percent"]
    axes = figures["-dense"].axes[0]
    assert marks(axes, "k = 0")[0] == pytest.approx([1000, 2000, 3000])
    assert marks(axes, "k = 0")[1] == pytest.approx([0.1, 0.2, 0.3])
    assert marks(axes, "k = 1.5K")[0] == pytest.approx([2000, 3000])
    assert drawn(14, study()) == {}  # the end alone is no course


@pytest.mark.parametrize(("number", "first"), [(15, (1, 1)), (16, (2, 2))])
def test_figures_15_and_16_have_a_panel_for_every_level(number, first):
    figure = only(number, LEVELLED)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["80% left", "64% left", "51.2% left"]
    assert marks(figure.axes[0], NAMES["imp"])[1] == pytest.approx(first)


def test_errors_of_figures_16_18_and_24_spread_over_initializations():
    rows = [
        evaluation(network, i, noise, k, level, test_error=error, train_error=error)
        for network, level in (("dense", 0), ("imp", 1), ("imp", 2), ("imp", 3))
        for k in (0, 500)
        for i, by_noise in enumerate(((0.01, 0.03), (0.05, 0.05), (0.09, 0.09)))
        for noise, error in enumerate(by_noise, start=1)
    ]
    for number in (16, 18, 24):
        chosen = [row for row in rows if row["level"] < 2] if number == 24 else rows
        figure = only(number, chosen)
        shown = points.of(figure)
        assert {point.line for point in shown} == {NAMES["dense"], NAMES["imp"]}
        for point in shown:  # means of initialisations: 2, 5 and 9 %
            assert point.mean == pytest.approx(16 / 3)
            assert point.std == pytest.approx(statistics.stdev((2, 5, 9)))
            assert point.samples == 3
        assert "over 3 initialisations" in figure.texts[1].get_text()
    # Instability beside them is over pairs.
    pairs = [instability(noise=(1, n), rewind_step=k, level=1) for n in (2, 3) for k in (0, 500)]
    assert {point.samples for point in points.of(only(23, pairs))} == {2}


def test_figure_5_lays_the_test_errors_of_subnetworks_over_each_other():
    kinds = {"imp": 0.01, "random_pruning": 0.02, "random_reinitialization": 0.03}
    rows = [
        instability(network, i, test_errors=[end + i / 100] * len(ALPHAS), rewind_step=k)
        for network, end in kinds.items()
        for i in (0, 1)
        for k in (0, 500)
    ]
    (axes,) = only(5, [*rows, instability("dense", level=0)]).axes
    assert [line.get_label() for line in axes.get_lines()] == [NAMES[network] for network in kinds]
    for network, end in kinds.items():
        x, y = marks(axes, NAMES[network])
        assert x == pytest.approx(ALPHAS)
        assert y == pytest.approx(100 * end + 0.5)


COPIES = [
    *(instability(l2_distance=2.0, cosine_distance=0.5), distance(l2_distance=2.0)),
    distance(noise=(1, 3), l2_distance=4.0, cosine_distance=0.7),
    instability("dense", level=0, l2_distance=9.0, cosine_distance=0.2),
]


def test_weight_distances_take_every_two_copies_once():
    ((_, figure),) = plots_of_functions.weight_distances(COPIES, "about")
    dense_l2, l2, dense_cosine, cosine = figure.axes
    assert marks(l2, NAMES["imp"])[1] == pytest.approx([3])
    assert marks(cosine, NAMES["imp"])[1] == pytest.approx([0.6])
    assert marks(dense_l2, NAMES["dense"])[1] == pytest.approx([9])
    assert dense_cosine.get_ylabel() == "cosine distance"


@pytest.mark.parametrize(
    ("number", "network", "unit", "mean"),
    [
        (25, "dense", "L2 distance", 9),
        (26, "imp", "L2 distance", 3),
        (27, "dense", "cosine distance", 0.2),
        (28, "imp", "cosine distance", 0.6),
    ],
)
def test_figures_25_to_28_are_one_distance_of_one_kind(number, network, unit, mean):
    (axes,) = only(number, COPIES).axes
    assert axes.get_ylabel() == unit
    assert marks(axes, NAMES[network])[1] == pytest.approx([mean])
    other = {"dense", "imp"} - {network}
    assert not [c for c in axes.containers if c.get_label() == NAMES[other.pop()]]


def compared(field):
    values = {f"test_{field}": 40, f"train_{field}": 60}
    return [
        comparison("dense", level=0),
        comparison("imp", **cast(Any, values)),
        comparison("imp", against="dense", **cast(Any, {f"test_{field}": 90})),
    ]


@pytest.mark.parametrize(
    ("draw", "field"),
    [
        (plots_of_functions.different_classifications, "differences"),
        (plots_of_functions.loss_distances, "loss_distance"),
    ],
)
def test_behaviour_alike_and_against_dense_is_kept_apart(draw, field):
    figures = dict(draw(compared(field), "about"))
    level = "-level_15-3.52_percent"
    assert list(figures) == [level, "-against_dense" + level]
    test, train = figures[level].axes
    assert marks(test, NAMES["imp"])[1] == pytest.approx([40])
    assert marks(train, NAMES["imp"])[1] == pytest.approx([60])
    assert marks(figures["-against_dense" + level].axes[0], NAMES["imp"])[1] == pytest.approx([90])


@pytest.mark.parametrize(
    ("number", "field", "mean"),
    [
        (29, "differences", 40),
        (30, "differences", 60),
        (31, "loss_distance", 40),
        (32, "loss_distance", 60),
    ],
)
def test_figures_29_to_32_are_of_one_set(number, field, mean):
    figures = drawn(number, compared(field))
    assert list(figures) == ["", "-against_dense"]
    assert marks(figures[""].axes[0], NAMES["imp"])[1] == pytest.approx([mean])


def test_figures_7_and_8_have_the_dense_network_as_a_band_and_not_as_a_line():
    for number, scale in ((7, 1), (8, 1 / 4)):
        (axes,) = only(number, LEVELLED).axes
        lines = [c.get_label() for c in axes.containers]
        assert lines == [NAMES[n] for n in NAMES if n != "dense"], scale
        (dense,) = [line for line in axes.get_lines() if line.get_label() == NAMES["dense"]]
        assert np.asarray(dense.get_ydata())[0] == pytest.approx(2 if number == 7 else 0.4, abs=0.1)


@pytest.mark.parametrize(
    ("number", "networks", "steps"),
    [
        (2, {"dense"}, {0}),
        (5, {"imp", "random_pruning", "random_reinitialization"}, {0}),
        (19, {"dense"}, {0, 500}),
        (20, {"imp"}, {0, 500}),
        (21, {"random_pruning"}, {0, 500}),
        (22, {"random_reinitialization"}, {0, 500}),
    ],
)
def test_figures_of_interpolation_are_of_their_networks_and_steps(number, networks, steps):
    chosen = FIGURES[number].select(list(study()))
    assert {row["network"] for row in chosen} == networks
    assert {row["rewind_step"] for row in chosen} == steps
    assert {row["kind"] for row in chosen} == {"instability"}


@pytest.mark.parametrize("number", [4, 7, 9, 10, 12, 16, 25, 26, 29])
def test_nothing_is_cut_off(number):
    rows = LEVELLED + [
        instability("dense", level=0, rewind_step=k, schedule="restarted") for k in (0, 500)
    ]
    rows += [distance(b, noise=n) for b, n in (("initialization_to_k", (0,)), ("k_to_end", (1,)))]
    rows += [distance(), comparison(), comparison("random_reinitialization")]
    for figure in drawn(number, rows).values():
        figure.draw_without_rendering()
        for part in (*figure.texts, *figure.legends):
            edge = part.get_window_extent()
            assert edge.x0 >= 0 and edge.x1 <= figure.bbox.x1, part
