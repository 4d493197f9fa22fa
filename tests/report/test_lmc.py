"""The figures of lmc by number: the right points at the right places, from rows alone."""

from typing import Any, cast

import pytest
from lmc_figures import FIGURES, LEVELLED, NAMES, drawn, marks, only, panel
from rendered import require_nothing_is_cut_off
from synthetic import ALPHAS, comparison, distance, evaluation, instability, study

from lth_tf.figures.curves import SPARSE

NUMBERS = set(range(2, 33))


def test_every_figure_of_measurements_has_a_number():
    assert set(FIGURES) == NUMBERS


@pytest.mark.parametrize("number", sorted(NUMBERS))
def test_without_rows_there_is_no_figure(number):
    assert drawn(number, []) == []


def test_figure_4_has_a_line_for_each_schedule():
    rows = [
        instability("dense", i, rewind_step=k, level=0, schedule=schedule, test_instability=height)
        for i in (0, 1)
        for k, schedule, height in (
            *((0, "absolute", 0.1), (500, "absolute", 0.05)),
            *((0, "restarted", 0.1), (500, "restarted", 0.03)),
        )
    ]
    chart = only(4, rows)
    axes = panel(chart)
    assert marks(axes, "the remaining T - k steps")[1] == pytest.approx([10, 5])
    assert marks(axes, "T steps, the schedule restarted")[1] == pytest.approx([10, 3])
    assert "2 pairs a point" in chart.notes[1]
    assert drawn(4, [r for r in rows if r["schedule"] == "absolute"]) == []
    # No other figure mixes the two clocks.
    assert marks(panel(only(3, rows), "test set"), NAMES["dense"])[1] == pytest.approx([10, 5])


def test_figure_11_is_of_the_trunk_and_not_of_what_is_trained_from_k():
    rows = [
        evaluation("dense", i, 0, 0, 0, step=k, test_error=error, train_error=error / 2)
        for i in (0, 1)
        for k, error in ((0, 0.9), (500, 0.3 + 0.1 * i))
    ]
    others = [evaluation("dense", noise=1, level=0), evaluation("dense", rewind_step=500, level=0)]
    chart = only(11, rows + others)
    axes = panel(chart)
    assert chart.x.values == (0, 500)
    assert marks(axes, "test error")[1] == pytest.approx([90, 35])
    assert marks(axes, "train error")[1] == pytest.approx([45, 17.5])
    assert "over 2 initializations" in chart.notes[1]
    assert drawn(11, others) == []


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
    for number, level in ((12, ""), (13, ", pruned to 3.52%")):
        chart = only(number, rows)
        axes = panel(chart)
        assert chart.notes[0].endswith(level or "Dense")
        assert marks(axes, "initialization to step k")[1] == pytest.approx([0.5, 4.5])
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
    chart = only(14, rows)
    assert [[p.label for p in row] for row in chart.panels] == [
        [f"{split} set, {name}" for split in ("test", "train")] for name in ("Dense", "IMP")
    ]
    axes = chart.panels[0][0]
    assert marks(axes, "k = 0") == ([1000, 2000, 3000], pytest.approx([0.1, 0.2, 0.3]))
    assert marks(axes, "k = 1.5K")[0] == [2000, 3000]
    assert drawn(14, study()) == []  # the end alone is no course


def test_figure_5_lays_the_test_errors_of_subnetworks_over_each_other():
    kinds = {"imp": 0.01, "random_pruning": 0.02, "random_reinitialization": 0.03}
    rows = [
        instability(network, i, test_errors=[end + i / 100] * len(ALPHAS), rewind_step=k)
        for network, end in kinds.items()
        for i in (0, 1)
        for k in (0, 500)
    ]
    axes = panel(only(5, [*rows, instability("dense", level=0)]))
    assert [mark.label for mark in axes.marks] == [NAMES[network] for network in kinds]
    for network, end in kinds.items():
        x, y = marks(axes, NAMES[network])
        assert x == pytest.approx(ALPHAS)
        assert y == pytest.approx([100 * end + 0.5] * len(ALPHAS))


COPIES = [
    *(instability(l2_distance=2.0, cosine_distance=0.5), distance(l2_distance=2.0)),
    distance(noise=(1, 3), l2_distance=4.0, cosine_distance=0.7),
    instability("dense", level=0, l2_distance=9.0, cosine_distance=0.2),
]


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
    chart = only(number, COPIES)
    assert chart.y.name == unit
    assert marks(panel(chart), NAMES[network])[1] == pytest.approx([mean])
    assert [mark.label for mark in panel(chart).marks] == [NAMES[network]]


def compared(field):
    values = {f"test_{field}": 40, f"train_{field}": 60}
    return [
        comparison("dense", level=0),
        comparison("imp", **cast(Any, values)),
        comparison("imp", against="dense", **cast(Any, {f"test_{field}": 90})),
    ]


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
    alike, crossed = drawn(number, compared(field))
    assert marks(panel(alike), NAMES["imp"])[1] == pytest.approx([mean])
    assert panel(crossed).label.endswith("set, sparse against dense")


def test_figures_7_and_8_have_the_dense_network_as_a_band_and_not_as_a_line():
    for number, error in ((7, 2), (8, 0.4)):
        dense, *lines = panel(only(number, LEVELLED)).marks
        assert [line.label for line in lines] == [NAMES[network] for network in SPARSE]
        ((x, found),) = dense.points()
        assert (dense.label, x) == (NAMES["dense"], None)
        assert found.mean == pytest.approx(error, abs=0.1)


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
    chosen = FIGURES[number].form.select(list(study()))
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
    for chart in drawn(number, rows):
        require_nothing_is_cut_off(chart)
