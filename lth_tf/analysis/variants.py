"""Variants: rows of several settings, kept apart and named by the settings that differ."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from lth_tf.analysis.densities import FRACTION
from lth_tf.analysis.points import (
    SHOWN,
    conditions,
    hashable,
    label_names,
    selecting,
    sort_key,
    value,
)
from lth_tf.log.schema import Row

SCORE = "MaskSearch.score"  # which the kind of network says: IMP's is magnitude, SNIP's its own
_Kind = tuple[str, str]  # of row, and of network


@dataclass(frozen=True)
class Variant:
    """Rows that agree in every setting, axis and label that a figure does not show itself.

    Attributes:
      values: labels, axes and settings that tell it from the other variants, by name.
      rows: its rows; those of dense networks may be in several.
    """

    values: dict[str, Any]
    rows: list[Row]

    @property
    def title(self) -> str:
        """The settings that tell it from others: 'Constant.rate 0.0012, n 3'; '' without any."""
        return ", ".join(f"{name} {in_words(value)}" for name, value in self.values.items())

    @property
    def suffix(self) -> str:
        """The title behind that of a line: ', n 3'; '' without any."""
        return f", {self.title}" if self.values else ""

    def has_names_in(self, row: Row) -> bool:
        """Returns whether a row has every name that tells the variant from others."""
        return set(self.values) <= set(conditions(row))

    def suffix_of(self, *rows: Row) -> str:
        """Returns the suffix without the settings that none of some rows has."""
        own = {name for row in rows for name in conditions(row)}
        return replace(self, values={n: v for n, v in self.values.items() if n in own}).suffix


def in_words(setting: Any) -> str:
    """Returns a setting's value for people; '-' where a row does not have it."""
    if isinstance(setting, float):
        return f"{setting:.6g}"
    if isinstance(setting, tuple | list):
        return f"({', '.join(map(in_words, setting))}{',' * (len(setting) == 1)})"
    return "-" if setting is None else str(setting)


def variants(rows: Iterable[Row], *shown: str) -> list[Variant]:
    """Returns rows of one model and dataset, kept apart by settings that differ, in their order.

    A row that lacks a name that tells others apart, as dense networks lack what masks were
    searched for with, is in every variant that it agrees with. Names that the figure or table tells
    apart itself are given as shown.
    """
    rows = list(rows)
    names = _differing(rows, {*SHOWN, *selecting(), *shown})
    if not names:
        return [Variant({}, rows)] if rows else []
    values_of = [_values(row, names) for row in rows]
    distinct = {repr(values): values for values in values_of}.values()
    complete = [v for v in distinct if not any(v.items() < other.items() for other in distinct)]
    by_setting = [
        Variant(
            v, [row for own, row in zip(values_of, rows, strict=True) if own.items() <= v.items()]
        )
        for v in complete
    ]
    return sorted(by_setting, key=lambda variant: [sort_key(variant.values.get(n)) for n in names])


def _differing(rows: list[Row], shown: Collection[str]) -> dict[str, set[_Kind]]:
    """Returns the names in which rows differ, and that are not shown, each with what lacks it.

    That is the kinds of row and network of which some lack the name at a point where others do not.
    """
    # Of rows with the same settings, labels and axes one says all.
    representatives: dict[tuple, Row] = {}
    for row in rows:
        labels = tuple(hashable(row[label]) for label in label_names(row["kind"]))
        axes = tuple((name, hashable(each)) for name, each in row["axes"].items())
        address = (id(row["settings"]), row["kind"], row["network"], labels, axes)
        representatives.setdefault(address, row)
    values: dict[str, set[Any]] = defaultdict(set)
    names_of: dict[_Kind, set[frozenset[str]]] = defaultdict(set)
    for row in representatives.values():
        own = conditions(row)
        names_of[row["kind"], row["network"]].add(frozenset(own))
        for name, each in own.items():
            values[name].add(hashable(each))
    uniform = all(len(names) == 1 for names in names_of.values())
    absent = {} if uniform else _absent(rows)
    pruned_once = max((row["level"] for row in rows), default=0) < 2
    names = [
        name
        for name, distinct in values.items()
        if (len(distinct) > 1 or name in absent)
        and name not in shown
        # Of networks that are pruned once, the density says what the fraction does.
        and not (pruned_once and name == FRACTION)
        and not _is_of_axis(name, shown, rows)
    ]
    return {n: absent.get(n, set()) for n in names if not _implied(n, names, absent, rows)}


def _absent(rows: list[Row]) -> dict[str, set[_Kind]]:
    """Returns names that some rows lack where others have them, with their kind and network."""
    points: dict[tuple, dict[frozenset[str], Row]] = defaultdict(dict)
    names: dict[tuple, frozenset[str]] = {}  # of settings and axes, which many rows share
    shown = (*SHOWN, *selecting())
    for row in rows:
        address = (id(row["settings"]), row["kind"], *row["axes"])
        if address not in names:
            names[address] = frozenset(conditions(row))
        points[tuple(map(row.get, shown))].setdefault(names[address], row)
    absent: dict[str, set[_Kind]] = defaultdict(set)
    for members in points.values():
        union = frozenset().union(*members)
        for own, row in members.items():
            for name in union - own:
                absent[name].add((row["kind"], row["network"]))
    return dict(absent)


def _implied(name: str, names: list[str], absent: dict[str, set[_Kind]], rows: list[Row]) -> bool:
    """Returns whether another name tells the same: an equal label, a class, the network.

    Hparams.optimizer tells Adam from Momentum; that one of them has no Adam.beta_1 adds nothing.
    """
    if name.rpartition(".")[2] in set(names) - {name}:
        return True
    if name == SCORE and _follows_from_network(name, rows):
        return True
    if name not in absent:
        return False
    having, lacking = list[Row](), list[Row]()
    for row in rows:
        if (row["kind"], row["network"]) in absent[name]:
            (having if name in conditions(row) else lacking).append(row)
    if len({repr(value(row, name)) for row in having}) > 1:
        return False
    return any(
        {repr(value(row, other)) for row in having}.isdisjoint(
            repr(value(row, other)) for row in lacking
        )
        for other in names
        if other != name and other not in absent
    )


def _is_of_axis(name: str, shown: Collection[str], rows: list[Row]) -> bool:
    """Returns whether a setting is that of an axis which is shown, as Jitter.sigma of sigma."""
    axis = name.rpartition(".")[2]
    if axis == name or axis not in shown:
        return False
    both = [row for row in rows if axis in row["axes"] and name in row["settings"]]
    return bool(both) and all(row["axes"][axis] == row["settings"][name] for row in both)


def _follows_from_network(name: str, rows: list[Row]) -> bool:
    """Returns whether every kind of network has at most one value of a setting."""
    values: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if name in row["settings"]:
            values[row["network"]].add(repr(row["settings"][name]))
    return all(len(own) == 1 for own in values.values())


def _values(row: Row, names: dict[str, set[_Kind]]) -> dict[str, Any]:
    own, kind = conditions(row), (row["kind"], row["network"])
    return {n: hashable(own.get(n)) for n, lacking in names.items() if n in own or kind in lacking}
