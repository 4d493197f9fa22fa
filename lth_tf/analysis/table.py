"""Rows as text: one line a row for people, CSV and JSON for programs."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from lth_tf.analysis.points import split, value
from lth_tf.analysis.variants import variants
from lth_tf.log.schema import Row, all_fields

NO_ROW = "no row fits"
_COLUMNS = (
    "experiment", "kind", "network", "model", "dataset", "initialization", "noise", "rewind_step",
    "schedule", "level", "density", "step", "status",
)  # fmt: skip
_NUMBERS = (
    "train_error", "test_error", "train_instability", "test_instability", "l2_distance",
    "train_differences", "test_differences",
)  # fmt: skip


def as_table(rows: Sequence[Row]) -> str:
    """Returns a line a row: main fields, settings and axes that differ, keys to 10 digits."""
    if not rows:
        return NO_ROW
    fields = list(all_fields())
    own = [n for n in fields if n not in (*_COLUMNS, *_NUMBERS) and _is_own(n, rows)]
    names = (*_COLUMNS, *varying(rows), *own, *_NUMBERS, "key")
    columns = [name for name in names if any(value(row, name) is not None for row in rows)]
    cells = [[_cell(name, value(row, name)) for name in columns] for row in rows]
    return align([[printable(name) for name in columns], *cells])


def _is_own(name: str, rows: Sequence[Row]) -> bool:
    """Returns whether a field is a label, or a number of a kind of row without usual numbers."""
    field = all_fields()[name]
    usual = {"settings", "axes", "described", "layer_density", "software", "run_seconds"}
    kinds = {row["kind"] for row in rows if name in row}
    if name in usual or field.type not in ("text", "number", "fraction", "integer"):
        return False
    if name in ("experiment", "device", "schema", "configuration", "diverged_at", "written"):
        return False
    return field.type == "text" or not any(n in row for row in rows for n in _NUMBERS
                                           if row["kind"] in kinds)  # fmt: skip


def varying(rows: Sequence[Row]) -> list[str]:
    """Returns the axes of rows, and the settings in which those of one model and dataset differ."""
    names = dict.fromkeys(axis for row in rows for axis in row["axes"])
    for group in split(rows, "model", "dataset").values():
        for variant in variants(group):
            names |= dict.fromkeys(variant.values)
    return [name for name in names if name not in all_fields()]


def _cell(name: str, found: Any) -> str:
    if name == "key":
        return str(found)[:10]
    if isinstance(found, float):
        return f"{found:.4g}"
    if isinstance(found, list | tuple):
        return ",".join(map(str, found))
    return "-" if found is None else printable(str(found))


def printable(text: str) -> str:
    """Returns a text in one line, whatever is in a name of a user's own."""
    return " ".join(text.split())


def align(lines: Sequence[Sequence[str]]) -> str:
    """Returns cells in columns of even width; the first line is the heading, numbers are right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [all(cell[:1] in "-+0123456789" for cell in c[1:]) for c in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def as_csv(rows: Sequence[Row]) -> str:
    """Returns every field of every row, then every axis and setting that some row has.

    Null and fields of another kind are empty, lists are JSON. An axis or setting is a column under
    its own name in place of the fields `axes` and `settings`.
    """
    out = io.StringIO()
    fields = [name for name in all_fields() if name not in ("axes", "settings", "described")]
    further = dict.fromkeys(n for row in rows for n in (*row["axes"], *row["settings"]))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*fields, *further])
    for row in rows:
        cells = [row.get(name) for name in fields] + [value(row, name) for name in further]
        writer.writerow([_csv_cell(cell) for cell in cells])
    return out.getvalue().rstrip("\n")


def _csv_cell(found: Any) -> Any:
    return json.dumps(found) if isinstance(found, list | dict) else found


def as_json(rows: Sequence[Row]) -> str:
    """Returns a JSON array of the rows as they were written, one row a line."""
    return "[" + ",\n ".join(json.dumps(row) for row in rows) + "]"
