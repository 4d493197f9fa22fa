"""The schema: what is refused, and the documentation that must not drift from it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from synthetic import comparison, distance, evaluation, instability, stability

from lth_tf.log import fields
from lth_tf.log.schema import LogError, all_fields, fields_of, kinds, now
from lth_tf.log.validation import validate

DOC = Path(__file__).parents[2] / "docs" / "results.md"
DIVERGED: dict[str, Any] = {"status": "diverged", "diverged_at": 12}


def test_good_rows_pass():
    validate(evaluation())
    validate(instability())
    validate(evaluation(written=now(), run_seconds=None))
    validate(instability(test_losses=[None] * 11))
    validate(comparison())
    for between, noise in (
        ("initialization_to_k", (0,)),
        ("k_to_end", (1,)),
        ("end_to_end", (1, 2)),
    ):
        validate(distance(between, noise=noise))
    validate(stability())
    validate(stability("pruning", noise=(0,), angle=None))


def test_rows_that_diverged_have_null_for_what_was_measured():
    nulls: dict[str, Any] = {f.name: None for f in fields_of("evaluation") if f.null == "diverged"}
    assert set(nulls) == {"train_error", "test_error", "train_loss", "test_loss"}
    validate(evaluation(**nulls, **DIVERGED))
    nulls = {f.name: None for f in fields_of("instability") if f.null == "diverged"}
    assert len(nulls) == 8
    validate(instability(**nulls, **DIVERGED))
    validate(instability(**nulls, **DIVERGED, alphas=None))
    with pytest.raises(LogError, match="train_errors is not null in a row that diverged"):
        validate(instability(**{**nulls, "train_errors": [0.1]}, **DIVERGED))


ROWS = (evaluation(), instability(), distance(), comparison(), stability())
of_every_kind = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["kind"])


@of_every_kind
def test_every_field_is_required_and_named_when_it_is_missing(row):
    for field in fields_of(row["kind"]):
        without = {name: value for name, value in row.items() if name != field.name}
        with pytest.raises(LogError, match=f"'{field.name}' is missing"):
            validate(without)


@of_every_kind
def test_every_field_refuses_a_value_of_another_type(row):
    for field in fields_of(row["kind"]):
        other = 5 if field.type in ("values by name", "declarations") else {"other": {}}
        with pytest.raises(LogError, match=rf"^results row: {field.name} is .* it takes ") as error:
            validate({**row, field.name: other})
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"density": 1.01}, "density is 1.01; it takes a number from 0 to 1"),
        ({"density": True}, "density is True"),
        ({"level": 1.0}, "level is 1.0; it takes an integer, 0 or more"),
        ({"level": -1}, "level is -1"),
        ({"test_error": None}, "test_error is None; .* null only in a row that diverged"),
        ({"test_loss": float("nan")}, "test_loss is nan; it takes a finite number"),
        ({"test_loss": float("inf")}, "test_loss is inf"),
        ({"network": ""}, "network is ''; it takes a text"),
        ({"settings": {"Constant.rate": float("nan")}}, "settings is "),
        ({"axes": {"level": 3}}, "axes has level, which is the name of a field"),
        ({"described": [{"class": "Other", "name": "x"}]}, "described is "),
        ({"kind": "line"}, "kind is 'line'; it takes comparison or "),
        ({"key": "abc"}, "key is 'abc'; it takes 64 hexadecimal digits"),
        ({"noise": [1, 2]}, r"noise is \[1, 2\]; kind 'evaluation' has 1 seed$"),
        ({"noise": []}, "noise is "),
        ({"diverged_at": 3}, "diverged_at is not null in a row that is done"),
        ({"written": "2025-01-02T03:04:05"}, "written is .* UTC"),
        ({"written": "2025-01-02T03:04:05+01:00"}, "written is .* UTC"),
        ({"layer_density": {"dense": 2}}, "layer_density is "),
        ({"color": "red"}, "'color' is no field of kind 'evaluation'; there are schema, key"),
        ({"alphas": [0, 1]}, "'alphas' is no field of kind 'evaluation'"),
    ],
)
def test_wrong_evaluations_are_refused_in_one_line(change, message):
    with pytest.raises(LogError, match=message) as error:
        validate({**evaluation(), **change})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"noise": [1]}, "kind 'instability' has 2 seeds"),
        ({"test_errors": [0.1, 0.2]}, "test_errors has 2 values for 11 alphas"),
        ({"alphas": [i / 10 for i in range(10, -1, -1)]}, "it must rise from 0 to 1"),
        ({"alphas": [i / 20 for i in range(11)]}, "it must rise from 0 to 1"),
        ({"alphas": None}, "alphas is null in a row that is done"),
        ({"barrier": "sup"}, "from_mean_of_ends or from_line_between_ends"),
    ],
)
def test_wrong_instabilities_are_refused_in_one_line(change, message):
    with pytest.raises(LogError, match=message):
        validate({**instability(), **change})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (comparison(noise=(1,)), "kind 'comparison' has 2 seeds"),  # type: ignore[arg-type]
        (comparison(test_differences=1.5), "test_differences is 1.5; it takes an integer"),
        (distance("start_to_end"), "between is .* takes initialization_to_k or k_to_end or end"),
    ],
)
def test_wrong_comparisons_and_distances_are_refused_in_one_line(row, message):
    with pytest.raises(LogError, match=message):
        validate(row)


def test_names_are_unique():
    for kind in kinds():
        names = [field.name for field in fields_of(kind)]
        assert len(set(names)) == len(names)
        assert set(names) <= set(all_fields())


def test_a_row_of_a_kind_of_ones_own_brings_its_description_along(monkeypatch):
    monkeypatch.setattr(fields, "_ROW_KINDS", dict(fields.row_kinds()))
    measured = {"name": "sharpness", "type": "number", "unit": "-", "meaning": "It.",
                "null": "diverged", "choices": []}  # fmt: skip
    kind = {"class": "RowKind", "name": "sharp", "meaning": "How sharp.", "labels": [],
            "values": [measured], "samples": 1}  # fmt: skip
    row = {name: value for name, value in evaluation().items() if "_error" not in name}
    own = {name: value for name, value in row.items() if "_loss" not in name}
    own |= {"kind": "sharp", "sharpness": 3.0, "described": [kind]}
    validate(own)
    assert "sharp" in kinds()
    with pytest.raises(LogError, match="sharpness is 'x'; it takes a finite number"):
        validate(own | {"sharpness": "x"})
    with pytest.raises(LogError, match="kind is 'blunt'; it takes .* or sharp$"):
        validate(own | {"kind": "blunt"})


def test_lines_of_a_kind_of_ones_own_are_held_to_their_alphas(monkeypatch):
    monkeypatch.setattr(fields, "_ROW_KINDS", dict(fields.row_kinds()))

    def line(alphas, heights, kind_of_alphas="list of numbers or null"):
        values = [EDGE | {"name": name, "type": kind, "null": "allowed"} for name, kind in
                  (("alphas", kind_of_alphas), ("heights", "list of fractions"))]  # fmt: skip
        kind = SHARP | {"name": f"line {kind_of_alphas}", "values": values}
        own = {name: value for name, value in evaluation().items()
               if "_error" not in name and "_loss" not in name}  # fmt: skip
        named = {"kind": kind["name"], "described": [kind]}
        return own | named | {"alphas": alphas, "heights": heights}

    validate(line([0, 1], [0.5, 0.5]))
    validate(line([0, 1], None))
    for row, message in (
        (line([0, 1], [0.5]), "heights has 1 values for 2 alphas"),
        (line([0, None, 1], None), "it must rise from 0 to 1"),
        (line(0.5, None, "number"), "alphas is 0.5 in a row that is done"),
    ):
        with pytest.raises(LogError, match=message):
            validate(row)


SHARP = {"class": "RowKind", "name": "sharp", "meaning": "-", "labels": [], "values": []}
EDGE = {"name": "edge", "type": "number", "unit": "-", "meaning": "-", "choices": []}


@pytest.mark.parametrize(
    "change",
    [
        {"labels": 5},
        {"values": [{"name": "x"}]},
        {"values": [{"name": "x", "type": "color", "unit": "-", "meaning": "-", "choices": []}]},
        {"values": [EDGE | {"name": ["edge"]}]},
        {"values": [EDGE | {"null": []}]},
        {"samples": "1"},
        {"color": "red"},
        {"class": "NetworkKind"},
    ],
)
def test_a_declaration_that_cannot_be_used_is_refused(change, monkeypatch):
    """As in a log that was edited: it is one line, and nothing becomes known."""
    monkeypatch.setattr(fields, "_ROW_KINDS", fields.row_kinds())
    monkeypatch.setattr(fields, "_NETWORK_KINDS", fields.network_kinds())
    with pytest.raises(LogError, match="described has no .* that can be used: 'sharp'"):
        validate({**evaluation(), "described": [SHARP | change]})
    assert "sharp" not in kinds() and "sharp" not in fields.network_kinds()


@pytest.mark.parametrize("change", [{"class": ["RowKind"]}, {"name": ["sharp"]}, {"class": {}}])
def test_what_is_no_declaration_is_refused(change):
    with pytest.raises(LogError, match="described is .*; it takes a declarations"):
        validate({**evaluation(), "described": [SHARP | change]})


def test_the_documentation_has_the_schemas_table():
    # In a process of its own: a user's kinds of row, known here since another test, are not shown.
    program = Path(__file__).with_name("print_fields.py")
    table = subprocess.run([sys.executable, program], capture_output=True, text=True)
    assert table.returncode == 0, table.stderr
    assert table.stdout in DOC.read_text(), f"put what {program} prints into docs/results.md"
