"""Variants: rows of several settings, kept apart and named by the settings that differ."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from lth_tf.analysis.points import (
    SHOWN,
    conditions,
    coordinates,
    hashable,
    in_order,
    label_names,
    selecting,
    value,
)
from lth_tf.log.schema import Row

_FRACTION = ".fraction"  # of a search for masks, which the density says where that is one step
SCORE = "MaskSearch.score"  # which the kind of network says: IMP's is magnitude, SNIP's its own


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
        return _in_words(self.values)

    def has_names_in(self, row: Row) -> bool:
        """Returns whether a row has every name that tells the variant from others."""
        return set(self.values) <= set(conditions(row))

    def title_of(self, row: Row) -> str:
        """Returns the title without the settings that a row does not have."""
        own = conditions(row)
        return _in_words({name: each for name, each in self.values.items() if name in own})


def _in_words(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {shown(each)}" for name, each in values.items())


def shown(each: Any) -> str:
    """Returns a setting's value for people; '-' where a row does not have it."""
    if isinstance(each, float):
        return f"{each:.6g}"
    if isinstance(each, tuple | list):
        return f"({', '.join(map(shown, each))}{',' * (len(each) == 1)})"
    return "-" if each is None else str(each)


def variants(rows: Iterable[Row], *shown: str) -> list[Variant]:
    """Returns rows of one model and dataset, kept apart by settings that differ, in their order.

    A row that lacks a name that tells others apart, as dense networks lack what masks were
    searched for with, is in every variant that it agrees with.

    Args:
      rows: of one model and dataset.
      shown: coordinates that the figure or table tells apart itself.
    """
    rows = list(rows)
    names = _differing(rows, {*SHOWN, *selecting(), *shown})
    if not names:
        return [Variant({}, rows)] if rows else []
    found = [(_values(row, names), row) for row in rows]
    distinct = {repr(values): values for values, _ in found}
    every = distinct.values()
    whole = [v for v in every if not any(v.items() < other.items() for other in every)]
    made = [Variant(v, [row for own, row in found if own.items() <= v.items()]) for v in whole]
    return sorted(made, key=lambda variant: [in_order(variant.values.get(n)) for n in names])


def _differing(rows: list[Row], but: Collection[str]) -> dict[str, set[tuple[str, str]]]:
    """Returns the names in which rows differ, each with the kinds that lack it.

    Of each the kinds of row and network of which some rows lack it at a point where others do not.
    """
    # Of rows with the same settings, labels and axes one says all.
    alike: dict[tuple, Row] = {}
    for row in rows:
        labels = tuple(row[label] for label in label_names(row["kind"]))
        axes = tuple(row["axes"].items())
        alike.setdefault((id(row["settings"]), row["kind"], row["network"], labels, axes), row)
    values: dict[str, set[Any]] = defaultdict(set)
    kinds_of: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in alike.values():
        found = conditions(row)
        kinds_of[row["kind"], row["network"]].append(found)
        for name, each in found.items():
            values[name].add(hashable(each))
    if all(len({frozenset(found) for found in members}) == 1 for members in kinds_of.values()):
        absent: dict[str, set[tuple[str, str]]] = {}
    else:
        absent = _absent(rows)
    pruned_once = max((row["level"] for row in rows), default=0) < 2
    names = [n for n, found in values.items() if len(found) > 1 or n in absent]
    # Of networks that are pruned once, the density says what the fraction does.
    told = [n for n in names if n not in but and not (pruned_once and n.endswith(_FRACTION))]
    told = [n for n in told if not _is_axis(n, but, rows)]
    return {
        name: absent.get(name, set()) for name in told if not _implied(name, told, absent, rows)
    }


def _absent(rows: list[Row]) -> dict[str, set[tuple[str, str]]]:
    """Returns names that some rows lack where others have them, with their kind and network."""
    points: dict[tuple, dict[frozenset[str], Row]] = defaultdict(dict)
    names: dict[tuple, frozenset[str]] = {}  # of settings and axes, which many rows share
    shown = (*SHOWN, *selecting())
    for row in rows:
        place = tuple(map(row.get, shown))
        own = (id(row["settings"]), row["kind"], *row["axes"])
        if own not in names:
            names[own] = frozenset(conditions(row))
        points[place].setdefault(names[own], row)
    absent: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for alike in points.values():
        every = frozenset().union(*alike)
        for held, row in alike.items():
            for name in every - held:
                absent[name].add((row["kind"], row["network"]))
    return dict(absent)


def _implied(
    name: str, names: list[str], absent: dict[str, set[tuple[str, str]]], rows: list[Row]
) -> bool:
    """Returns whether another name tells the same: an equal label, a class, the network.

    Hparams.optimizer tells Adam from Momentum; that one of them has no Adam.beta_1 adds nothing.
    """
    if name.rpartition(".")[2] in set(names) - {name}:
        return True
    if name == SCORE and _one_each(name, rows):
        return True
    if name not in absent:
        return False
    kinds_of = [row for row in rows if (row["kind"], row["network"]) in absent[name]]
    held = [row for row in kinds_of if name in conditions(row)]
    others = [row for row in kinds_of if name not in conditions(row)]
    if len({repr(value(row, name)) for row in held}) > 1:
        return False
    for other in (n for n in names if n != name and n not in absent):
        values = [{repr(value(row, other)) for row in each} for each in (held, others)]
        if values[0].isdisjoint(values[1]):
            return True
    return False


def _is_axis(name: str, shown: Collection[str], rows: list[Row]) -> bool:
    """Returns whether a setting is that of an axis which is shown, as Jitter.sigma of sigma."""
    axis = name.rpartition(".")[2]
    if axis == name or axis not in shown:
        return False
    both = [row for row in rows if axis in row["axes"] and name in row["settings"]]
    return bool(both) and all(row["axes"][axis] == row["settings"][name] for row in both)


def _one_each(name: str, rows: list[Row]) -> bool:
    """Returns whether every kind of network has at most one value of a setting."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if name in row["settings"]:
            found[row["network"]].add(repr(row["settings"][name]))
    return all(len(values) == 1 for values in found.values())


def _values(row: Row, names: dict[str, set[tuple[str, str]]]) -> dict[str, Any]:
    found, kind = conditions(row), (row["kind"], row["network"])
    return {
        n: hashable(found.get(n)) for n, absent in names.items() if n in found or kind in absent
    }


def densities_as_levels(rows: list[Row]) -> list[Row]:
    """Returns rows of one-shot pruning, whose level is always 1, numbered by density.

    So that a figure has a level for each, as it has where networks were pruned again and again;
    the fraction that they were pruned by is none of their settings then.
    """
    pruned = [row for row in rows if row["level"] and row["density"]]
    found = sorted({coordinates(row)["density"] for row in pruned}, reverse=True)
    if len(found) < 2 or max(row["level"] for row in pruned) > 1:
        return rows
    place = {density: level for level, density in enumerate(found, start=1)}
    kept: dict[int, dict[str, Any]] = {}  # many rows share their settings (see `once`)
    for row in pruned:
        told = {n: v for n, v in row["settings"].items() if not n.endswith(_FRACTION)}
        kept.setdefault(id(row["settings"]), told)
    return [
        row | {"level": place[coordinates(row)["density"]], "settings": kept[id(row["settings"])]}
        if row["level"] and row["density"]
        else row
        for row in rows
    ]
