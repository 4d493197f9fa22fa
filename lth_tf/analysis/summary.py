"""A log in short: accuracy, instability and barrier over replicates, and the answers in words."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from lth_tf.analysis.answers import answers
from lth_tf.analysis.criteria import is_matching_as_printed
from lth_tf.analysis.estimate import Estimate, estimate, over_initializations, percent
from lth_tf.analysis.points import once, split, value, where
from lth_tf.analysis.selections import at_the_end, levels
from lth_tf.analysis.table import NO_ROW, align, as_csv, as_json, as_table, printable
from lth_tf.analysis.variants import Variant, shown, variants
from lth_tf.log.fields import network_kinds
from lth_tf.log.schema import Row, kinds

_FOOT = "mean ± sample standard deviation over initializations and noise samples"
_SPARSE = ("imp", "random_pruning", "random_reinitialization")
# What is the same for all rows of a line, or has columns of its own.
_SHOWN_APART = ("barrier",)
_NUMBERS = ("number", "fraction", "integer")
_IN_FIGURES = ("distance", "comparison")  # kinds of which few rows have columns here


class _Column(NamedTuple):
    """A column of a summary, or two: how many rows of a kind there are, and their mean.

    Attributes:
      heading: what is counted ('' if that was said), and what is averaged.
      suits: whether a row has it.
      value: of a row; None where it diverged.
      show: mean and standard deviation as text.
    """

    heading: tuple[str, str]
    suits: Callable[[Row], bool]
    value: Callable[[Row], float | None]
    show: Callable[[Estimate], str]


def _plain(found: Estimate) -> str:
    """Returns a number that is no fraction as `Estimate.percent` shows one."""
    if found.n == 0:
        return "-"
    return f"{found.mean:.4g}" + ("" if math.isnan(found.std) else f" ± {found.std:.2g}")


def _excess(row: Row) -> float | None:
    """Returns how high the error rises above the straight line between the ends' errors."""
    if row["test_errors"] is None or row["barrier"] == "from_line_between_ends":
        return value(row, "test_instability")
    errors, alphas = row["test_errors"], row["alphas"]
    ends = [(1 - alpha) * errors[0] + alpha * errors[-1] for alpha in alphas]
    return max(error - end for error, end in zip(errors, ends, strict=True))


def _rise(row: Row) -> float | None:
    """Returns how high the error rises above the mean of the ends' errors."""
    errors = row["test_errors"]
    if errors is None or row["barrier"] == "from_mean_of_ends":
        return value(row, "test_instability")
    return max(errors) - (errors[0] + errors[-1]) / 2


_COLUMNS = (
    _Column(("runs", "test accuracy %"), lambda row: row["kind"] == "evaluation",
            lambda row: value(row, "test_accuracy"), Estimate.percent),
    _Column(("pairs", "instability %"), lambda row: row["kind"] == "instability", _rise,
            Estimate.percent),
    _Column(("", "above the line %"), lambda row: row["kind"] == "instability", _excess,
            Estimate.percent),
    _Column(("lines", "barrier to the next level %"),
            lambda row: row.get("to") == "solution" and row["to_level"] == row["level"] + 1,
            lambda row: row["test_barrier"], Estimate.percent),
    _Column(("pairs", "differing test examples"),
            lambda row: value(row, "networks_compared") == "alike" and row["kind"] == "comparison",
            lambda row: row["test_differences"], _plain),
    _Column(("pairs", "L2 between ends"), lambda row: row.get("between") == "end_to_end",
            lambda row: row["l2_distance"], _plain),
)  # fmt: skip


def summary(rows: Sequence[Row]) -> str:
    """Returns accuracy and instability on the test set over replicates, in percent, in words.

    One block for each model and dataset; in it a line for each network, rewinding step, density,
    axis and step that was measured, and for each setting that differs. Replicates are
    initializations and noise samples. The answers follow in words; what is not counted is said
    below.
    """
    if not rows:
        return NO_ROW
    kept = once(rows)
    blocks = []
    for (model, dataset), members in split(kept, "model", "dataset").items():
        columns = [*_columns(members)]
        told = [row for row in members if any(column.suits(row) for column in columns)]
        if told:
            steps = {row["step"] for row in told}
            after = f", after {min(steps)} steps" if len(steps) == 1 else ""
            text = _block(told, variants(members, *_SHOWN_APART), columns)
            blocks.append(f"{printable(model)} on {printable(dataset)}{after}\n\n{text}")
    notes = [_FOOT]
    if any(row["kind"] == "instability" for row in kept):
        notes.append("instability: above the mean of the ends' errors; above the line between them")
    if diverged := sum(row["status"] == "diverged" for row in kept):
        notes.append(f"{diverged} measurements diverged and are not counted")
    said = answers(kept)
    return "\n\n".join([*blocks, "\n".join(notes), *(["\n".join(said)] if said else [])])


def _columns(rows: list[Row]) -> Iterable[_Column]:
    """Yields the columns that rows fill; of a user's kind of row, one for each of its numbers.

    Rows that are of other networks or states by a label of theirs have columns of their own.
    """
    usual = [column for column in _COLUMNS if any(map(column.suits, rows))]
    yield from usual
    for (kind,), members in split(rows, "kind").items():
        if kind in _IN_FIGURES or any(column.suits(row) for column in _COLUMNS for row in members):
            continue
        names = [f.name for f in kinds()[kind].values if f.type in _NUMBERS]
        labels = [f.name for f in kinds()[kind].labels if f.selects]
        for labeled, group in split(members, *labels).items():
            about = f" ({', '.join(map(str, labeled))})" if labels else ""
            for number, name in enumerate(names):
                heading = ("" if number else f"{kind} rows", f"{name}{about}")
                yield _Column(heading, _among(group), _value(name), _plain)


def _among(rows: list[Row]) -> Callable[[Row], bool]:
    ids = {id(row) for row in rows}
    return lambda row: id(row) in ids


def _value(name: str) -> Callable[[Row], float | None]:
    return lambda row: row[name]


def _block(rows: list[Row], found: list[Variant], columns: Sequence[_Column]) -> str:
    names = list(dict.fromkeys(name for variant in found for name in variant.values))
    if len({row["step"] for row in rows}) > 1:
        names.insert(0, "step")
    ids = {id(row) for row in rows}
    headings = [each for column in columns for each in column.heading if each]
    lines = [["network", "rewound to", "weights left", *map(printable, names), *headings]]
    seen: set[frozenset[int]] = set()
    for variant in found:
        members = [row for row in variant.rows if id(row) in ids]
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in sorted(members, key=_order):
            groups.setdefault(_order(row), []).append(row)
        for group in groups.values():
            if frozenset(map(id, group)) not in seen:
                seen.add(frozenset(map(id, group)))
                lines.append(_line(group, names, columns))
    return align(lines)


def _line(group: list[Row], names: list[str], columns: Sequence[_Column]) -> list[str]:
    row, cells = group[0], list[str]()
    for column in columns:
        found = estimate(column.value(each) for each in filter(column.suits, group))
        cells += [str(found.n)] * bool(column.heading[0]) + [column.show(found)]
    network = row["network"] + (", restarted" if row["schedule"] == "restarted" else "")
    k = str(row["rewind_step"])
    settings = [_shown(group, name) for name in names]
    return [printable(network), k, percent(row["density"]), *settings, *cells]


def _shown(rows: list[Row], name: str) -> str:
    """Returns the value of a setting in the rows of a line; '-' where they have none."""
    found = [value(row, name) for row in rows]
    return printable(shown(next((each for each in found if each is not None), None)))


def _order(row: Row) -> tuple[Any, ...]:
    known = list(network_kinds())
    place = known.index(row["network"]) if row["network"] in known else len(known)
    schedule = row["schedule"] == "restarted"
    return (place, row["network"], schedule, row["rewind_step"], row["level"],
            percent(row["density"]), row["step"])  # fmt: skip


def table_2(rows: Iterable[Row]) -> str:
    """Returns table 2 of lmc at every level where all kinds of sparse network started from k = 0.

    Accuracies in percent, mean ± standard deviation over initializations; each model, dataset and
    setting has lines of its own, at the last step at which its networks were evaluated.
    """
    head = ["network", "dataset", "settings", "weights left", "initializations", "full", "IMP"]
    lines = [[*head, "random pruning", "random reinit.", "drop", "IMP matching?"]]
    done = where(once(rows), kind="evaluation", rewind_step=0, status="done")
    for (model, dataset), group in split(done, "model", "dataset").items():
        for variant in variants(group):
            for cells in _table_2_lines(at_the_end(variant.rows)):
                lines.append([printable(model), printable(dataset), variant.title or "-", *cells])
    if len(lines) == 1:
        return "no level has accuracies of all four networks at k = 0"
    if all(line[2] == "-" for line in lines[1:]):
        lines = [[*line[:2], *line[3:]] for line in lines]
    return align(lines)


def _table_2_lines(rows: list[Row]) -> Iterable[list[str]]:
    dense = over_initializations(where(rows, network="dense"), "test_accuracy")
    for (_, density), members in levels(rows).items():
        found = [over_initializations(where(members, network=n), "test_accuracy") for n in _SPARSE]
        spreads = [dense, *found]
        if all(each.n for each in spreads):
            drop = dense.mean - found[0].mean
            matching = "yes" if is_matching_as_printed(drop) else "no"
            count = str(min(each.n for each in spreads))
            accuracies = [each.percent() for each in spreads]
            yield [density, count, *accuracies, f"{100 * drop:.2f}", matching]


FORMATS: dict[str, Callable[[Sequence[Row]], str]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "summary": summary,
    "table_2": table_2,
}
