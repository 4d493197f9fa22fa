"""A log in short: accuracy, instability and barrier over replicates, and the answers in words."""

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from lth_tf.analysis.answers import answers
from lth_tf.analysis.criteria import is_matching_as_printed
from lth_tf.analysis.estimate import Estimate, estimate, over_initializations, percent
from lth_tf.analysis.landscape import leads_to_next_level
from lth_tf.analysis.points import once, split, value, where
from lth_tf.analysis.selections import at_the_end, levels
from lth_tf.analysis.table import NO_ROW, align, as_csv, as_json, as_table, printable
from lth_tf.analysis.variants import Variant, in_words, variants
from lth_tf.log.fields import network_kinds
from lth_tf.log.schema import Row, kinds

_FOOT = "mean ± sample standard deviation over initializations and noise samples"
_SPARSE = ("imp", "random_pruning", "random_reinitialization")
_BOTH_BARRIERS = "barrier"  # a label that differs within a line, which has a column for each
_NUMBERS = ("number", "fraction", "integer")
_IN_FIGURES = ("distance", "comparison")  # kinds of which few rows have columns here


class _Column(NamedTuple):
    """A column of a summary, or two: how many rows of a kind there are, and their mean.

    Attributes:
      heading: those of the two, '' for the first where the column before has the same rows.
      suits: whether a row counts.
      value: of a row; None where it diverged.
      text: of mean and standard deviation.
    """

    heading: tuple[str, str]
    suits: Callable[[Row], bool]
    value: Callable[[Row], float | None]
    text: Callable[[Estimate], str]


def _plain(mean: Estimate) -> str:
    """Returns a number that is no fraction as `Estimate.percent` shows one."""
    if mean.n == 0:
        return "-"
    return f"{mean.mean:.4g}" + ("" if math.isnan(mean.std) else f" ± {mean.std:.2g}")


def _above_line(row: Row) -> float | None:
    """Returns how high the error rises above the straight line between the ends' errors."""
    if row["test_errors"] is None or row["barrier"] == "from_line_between_ends":
        return value(row, "test_instability")
    errors = row["test_errors"]
    return max(
        error - ((1 - alpha) * errors[0] + alpha * errors[-1])
        for error, alpha in zip(errors, row["alphas"], strict=True)
    )


def _above_mean(row: Row) -> float | None:
    """Returns how high the error rises above the mean of the ends' errors."""
    errors = row["test_errors"]
    if errors is None or row["barrier"] == "from_mean_of_ends":
        return value(row, "test_instability")
    return max(errors) - (errors[0] + errors[-1]) / 2


def _is_step(barrier: str) -> Callable[[Row], bool]:
    """Returns whether rows are of lines to the next level, by one definition of the barrier."""
    return lambda row: leads_to_next_level(row) and row["barrier"] == barrier


_COLUMNS = (
    _Column(("runs", "test accuracy %"), lambda row: row["kind"] == "evaluation",
            lambda row: value(row, "test_accuracy"), Estimate.percent),
    _Column(("pairs", "instability %"), lambda row: row["kind"] == "instability", _above_mean,
            Estimate.percent),
    _Column(("", "above the line %"), lambda row: row["kind"] == "instability", _above_line,
            Estimate.percent),
    *(_Column(("lines", heading), _is_step(barrier),
              lambda row: row["test_barrier"], Estimate.percent)
      for barrier, heading in (("from_line_between_ends", "barrier to the next level %"),
                               ("from_mean_of_ends", "to the next level, above mean of ends %"))),
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
        counted = [row for row in members if any(column.suits(row) for column in columns)]
        if counted:
            steps = {row["step"] for row in counted}
            after = f", after {min(steps)} steps" if len(steps) == 1 else ""
            text = align([*_lines(counted, variants(members, _BOTH_BARRIERS), columns)])
            blocks.append(f"{printable(model)} on {printable(dataset)}{after}\n\n{text}")
    notes = [_FOOT]
    if any(row["kind"] == "instability" for row in kept):
        notes.append("instability: above the mean of the ends' errors; above the line between them")
    if diverged := sum(row["status"] == "diverged" for row in kept):
        notes.append(f"{diverged} measurements diverged and are not counted")
    parts = [*blocks, "\n".join(notes), "\n".join(answers(kept))]
    return "\n\n".join(filter(None, parts))


def _columns(rows: list[Row]) -> Iterator[_Column]:
    """Yields the columns that rows fill; of a user's kind of row, one for each of its numbers.

    Rows that are of other networks or states by a label of theirs have columns of their own.
    """
    yield from (column for column in _COLUMNS if any(map(column.suits, rows)))
    for (kind,), members in split(rows, "kind").items():
        if kind in _IN_FIGURES or any(column.suits(row) for column in _COLUMNS for row in members):
            continue
        names = [field.name for field in kinds()[kind].values if field.type in _NUMBERS]
        labels = [field.name for field in kinds()[kind].labels if field.selects]
        for labeled, group in split(members, *labels).items():
            suffix = f" ({', '.join(map(str, labeled))})" if labels else ""
            for number, name in enumerate(names):
                heading = ("" if number else f"{kind} rows", f"{name}{suffix}")
                yield _Column(heading, _is_among(group), operator.itemgetter(name), _plain)


def _is_among(rows: list[Row]) -> Callable[[Row], bool]:
    ids = set(map(id, rows))
    return lambda row: id(row) in ids


def _lines(
    rows: list[Row], by_setting: list[Variant], columns: Sequence[_Column]
) -> Iterator[list[str]]:
    """Yields the heading, and a line for each group of replicates."""
    names = list(dict.fromkeys(name for variant in by_setting for name in variant.values))
    if len({row["step"] for row in rows}) > 1:
        names.insert(0, "step")
    headings = [heading for column in columns for heading in column.heading if heading]
    yield ["network", "rewound to", "weights left", *map(printable, names), *headings]
    ids, groups = set(map(id, rows)), dict[tuple[int, ...], list[Row]]()
    for variant in by_setting:
        by_place: dict[tuple[Any, ...], list[Row]] = {}
        for row in sorted((row for row in variant.rows if id(row) in ids), key=_order):
            by_place.setdefault(_order(row), []).append(row)
        # Rows of dense networks are in several variants.
        groups |= {tuple(sorted(map(id, group))): group for group in by_place.values()}
    for group in groups.values():
        yield _line(group, names, columns)


def _line(group: list[Row], names: list[str], columns: Sequence[_Column]) -> list[str]:
    row, cells = group[0], list[str]()
    for name in names:
        contents = (value(member, name) for member in group)
        content = next((content for content in contents if content is not None), None)
        cells.append(printable(in_words(content)))
    for column in columns:
        suited = _each_pair_once(member for member in group if column.suits(member))
        mean = estimate(map(column.value, suited))
        cells += [str(mean.n)] * bool(column.heading[0]) + [column.text(mean)]
    network = row["network"] + (", restarted" if row["schedule"] == "restarted" else "")
    return [printable(network), str(row["rewind_step"]), percent(row["density"]), *cells]


def _each_pair_once(rows: Iterable[Row]) -> list[Row]:
    """Returns rows, of a pair whose instability is there by both definitions one of the two."""
    distinct: dict[Any, Row] = {}
    for row in rows:
        pair = (row["initialization"], *row["noise"])
        distinct.setdefault(pair if row["kind"] == "instability" else id(row), row)
    return list(distinct.values())


def _order(row: Row) -> tuple[Any, ...]:
    known = list(network_kinds())
    place = known.index(row["network"]) if row["network"] in known else len(known)
    return (place, row["network"], row["schedule"] == "restarted", row["rewind_step"],
            row["level"], percent(row["density"]), row["step"])  # fmt: skip


def table_2(rows: Iterable[Row]) -> str:
    """Returns table 2 of lmc at every level where all kinds of sparse network started from k = 0.

    Accuracies in percent, mean ± standard deviation over initializations; each model, dataset and
    setting has lines of its own, at the last step at which its networks were evaluated.
    """
    head = ["network", "dataset", "settings", "weights left", "initializations", "full", "IMP"]
    lines = [[*head, "random pruning", "random reinit.", "drop", "IMP matching?"]]
    done = where(once(rows), kind="evaluation", rewind_step=0, status="done")
    for (model, dataset), members in split(done, "model", "dataset").items():
        for variant in variants(members):
            names = [printable(model), printable(dataset), variant.title or "-"]
            lines += [[*names, *cells] for cells in _table_2_lines(at_the_end(variant.rows))]
    if len(lines) == 1:
        return "no level has accuracies of all four networks at k = 0"
    if all(line[2] == "-" for line in lines[1:]):
        lines = [[*line[:2], *line[3:]] for line in lines]
    return align(lines)


def _table_2_lines(rows: list[Row]) -> Iterator[list[str]]:
    dense = over_initializations(where(rows, network="dense"), "test_accuracy")
    for (_, density), members in levels(rows).items():
        sparse = [over_initializations(where(members, network=n), "test_accuracy") for n in _SPARSE]
        accuracies = [dense, *sparse]
        if all(accuracy.n for accuracy in accuracies):
            drop = dense.mean - sparse[0].mean
            yield [
                density,
                str(min(accuracy.n for accuracy in accuracies)),
                *(accuracy.percent() for accuracy in accuracies),
                f"{100 * drop:.2f}",
                "yes" if is_matching_as_printed(drop) else "no",
            ]


FORMATS: dict[str, Callable[[Sequence[Row]], str]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "summary": summary,
    "table_2": table_2,
}
