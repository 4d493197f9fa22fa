"""The figures of lmc that show every level of sparsity: 9, 10, 15 to 18."""

import statistics

import pytest
from lmc_figures import LEVELLED, NAMES, drawn, marks, only, panel
from synthetic import evaluation, instability


def test_figure_9_shows_medians_where_a_majority_get_there():
    chart = only(9, LEVELLED)
    axes = panel(chart)
    assert chart.y.values == (0, 500)
    assert "3 samples a point" in chart.notes[1]
    for network, words, places, steps in (
        ("imp", "stable", (80, 64), (0, 500)),
        ("imp", "matching", (80, 64), (0, 500)),
        ("random_pruning", "stable", (80,), (500,)),
        ("random_pruning", "matching", (), ()),
    ):
        x, y = marks(axes, f"{NAMES[network]}, {words}")
        assert x == pytest.approx(places)
        assert y == pytest.approx(steps)


def test_figure_9_is_of_instabilities_and_of_levels():
    assert drawn(9, [row for row in LEVELLED if row["kind"] == "evaluation"]) == []
    assert drawn(9, [row for row in LEVELLED if row["level"] < 3]) == []
    fresh = [instability("random_reinitialization", level=level) for level in (1, 2, 3)]
    assert drawn(9, fresh) == []


def test_figure_10_shows_the_best_step_and_the_extreme_level():
    axes = panel(only(10, LEVELLED))
    assert marks(axes, "IMP, best of 2 rewinding steps")[1] == pytest.approx([98, 98, 97])
    assert marks(axes, "IMP, k = 0")[1] == pytest.approx([98, 97, 96])
    assert marks(axes, "Random pruning, k = 0")[1] == pytest.approx([97, 95])
    assert marks(axes, "Random reinitialization, k = 0")[1] == pytest.approx([97, 96])
    (extreme,) = [mark for mark in axes.marks if mark.label == "extreme: 64%"]
    assert extreme.x == pytest.approx(64)


def test_with_one_step_there_is_no_best_of_several():
    rows = [row for row in LEVELLED if row["rewind_step"] == 0]
    axes = panel(only(10, rows))
    assert not any(mark.label.startswith("IMP, best") for mark in axes.marks)
    assert marks(axes, "IMP, k = 0")[1] == pytest.approx([98, 97, 96])


@pytest.mark.parametrize(("number", "first"), [(15, (1, 1)), (16, (2, 2))])
def test_figures_15_and_16_have_a_panel_for_every_level(number, first):
    chart = only(number, LEVELLED)
    panels = [panel for row in chart.panels for panel in row]
    assert [panel.title for panel in panels] == ["80% left", "64% left", "51.2% left"]
    assert marks(panels[0], NAMES["imp"])[1] == pytest.approx(first)


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
        chart = only(number, chosen)
        shown = chart.points()
        assert {point.line for point in shown} == {NAMES["dense"], NAMES["imp"]}
        for point in shown:  # means of initializations: 2, 5 and 9 %
            assert point.mean == pytest.approx(16 / 3)
            assert point.std == pytest.approx(statistics.stdev((2, 5, 9)))
            assert point.samples == 3
        assert "over 3 initializations" in chart.notes[1]
    # Instability beside them is over pairs.
    pairs = [instability(noise=(1, n), rewind_step=k, level=1) for n in (2, 3) for k in (0, 500)]
    assert {point.samples for point in only(23, pairs).points()} == {2}
