"""Rows as text: one line a row for people, CSV and JSON for programs, and a summary."""

import csv
import io
import json
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from lth_tf.results.schema import FIELDS, NETWORKS, Row
from lth_tf.results.selection import comparable, split

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
    blocks = [
        f"{model} on {dataset}, after {step} steps\n\n" + _block(group)
        for (model, dataset, step), group in split(kept, "model", "dataset", "step").items()
    ]
    diverged = sum(row["status"] == "diverged" for row in kept)
    notes = [*notes, f"{diverged} measurements diverged and are not counted"] if diverged else notes
    foot = "mean ± sample standard deviation over initialisations and noise samples"
    return "\n\n".join([*blocks, "\n".join([foot, *notes])])


def _block(rows: list[Row]) -> str:
    lines = [["network", "rewound to", "weights left", "runs", "test accuracy %"]]
    paired = any(row["kind"] == "instability" for row in rows)
    if paired:
        lines[0] += ["pairs", "instability %"]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(rows, key=_order):
        groups.setdefault(_order(row), []).append(row)
    for group in groups.values():
        accuracy = spread(1 - e for r in group if (e := r.get("test_error")) is not None)
        barrier = spread(row.get("test_instability") for row in group)
        network, step = group[0]["network"], str(group[0]["rewind_step"])
        counts = [str(accuracy.n), accuracy.percent()]
        if paired:
            counts += [str(barrier.n), barrier.percent()]
        lines.append([network, step, percent(group[0]["density"]), *counts])
    return align(lines)


def _order(row: Row) -> tuple[Any, ...]:
    network = NETWORKS.index(row["network"])
    return network, row["rewind_step"], row["level"], percent(row["density"])


FORMATS: dict[str, Callable[[Sequence[Row]], str]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "summary": summary,
}
