"""Rows as text: one line a row for people, CSV and JSON for programs, and a summary."""

import csv
import io
import json
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from lth_tf.analysis.where import comparable, split
from lth_tf.log.schema import FIELDS, NETWORKS, Row

_NONE = "no row fits"
_COLUMNS = (
    "experiment",
    "kind",
    "network",
    "model",
    "dataset",
    "initialization",
    "noise",
    "rewind_step",
    "schedule",
    "level",
    "density",
    "step",
    "status",
    "between",
    "against",
    "train_error",
    "test_error",
    "train_instability",
    "test_instability",
    "l2_distance",
    "train_differences",
    "test_differences",
    "key",
)


class Spread(NamedTuple):
    """Mean, sample standard deviation (n - 1 in the denominator; nan for n < 2), and n."""

    mean: float
    std: float
    n: int

    def percent(self) -> str:
        """'98.17 ± 0.06' in percent; without a spread where there is one replicate."""
        if self.n == 0:
            return "-"
        spread = "" if math.isnan(self.std) else f" ± {100 * self.std:.2f}"
        return f"{100 * self.mean:.2f}{spread}"


def spread(values: Iterable[float | None]) -> Spread:
    """Mean and sample standard deviation of the values that are not None (runs that diverged)."""
    numbers = [value for value in values if value is not None]
    mean = statistics.fmean(numbers) if numbers else math.nan
    std = statistics.stdev(numbers) if len(numbers) > 1 else math.nan
    return Spread(mean, std, len(numbers))


def aggregate(rows: Iterable[Row], by: Sequence[str], value: str) -> dict[tuple[Any, ...], Spread]:
    """Mean, sample standard deviation and number of a field, for each value of the fields `by`.

    Args:
      rows: rows that have all these fields; null values are left out and not counted.
      by: fields to group by, such as ('network', 'rewind_step').
      value: the field to average, such as 'test_error'.

    Returns:
      Values of `by` -> Spread, in order.
    """
    groups = split(rows, *by).items()
    return {group: spread(row[value] for row in members) for group, members in groups}


def percent(density: float | None) -> str:
    """A density as figures and tables show it: 0.0352 as '3.52%', 1 as '100%'; None as '-'."""
    return "-" if density is None else f"{100 * density:.3g}%"


def as_table(rows: Sequence[Row]) -> str:
    """One line a row, the main fields, fractions as fractions, keys to 10 digits."""
    if not rows:
        return _NONE
    columns = [name for name in _COLUMNS if any(row.get(name) is not None for row in rows)]
    cells = [[_cell(name, row.get(name)) for name in columns] for row in rows]
    return align([columns, *cells])


def _cell(name: str, value: Any) -> str:
    if name == "key":
        return str(value)[:10]
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "-" if value is None else str(value)


def align(lines: Sequence[Sequence[str]]) -> str:
    """Cells in columns of even width; the first line is the heading, numbers stand right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [all(cell[:1] in "-0123456789" for cell in c[1:]) for c in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def as_csv(rows: Sequence[Row]) -> str:
    """Every field of every row; null and fields of the other kind are empty, lists are JSON."""
    out = io.StringIO()
    names = [field.name for field in FIELDS]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_csv_cell(row.get(name)) for name in names])
    return out.getvalue().rstrip("\n")


def _csv_cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def as_json(rows: Sequence[Row]) -> str:
    """A JSON array of the rows as they were written, one row a line."""
    return "[" + ",\n ".join(json.dumps(row) for row in rows) + "]"


def summary(rows: Sequence[Row]) -> str:
    """What came out, over replicates: accuracy and instability on the test set, in percent.

    One block for each model, dataset and step; in it one line for each network, rewinding step
    and density. Replicates are initialisations and noise samples; ± is the sample standard
    deviation (n - 1). What is not counted is said below.
    """
    if not rows:
        return _NONE
    kept, notes = comparable(rows)
    kept = [row for row in kept if any(column.of(row) for column in _SUMMARY)]
    blocks = [
        f"{model} on {dataset}, after {step} steps\n\n" + _block(group)
        for (model, dataset, step), group in split(kept, "model", "dataset", "step").items()
    ]
    diverged = sum(row["status"] == "diverged" for row in kept)
    notes = [*notes, f"{diverged} measurements diverged and are not counted"] if diverged else notes
    foot = "mean ± sample standard deviation over initialisations and noise samples"
    return "\n\n".join([*blocks, "\n".join([foot, *notes])])


class _Column(NamedTuple):
    """What a summary says of one kind of row.

    Attributes:
      heading: what is counted, and what is averaged.
      of: which rows.
      value: of a row; None where it diverged.
      show: mean and standard deviation as text.
    """

    heading: tuple[str, str]
    of: Callable[[Row], bool]
    value: Callable[[Row], float | None]
    show: Callable[[Spread], str]


def _plain(spread: Spread) -> str:
    """As `Spread.percent`, of a number that is no fraction."""
    if spread.n == 0:
        return "-"
    return f"{spread.mean:.4g}" + ("" if math.isnan(spread.std) else f" ± {spread.std:.2g}")


def _accuracy(row: Row) -> float | None:
    return None if row["test_error"] is None else 1 - row["test_error"]


_SUMMARY = (
    _Column(
        ("runs", "test accuracy %"),
        lambda row: row["kind"] == "evaluation",
        _accuracy,
        Spread.percent,
    ),
    _Column(
        ("pairs", "instability %"),
        lambda row: row["kind"] == "instability",
        lambda row: row["test_instability"],
        Spread.percent,
    ),
    _Column(
        ("pairs", "differing test examples"),
        lambda row: row["kind"] == "comparison" and row["against"] == row["network"],
        lambda row: row["test_differences"],
        _plain,
    ),
    _Column(
        ("pairs", "L2 between ends"),
        lambda row: row.get("between") == "end_to_end",
        lambda row: row["l2_distance"],
        _plain,
    ),
)


def _block(rows: list[Row]) -> str:
    first, *others = _SUMMARY
    columns = [first, *(column for column in others if any(map(column.of, rows)))]
    headings = [heading for column in columns for heading in column.heading]
    lines = [["network", "rewound to", "weights left", *headings]]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(rows, key=_order):
        groups.setdefault(_order(row), []).append(row)
    for group in groups.values():
        row, cells = group[0], list[str]()
        network = row["network"] + (", restarted" if row["schedule"] == "restarted" else "")
        for column in columns:
            found = spread(column.value(row) for row in filter(column.of, group))
            cells += [str(found.n), column.show(found)]
        lines.append([network, str(row["rewind_step"]), percent(row["density"]), *cells])
    return align(lines)


def _order(row: Row) -> tuple[Any, ...]:
    network = NETWORKS.index(row["network"])
    schedule = row["schedule"] == "restarted"
    return network, schedule, row["rewind_step"], row["level"], percent(row["density"])


FORMATS: dict[str, Callable[[Sequence[Row]], str]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "summary": summary,
}
