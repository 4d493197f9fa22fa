"""The x axes of sgd_noise's figures: where rows lie on them, and what follows from that."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lth_tf.analysis import landscape
from lth_tf.analysis.points import value
from lth_tf.log.schema import Row

Place = tuple[float, float]  # x and y
# The pairs of x and y of a row, by the name of its number.
Places = Callable[[Row, str], Iterable[tuple[float, float | None]]]
# What follows from the place on an x axis: an epoch of fewer examples has fewer steps.
_FOLLOWING = {"removed": ("examples", "search_share", "fraction", "end")}


def _line(row: Row, y: str) -> Iterable[tuple[float, float | None]]:
    return zip(row["alphas"], row[y], strict=True)


def _path(row: Row, y: str) -> Iterable[tuple[float, float | None]]:
    """Returns the line from a level to the next; no points of a line to any other level."""
    line = _line(row, y) if landscape.leads_to_next_level(row) else ()
    return [(row["level"] + alpha, number) for alpha, number in line]


def of_one(place: Callable[[Row], float]) -> Places:
    """Returns the places of rows that have one number each, at a place of theirs."""
    return lambda row, y: [(place(row), value(row, y))]


# Of an x axis its name, its kind (see chart.Scale) and the places of rows on it.
AXES: dict[str, tuple[str, str, Places]] = {
    "alphas": ("interpolation α", "alpha", _line),
    "epoch": ("epoch", "linear", lambda row, y: enumerate(row[y], start=1)),
    # Along the lines from each level to the next, one after the other.
    "path": ("level of the search", "whole", _path),
    "density": ("weights left (%)", "density", of_one(lambda r: round(100 * r["density"], 4))),
    "pretrained": ("pretraining (% of the steps)", "steps",
                   of_one(lambda row: 100 * value(row, "pretrained"))),
    "removed": ("examples removed (%)", "linear",
                of_one(lambda row: round(100 * (1 - row["axes"]["examples"]), 4))),
}  # fmt: skip


def following(rows: list[Row], x: str, places: Callable[[Row], list[Place]]) -> Iterator[str]:
    """Yields the settings and axes of rows that follow from their place on an x axis.

    Rows at one place in which such a name has several values are not to be averaged.

    Args:
      places: returns the places of a row.
    """
    values: dict[str, dict[float, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for row in rows if x in _FOLLOWING else ():
        for place, _ in places(row)[:1]:
            for name, each in (row["settings"] | row["axes"]).items():
                if name.rpartition(".")[2] in _FOLLOWING[x]:
                    values[name][place].add(each)
    for name, by_place in values.items():
        if all(len(distinct) == 1 for distinct in by_place.values()):
            yield name
