"""Coordinates of rows: the one place that says when two rows are the same point.

Rows that agree in all `coordinates` are replicates, whose numbers may be averaged; seeds are no
coordinates. Where coordinates beyond those that a figure or table shows differ, variants.py keeps
the rows apart and names them by what differs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from lth_tf.log.schema import Row, kinds

_SEEDS = ("initialization", "noise")
# What tables and figures show of every row; they say themselves which of them are told apart.
SHOWN = ("kind", "network", "rewind_step", "schedule", "level", "density", "step")
_PLAIN = (*SHOWN, "model", "dataset")
_DIGITS = 3  # of a density, as tables print it


def coordinates(row: Row) -> dict[str, Any]:
    """Returns all that says which point a row is of: fields, labels of its kind, axes, settings."""
    plain = {name: row[name] for name in _PLAIN}
    if row["density"] is not None:
        plain["density"] = float(f"{row['density']:.{_DIGITS}g}")
    return plain | conditions(row)


def selecting() -> tuple[str, ...]:
    """Returns the labels, of any kind of row, that say which of several networks a row is of."""
    return tuple(sorted({f.name for kind in kinds().values() for f in kind.labels if f.selects}))


def value(row: Row, name: str) -> Any:
    """Returns a field, axis, setting or derived number of a row; None where it has none."""
    for values in (row, row["axes"], row["settings"]):
        if name in values:
            return values[name]
    return DERIVED[name](row) if name in DERIVED else None


def _of(name: str, number: Callable[[Any], Any]) -> Callable[[Row], Any]:
    """Returns a function of a row: a number that follows from one of its fields, if it has that."""
    return lambda row: None if row.get(name) is None else number(row[name])


def _excess(row: Row) -> float | None:
    if row.get("train_instability") is None:
        return None
    return float(row["train_instability"] - row["test_instability"])


def _setting(row: Row) -> str | None:
    """Returns momentum and batch size in words; for a probe, those of its mask's search."""
    if "block" in row["axes"]:
        return str(row["axes"].get("searched_with"))
    momentum, batch = (row["settings"].get(n) for n in ("Momentum.momentum", "Hparams.batch_size"))
    return None if momentum is None else f"momentum {momentum:g}, batch {batch}"


# Numbers and labels that follow from the fields of one row.
DERIVED: dict[str, Callable[[Row], Any]] = {
    "train_accuracy": _of("train_error", lambda error: 1 - error),
    "test_accuracy": _of("test_error", lambda error: 1 - error),
    "highest_train_error": _of("train_errors", max),
    "highest_test_error": _of("test_errors", max),
    "excess_of_train_instability": _excess,
    "setting": _setting,
    "rewinding": lambda row: "rewound" if row["rewind_step"] else "reset",
    # Of the steps of training, the share before k: the same in batches of any size.
    "pretrained": lambda row: round(row["rewind_step"] / (row["step"] or 1), 4),
    "networks_compared": lambda row: "alike" if row["network"] == row.get("against") else "unlike",
}


def where(rows: Iterable[Row], **values: Any) -> list[Row]:
    """Returns the rows with these values, of a tuple one of them; see `value` for the names."""
    chosen = list(rows)
    for name, wanted in values.items():
        allowed = wanted if isinstance(wanted, tuple) else (wanted,)
        if name in DERIVED:
            chosen = [row for row in chosen if value(row, name) in allowed]
        else:  # Most names are fields, which are found without a call.
            chosen = [r for r in chosen if (r[name] if name in r else value(r, name)) in allowed]
    return chosen


def split(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    """Returns the rows by their values of some names, in order of those values."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(hashable(value(row, name)) for name in names)].append(row)
    return dict(sorted(groups.items(), key=lambda item: sort_key(item[0])))


def sort_key(item: Any) -> tuple[Any, ...]:
    """Returns a key by which None comes first, then numbers, texts, and tuples by their items."""
    if isinstance(item, tuple):
        return (3, [sort_key(member) for member in item])
    if isinstance(item, str):
        return (2, item)
    return (0, 0) if item is None else (1, item)


def hashable(item: Any) -> Any:
    """Returns a value with lists as tuples."""
    return tuple(map(hashable, item)) if isinstance(item, list) else item


def unique(rows: Iterable[Row]) -> list[Row]:
    """Returns rows without those that come again, by identity."""
    return list({id(row): row for row in rows}.values())


def once(rows: Iterable[Row]) -> list[Row]:
    """Returns each measurement once, though several experiments may have asked for it.

    Rows that were written before settings were in rows get their configuration for one, where
    two of them differ in nothing else but the key.
    """
    distinct: dict[str, Row] = {}
    shared: dict[str, dict[str, Any]] = {}
    for row in _with_configurations(list(rows)):
        settings = shared.setdefault(repr(row["settings"]), row["settings"])
        distinct.setdefault(repr([row["key"], _address(row)]), row | {"settings": settings})
    return list(distinct.values())


def _address(row: Row) -> list[Any]:
    return [*coordinates(row).values(), *(row[name] for name in _SEEDS)]


def _with_configurations(rows: list[Row]) -> list[Row]:
    """Returns rows, those of before version 3 with configurations for settings, where they need it.

    They need it where another row at the same address has another key.
    """
    members = defaultdict(set)
    for row in rows:
        if row["schema"] < 3:
            members[repr(_address(row))].add((row["key"], row["configuration"]))
    ambiguous = {configuration for pairs in members.values() if len({key for key, _ in pairs}) > 1
                 for _, configuration in pairs}  # fmt: skip
    return [
        row | {"settings": {"configuration": row["configuration"][:10]}}
        if row["schema"] < 3 and row["configuration"] in ambiguous
        else row
        for row in rows
    ]


def label_names(kind: str) -> tuple[str, ...]:
    """Returns the names of the labels of a kind of row."""
    return kinds()[kind].label_names


def conditions(row: Row) -> dict[str, Any]:
    """Returns the labels, axes and settings of a row, which tables show only where they differ."""
    own = {label: row[label] for label in label_names(row["kind"])}
    return {**own, **row["axes"], **row["settings"]}
