"""Rows as text, one line a row for people, CSV and JSON for programs; and as a table for Python."""

import csv
import html
import io
import json
from collections.abc import Sequence
from typing import Any

from lth_tf.analysis.points import split, value
from lth_tf.analysis.variants import variants
from lth_tf.analysis.where import where
from lth_tf.errors import UserError
from lth_tf.log.schema import Row, all_fields, kinds

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
    names = (*_COLUMNS, *varying(rows), *_further_fields(rows), *_NUMBERS, "key")
    columns = [name for name in names if any(value(row, name) is not None for row in rows)]
    cells = [[_cell(name, value(row, name)) for name in columns] for row in rows]
    return align([[printable(name) for name in columns], *cells])


def _further_fields(rows: Sequence[Row]) -> list[str]:
    """Returns the texts of kinds of row, and all numbers of kinds without the usual ones."""
    own: dict[str, None] = {}
    for kind in {row["kind"]: None for row in rows}:
        fields = (*kinds()[kind].labels, *kinds()[kind].values)
        usual = any(field.name in _NUMBERS for field in fields)
        types = ("text",) if usual else ("text", "number", "fraction", "integer")
        own |= {field.name: None for field in fields if field.type in types}
    return [name for name in all_fields() if name in own]


def varying(rows: Sequence[Row]) -> list[str]:
    """Returns the axes of rows, and the settings in which those of one model and dataset differ."""
    names = dict.fromkeys(axis for row in rows for axis in row["axes"])
    for group in split(rows, "model", "dataset").values():
        for variant in variants(group):
            names |= dict.fromkeys(variant.values)
    return [name for name in names if name not in all_fields()]


def _cell(name: str, content: Any) -> str:
    if name == "key":
        return str(content)[:10]
    if isinstance(content, float):
        return f"{content:.4g}"
    if isinstance(content, list | tuple):
        return ",".join(map(str, content))
    return "-" if content is None else printable(str(content))


def printable(text: str) -> str:
    """Returns a text in one line, whatever is in a name of a user's own."""
    return " ".join(text.split())


def align(lines: Sequence[Sequence[str]]) -> str:
    """Returns cells in columns of even width; the first line is the heading, numbers are right."""
    columns = []
    for cells in zip(*lines, strict=True):
        width = max(map(len, cells))
        right = all(cell[:1] in "-+0123456789" for cell in cells[1:])
        columns.append([cell.rjust(width) if right else cell.ljust(width) for cell in cells])
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


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
        writer.writerow([json.dumps(c) if isinstance(c, list | dict) else c for c in cells])
    return out.getvalue().rstrip("\n")


def as_json(rows: Sequence[Row]) -> str:
    """Returns a JSON array of the rows as they were written, one row a line."""
    return "[" + ",\n ".join(json.dumps(row) for row in rows) + "]"


class RowTable(list[Row]):
    """Rows of a log, each a dict (docs/results.md lists the fields)."""

    def where(self, *filters: str) -> "RowTable":
        """Returns the rows for which every filter holds, such as 'network=imp'.

        Raises:
          LogError: there is no such field, or it cannot have that value.
        """
        return RowTable(where(self, filters))

    def flat(self) -> list[dict[str, Any]]:
        """Returns the rows as dicts of one level: each axis and each setting is a column."""
        flat = []
        for row in self:
            own = {name: row[name] for name in row if name not in ("axes", "settings")}
            flat.append(own | row["axes"] | row["settings"] | own)
        return flat

    def to_pandas(self) -> Any:
        """Returns the rows as a pandas.DataFrame with the columns of `flat`.

        Raises:
          UserError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            problem = "pandas is not installed; flat() returns the same rows as dicts"
            raise UserError(f"to_pandas: {problem}") from None
        return pandas.DataFrame(self.flat())

    def __str__(self) -> str:
        return as_table(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Returns what a notebook shows."""
        return f"<pre>{html.escape(str(self))}</pre>"
