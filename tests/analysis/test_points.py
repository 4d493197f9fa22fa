"""What makes two rows the same point, and how rows of several settings are kept apart."""

import pytest
from synthetic import evaluation, instability, key, settings, study

from lth_tf.analysis.densities import densities_as_levels
from lth_tf.analysis.points import coordinates, once, split, value, where
from lth_tf.analysis.variants import variants
from lth_tf.log import Field, RowKind, fields

ROWS = list(study())
SLOW = {"settings": settings("imp", **{"Constant.rate": 0.0012})}
FAST = {"settings": settings("imp", **{"Constant.rate": 0.01})}


def test_seeds_are_no_coordinates_and_all_else_is():
    found = coordinates(instability())
    assert found["barrier"] == "from_mean_of_ends" and found["Constant.rate"] == 0.0012
    assert not {"initialization", "noise", "key", "written", "test_instability"} & set(found)
    assert coordinates(evaluation(initialization=4, noise=7)) == coordinates(evaluation())


@pytest.mark.parametrize("name", ["network", "model", "dataset", "rewind_step", "level", "step"])
def test_a_row_that_differs_in_a_field_is_another_point(name):
    other = evaluation() | {name: "x" if isinstance(evaluation()[name], str) else 7}
    assert coordinates(other) != coordinates(evaluation())


def test_rows_of_one_setting_are_one_variant_without_a_name():
    (only,) = variants(ROWS)
    assert (only.title, only.rows) == ("", ROWS)
    assert variants([]) == []


@pytest.mark.parametrize("levels", [(3, 3), (3, 5)])
def test_learning_rates_are_never_averaged_whatever_seeds_and_levels_they_have(levels):
    rows = [evaluation(initialization=i, level=levels[i > 1], **(SLOW, FAST)[i > 1]) for i in
            range(4)]  # fmt: skip
    slow, fast = variants(rows)
    assert (slow.title, slow.rows) == ("Constant.rate 0.0012", rows[:2])
    assert (fast.title, fast.rows) == ("Constant.rate 0.01", rows[2:])


def test_two_definitions_of_one_pair_are_apart_and_evaluations_are_in_both():
    lines = [instability(), instability(statistics="reestimate")]
    run = evaluation()
    first, second = variants([*lines, run])
    assert (first.title, first.rows) == ("statistics interpolate", [lines[0], run])
    assert (second.title, second.rows) == ("statistics reestimate", [lines[1], run])


def test_dense_networks_are_with_every_search_for_masks():
    dense = evaluation("dense", level=0)
    tickets = [
        evaluation(level=2, settings=settings("imp", **{"MaskSearch.fraction": fraction}))
        for fraction in (0.2, 0.5)
    ]
    found = variants([dense, *tickets])
    assert [v.rows for v in found] == [[dense, tickets[0]], [dense, tickets[1]]]
    assert found[0].suffix_of(dense) == ""
    assert found[0].suffix_of(tickets[0]) == found[0].suffix == f", {found[0].title}"


def test_an_axis_tells_rows_apart_unless_it_is_shown():
    rows = [evaluation(axes={"sigma": sigma}) for sigma in (0.5, 0.1)]
    assert [v.title for v in variants(rows)] == ["sigma 0.1", "sigma 0.5"]
    assert len(variants(rows, "sigma")) == 1


def test_an_axis_of_ones_own_may_have_the_name_of_a_derived_number():
    rows = [evaluation(axes={"pretrained": each}) for each in (0.25, 0.5)]
    assert [value(row, "pretrained") for row in rows] == [0.25, 0.5]
    assert where(rows, pretrained=0.5) == rows[1:]
    assert value(evaluation(rewind_step=6000), "pretrained") == 0.25


def test_an_axis_may_be_of_lists():
    rows = [evaluation(axes={"widths": widths}) for widths in ([3, 1], [3, 2], [3, 1])]
    assert [variant.rows for variant in variants(rows)] == [[rows[0], rows[2]], [rows[1]]]


def test_a_setting_that_some_rows_of_a_kind_lack_tells_them_apart():
    new = evaluation(settings=settings("imp", **{"MaskSearch.scope": "layerwise"}))
    assert [v.title for v in variants([evaluation(), new])] == [
        "MaskSearch.scope -",
        "MaskSearch.scope layerwise",
    ]


def test_what_only_states_of_later_steps_have_tells_nothing_apart():
    later = evaluation(rewind_step=9, settings=settings("imp", **{"Train.slots": "reset"}))
    assert len(variants([evaluation(), later])) == 1


def test_the_class_of_an_optimizer_says_what_its_fields_would():
    adam = settings("imp", **{"Hparams.optimizer": "Adam", "Adam.beta_1": 0.9})
    momentum = settings("imp", **{"Hparams.optimizer": "Momentum", "Momentum.momentum": 0.9})
    found = variants([evaluation(settings=adam), evaluation(settings=momentum)])
    assert [v.title for v in found] == ["Hparams.optimizer Adam", "Hparams.optimizer Momentum"]


def test_a_measurement_that_two_experiments_asked_for_counts_once():
    twice = [row | {"experiment": name} for name in ("imp", "train") for row in ROWS]
    assert once(twice) == twice[: len(ROWS)]


def test_two_definitions_of_the_barrier_of_one_line_are_both_kept():
    rows = [instability(), instability(barrier="from_line_between_ends")]
    assert once(rows) == rows


def test_old_rows_that_differ_in_a_setting_nobody_knows_are_told_apart():
    def old(name, i):
        own = {"schema": 2, "settings": {}, "configuration": key(name), "key": key(name, i)}
        return evaluation(initialization=i) | own

    unlike = once([old("a", 0), old("a", 1), old("b", 0)])
    assert [v.title for v in variants(unlike)] == sorted(
        f"configuration {key(name)[:10]}" for name in "ab"
    )
    alike = once([old("a", 0), old("b", 1)])
    assert len(variants(alike)) == 1


def test_densities_of_one_shot_pruning_are_levels():
    rows = [evaluation(level=1, density=d) for d in (0.25, 0.5)] + [evaluation("dense", level=0)]
    assert [row["level"] for row in densities_as_levels(rows)] == [2, 1, 0]
    assert densities_as_levels(ROWS) == ROWS


def test_of_fractions_only_that_of_a_search_for_masks_is_said_by_the_density():
    """A user's own kind of weights may have a fraction, too: its rows are no replicates."""
    of = [evaluation(level=1, density=d, settings=settings("imp", **{"MaskSearch.fraction": 1 - d}))
          for d in (0.25, 0.5)]  # fmt: skip
    assert len(variants(of)) == 1
    for network, level in (("dense", 0), ("imp", 1)):
        own = [settings(network, **{"Reset.fraction": f}) for f in (0.1, 0.2)]
        reset = [evaluation(network, level=level, settings=each) for each in own]
        assert [v.title for v in variants(reset)] == ["Reset.fraction 0.1", "Reset.fraction 0.2"]


def test_labels_of_a_kind_that_is_defined_anew_tell_rows_apart(monkeypatch):
    """As in a notebook, where a cell is run again: of two kinds with one name the later counts."""
    monkeypatch.setattr(fields, "_ROW_KINDS", fields.row_kinds())
    rows = [evaluation(kind="sharp", radius=radius) for radius in (1, 2)]
    fields.register_kind(RowKind("sharp", "How sharp."))
    assert len(variants(rows)) == 1
    radius = Field("radius", "number", "-", "Of the ball.")
    fields.register_kind(RowKind("sharp", "How sharp.", (radius,)))
    assert [v.title for v in variants(rows)] == ["radius 1", "radius 2"]


def test_split_is_in_order_of_the_values_and_of_their_types():
    assert list(split(ROWS, "network", "rewind_step"))[:2] == [("dense", 0), ("dense", 500)]
    rows = [evaluation(axes={"n": n}) for n in ("a", 10, 9, [1, 2])] + [evaluation()]
    assert list(split(rows, "n")) == [(None,), (9,), (10,), ("a",), ((1, 2),)]


def test_of_takes_derived_numbers_and_several_values():
    assert {r["network"] for r in where(ROWS, network=("imp", "dense"))} == {"imp", "dense"}
    assert where([evaluation(test_error=0.25)], test_accuracy=0.75)
