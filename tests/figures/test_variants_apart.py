"""Figures of several settings, lengths and definitions: none mixes them, each is named."""

from typing import Any

import pytest
from charted import FORMS, PERTURBED, chart_of, lines
from synthetic import (
    comparison,
    connectivity,
    curvature,
    distance,
    evaluation,
    instability,
    plane,
    settings,
    stability,
    study,
    weights,
)

from lth_tf.figures.against_density import AgainstDensity, DensityLine
from lth_tf.figures.by_setting import BySetting
from lth_tf.figures.chart import Look
from lth_tf.figures.curves import Curves
from lth_tf.figures.standard import (
    charts,
    named_charts,
    notes,
    of_same_settings,
)

NULLS: dict[str, Any] = dict.fromkeys(("train_error", "test_error", "train_loss", "test_loss"))


def test_what_diverged_is_said_and_in_no_figure():
    rows = [evaluation(status="diverged", diverged_at=7, **NULLS), evaluation(noise=3)]
    said: list[str] = []
    notes(rows, said.append)
    assert said == ["1 measurements diverged and are in no figure"]
    assert {point.samples for each in named_charts(rows) for point in each.chart.points()} == {1}


def test_learning_rates_are_lines_of_their_own_named_by_what_differs():
    rows = [
        evaluation(network, i, level=level, test_error=error + i / 1000)
        | {"settings": settings(network, **{"Constant.rate": rate})}
        for rate, error in ((0.0012, 0.02), (0.01, 0.05))
        for i in (0, 1)
        for network, level in (("dense", 0), ("imp", 1), ("imp", 2))
    ]
    found = lines(chart_of("accuracy_against_density", rows))
    assert list(found) == [
        ("k = 0", f"{name}, Constant.rate {rate}")
        for rate in ("0.0012", "0.01")
        for name in ("Dense", "IMP")
    ]
    assert [mean for _, mean in found["k = 0", "IMP, Constant.rate 0.01"]] == pytest.approx(
        [94.95] * 3
    )


def test_searches_with_other_fractions_share_the_dense_network_and_have_lines_of_their_own():
    rows = [evaluation("dense", level=0)] + [
        evaluation(level=level, density=(1 - fraction) ** level)
        | {"settings": settings("imp", **{"MaskSearch.fraction": fraction})}
        for fraction in (0.1, 0.5)
        for level in (1, 2)
    ]
    found = lines(chart_of("accuracy_against_density", rows))
    assert list(found)[0] == ("k = 0", "Dense") and len(found) == 3
    xs = {line: [x for x, _ in points] for (_, line), points in found.items()}
    assert xs["IMP, MaskSearch.fraction 0.1"] == pytest.approx([100, 90, 81])
    assert xs["IMP, MaskSearch.fraction 0.5"] == pytest.approx([100, 50, 25])


def test_a_figure_of_one_level_is_of_one_density():
    """Searches with other fractions have other densities there, at level 1 too."""
    rows = [
        instability(level=level, density=(1 - fraction) ** level, test_instability=height)
        | {"settings": settings("imp", **{"MaskSearch.fraction": fraction})}
        for fraction, height in ((0.2, 0.01), (0.5, 0.3))
        for level in (1, 2)
    ]
    name = "instability_against_rewinding_step"
    found = {
        ending: list(lines(chart)["test set", "IMP"])
        for ending, chart in charts(FORMS[name], rows, "about")
    }
    assert found == {
        f"-level_{level}_percent": [(0, pytest.approx(height))]
        for level, height in (("1-80", 1), ("1-50", 30), ("2-64", 1), ("2-25", 30))
    }


def test_two_definitions_of_instability_are_lines_of_their_own():
    rows = [instability(test_instability=0.55), instability(statistics="reestimate")]
    found = lines(chart_of("instability_against_rewinding_step", rows))
    assert found["test set", "IMP, statistics interpolate"] == [(0, pytest.approx(55))]


@pytest.mark.parametrize("name", list(FORMS))
def test_no_figure_mixes_settings(name):
    """With a second setting every figure has the points of the first one, and as many again."""
    rows = [row for row in study((0, 500)) if row["initialization"] == 0 and row["level"] in
            (0, 1, 2, 3, 15)]  # fmt: skip
    rows += [instability(level=level, rewind_step=k) for level in (1, 2, 3) for k in (0, 500)]
    rows += [instability("dense", level=0, step=s, rewind_step=k) for s in (9, 99) for k in (0, 5)]
    rows += [instability("dense", level=0, schedule="restarted", rewind_step=k) for k in (0, 500)]
    rows += [distance(b, noise=n) for b, n in (("initialization_to_k", (0,)), ("k_to_end", (1,)))]
    rows += [distance(), comparison(), comparison(against="dense")]
    rows += [evaluation("dense", 0, 0, level=0, step=s) for s in (0, 9, 99, 24000)]
    rows += [*(connectivity(*ends) for ends in ((0, 1), (1, 2), (0, 2))), plane()]
    rows += [evaluation("adaptive_imp", level=1), stability(), stability("pruning", noise=(1,))]
    rows += [weights(step=s) for s in (0, 9, 99, 24000)]
    rows += [*PERTURBED, *(curvature(step=s) for s in (0, 100))]
    other = [
        row | {"settings": row["settings"] | {"Constant.rate": 0.5}, "key": row["key"][::-1]}
        for row in rows
    ]
    one, both = (
        [point for _, chart in charts(FORMS[name], found, "") for point in chart.points()]
        for found in (rows, rows + other)
    )
    assert one, "no chart is tried"
    assert len(both) == 2 * len(one)
    assert sorted({p.samples for p in both}) == sorted({p.samples for p in one})
    assert all("Constant.rate" in point.line for point in both)


def test_what_was_asked_for_is_drawn_with_others_of_its_settings_alone():
    slow = [evaluation(), instability()]
    fast = [row | {"settings": settings("imp", **{"Constant.rate": 1.0}), "key": row["key"][::-1]}
            for row in slow]  # fmt: skip
    assert of_same_settings(slow + fast, slow[:1]) == slow
    assert of_same_settings(slow + fast, fast[:1]) == fast


@pytest.mark.parametrize("name", ["extreme_sparsity", "first_stable_and_matching_step"])
def test_trainings_of_several_lengths_are_each_shown_at_their_end(name):
    """Larger batches take fewer steps."""
    rows = [
        row | {"step": step, "settings": settings(row["network"], **{"Hparams.batch_size": batch})}
        for batch, step in ((60, 24000), (600, 2400))
        for level in range(4)
        for row in (
            evaluation("imp" if level else "dense", level=level),
            instability("imp" if level else "dense", level=level),
        )
    ]
    labels = [line for _, line in lines(chart_of(name, rows))]
    for batch in (60, 600):
        assert any(label.endswith(f"batch_size {batch}") for label in labels), batch


TWO_FRACTIONS = [evaluation("dense", level=0)] + [
    evaluation(level=level, density=(1 - fraction) ** level)
    | {"settings": settings("imp", **{"MaskSearch.fraction": fraction})}
    for fraction in (0.1, 0.5)
    for level in (1, 2, 3)
]


PAPER_LINES = AgainstDensity("", {"": (DensityLine("IMP", {"network": "imp"}, Look("k")),)}, True)


@pytest.mark.parametrize("form", [FORMS["extreme_sparsity"], PAPER_LINES], ids=["best", "lines"])
def test_the_dense_network_that_searches_share_is_named_after_none_of_them(form):
    (chart,) = form.charts(TWO_FRACTIONS, "about")
    labels = [line for _, line in lines(chart)]
    assert labels[0] == "Dense" and len(labels) == len(set(labels)) == 3


def test_a_line_from_dense_to_sparse_is_named_after_what_its_sparse_rows_differ_in():
    form = Curves("", "evaluation", ("test_error",), "", x="level", lines="rewind_step", panels="")
    (chart,) = form.charts(TWO_FRACTIONS, "about")
    assert [line for _, line in lines(chart)] == [
        f"k = 0, MaskSearch.fraction {fraction}" for fraction in (0.1, 0.5)
    ]


def test_the_steps_above_a_chart_are_those_of_every_training():
    rows = [
        instability(step=step) | {"settings": settings("imp", **{"Hparams.batch_size": batch})}
        for batch, step in ((60, 24000), (600, 2400))
    ]
    expected = "LeNet 300-100 on mnist, 2,400 to 24,000 steps"
    assert all(each.chart.notes[0].startswith(expected) for each in named_charts(rows))


def accuracies(form, rows):
    """(panel, line) -> (x, accuracy) of the charts of a form."""
    found = (lines(chart) for chart in form.charts(rows, "about"))
    return {place: points for chart in found for place, points in chart.items()}


def by_setting(x, panels):
    return BySetting("", "evaluation", "test_accuracy", "accuracy (%)", x, panels)


def trained_with(momentum, **changes):
    return {"settings": settings("imp", **{"Momentum.momentum": momentum, **changes})}


def test_trainings_of_one_momentum_and_several_lengths_are_lines_of_their_own():
    rows = [
        evaluation(level=level, test_error=steps / 1e6)
        | trained_with(0.9, **{"Cosine.end": steps})
        | {"step": steps}
        for steps in (24000, 48000)
        for level in (1, 2)
    ]
    found = accuracies(by_setting("density", ""), rows)
    assert {line: [y for _, y in points] for (_, line), points in found.items()} == {
        f"μ = 0.9, batch 60, Cosine.end {steps}": pytest.approx([100 - steps / 1e4] * 2)
        for steps in (24000, 48000)
    }


def test_two_shares_of_pretraining_are_panels_that_say_them():
    rows = [evaluation(rewind_step=k, level=level) | trained_with(0.9) for k in (240, 2400)
            for level in (1, 2)]  # fmt: skip
    assert {panel for panel, _ in accuracies(by_setting("density", "pretrained"), rows)} == {
        f"with pretraining for {share}% of the steps" for share in (1, 10)
    }


def without_some(share, seed, end, keep="lowest"):
    """An instability of what was trained without some examples, in ever fewer steps."""
    more = {"MeasuredSubset.keep": keep, "MeasuredSubset.fraction": share}
    more |= {"first.Cosine.end": end, "second.Cosine.end": end}
    axes = {"examples": share, "search_share": 1 / share}
    return instability(initialization=seed, test_instability=share / 10, axes=axes) | {
        "settings": settings("dense", **more)
    }


def test_shares_of_examples_that_are_left_out_are_points_of_one_line():
    form = BySetting("", "instability", "test_instability", "barrier (%)", "removed", "",
                     lines="kept", axes=("examples", "search_share"))  # fmt: skip
    rows = [without_some(share, seed, round(1000 * share))
            for share in (0.5, 0.7, 0.9) for seed in (0, 1)]  # fmt: skip
    expected = [(10, pytest.approx(9)), (30, pytest.approx(7)), (50, pytest.approx(5))]
    assert accuracies(form, rows) == {("", "without the hardest"): expected}
    # Of two lengths of training at one place neither is averaged with the other.
    rows += [without_some(0.5, seed, 700) for seed in (0, 1)]
    assert len(accuracies(form, rows)) > 1
