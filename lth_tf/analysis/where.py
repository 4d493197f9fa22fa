"""Which rows a question is about: filters, and rows that may be put side by side."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lth_tf.log.schema import BY_NAME, Field, LogError, Row

_KEYS = ("key", "configuration")
_SHORTEST_KEY = 6

# What a row says about how its numbers came about. Two keys that agree in all of this differ in
# something that rows do not name: a learning rate, a batch size, how many alphas.
_CELL = (
    "kind",
    "model",
    "dataset",
    "network",
    "initialization",
    "noise",
    "rewind_step",
    "schedule",
    "level",
    "density",
    "step",
    "barrier",
    "statistics",
    "between",
    "against",
)


def where(rows: Iterable[Row], filters: Sequence[str]) -> list[Row]:
    """The rows for which every filter 'field=value' holds.

    Numbers are compared as numbers, fractional ones to 4 significant digits, as tables print
    them; keys by their first digits, 6 or more; lists as '1,2'; null as 'null'. A row that lacks
    the field (`barrier` of an evaluation) does not match.

    Raises:
      LogError: no such field, or a value that the field cannot have.
    """
    tests = [_parse(text) for text in filters]
    return [row for row in rows if all(test(row) for test in tests)]


def _parse(text: str) -> Callable[[Row], bool]:
    name, equals, wanted = text.partition("=")
    if not equals or name not in BY_NAME:
        problem = f"there is no field {name!r}" if equals else "it takes field=value"
        raise LogError(f"--where={text}: {problem}; fields are {', '.join(BY_NAME)}")
    test = _test(BY_NAME[name], wanted, f"--where={text}")
    return lambda row: name in row and test(row[name])


def _test(field: Field, wanted: str, flag: str) -> Callable[[Any], bool]:
    if field.null != "never" and wanted == "null":
        return lambda value: value is None
    if field.type in ("integer", "number", "fraction", "list of integers"):
        return _number_test(field, wanted, flag)
    if field.type not in ("text", "key", "date"):
        raise LogError(f"{flag}: rows cannot be filtered by {field.name}, {field.type}")
    if field.choices and wanted not in field.choices:
        raise LogError(f"{flag}: {field.name} is one of {', '.join(field.choices)}")
    if field.name in _KEYS and len(wanted) >= _SHORTEST_KEY:
        return lambda value: value.startswith(wanted)
    return lambda value: value == wanted


def _number_test(field: Field, wanted: str, flag: str) -> Callable[[Any], bool]:
    try:
        if field.type == "list of integers":
            numbers = [int(part) for part in wanted.split(",")]
            return lambda value: value == numbers
        if field.type == "integer":
            integer = int(wanted)
            return lambda value: value == integer
        number = f"{float(wanted):.4g}"
    except ValueError:
        raise LogError(f"{flag}: {field.name} takes {field.type}, not {wanted!r}") from None
    return lambda value: value is not None and f"{value:.4g}" == number


def split(rows: Iterable[Row], *fields: str) -> dict[tuple[Any, ...], list[Row]]:
    """The rows by their values of some fields, in order of those values."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[field] for field in fields)].append(row)
    return dict(sorted(groups.items()))


def comparable(rows: Iterable[Row]) -> tuple[list[Row], list[str]]:
    """The rows that may be averaged: each measurement once, settings not mixed.

    A measurement that two experiments asked for counts once. Where two configurations measured
    what their rows describe alike and yet under different keys, they differ in a setting that
    rows do not name; then the configuration that wrote last is kept and the other left out.

    Returns:
      The rows, and a line about each configuration that was left out.
    """
    rows = list(rows)
    last = {c: max(r["written"] for r in group) for (c,), group in _by_configuration(rows)}
    dropped: dict[str, str] = {}
    for cell in _cells(rows).values():
        newest = max((row["configuration"] for row in cell), key=lambda c: (last[c], c))
        kept = {row["key"] for row in cell if row["configuration"] == newest}
        for row in cell:
            if row["key"] not in kept:
                dropped[row["configuration"]] = newest
    notes = [_note(rows, old, new) for old, new in sorted(dropped.items())]
    return _once(row for row in rows if row["configuration"] not in dropped), notes


def _by_configuration(rows: list[Row]) -> Iterable[tuple[tuple[Any, ...], list[Row]]]:
    return split(rows, "configuration").items()


def _cells(rows: list[Row]) -> dict[str, list[Row]]:
    cells = defaultdict(list)
    for row in rows:
        cells[repr([row.get(name) for name in _CELL])].append(row)
    return cells


def _note(rows: list[Row], old: str, new: str) -> str:
    count = sum(row["configuration"] == old for row in rows)
    return (
        f"left out {count} rows of configuration {old[:10]}: its settings are not those of "
        f"{new[:10]}, which wrote later; --where=configuration={old[:10]} shows them"
    )


def _once(rows: Iterable[Row]) -> list[Row]:
    """Each measurement once, though several experiments may have asked for it."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(repr([row["key"], *(row.get(name) for name in _CELL)]), row)
    return list(found.values())
