"""Densities of pruned networks: of one-shot pruning, whose level is 1; of searches that failed."""

from collections import defaultdict
from typing import Any

from lth_tf.analysis.estimate import percent
from lth_tf.analysis.points import coordinates
from lth_tf.log.schema import Row

FRACTION = "MaskSearch.fraction"  # which the density says where networks are pruned once


def with_densities(rows: list[Row]) -> list[Row]:
    """Returns rows, those whose search for a mask diverged with the density that others have.

    Others are rows of the same kind of network and level, pruned by the same fraction; where they
    have several densities, as those of an adaptive ratio, it stays unknown.
    """
    if all(row["density"] is not None for row in rows):
        return rows
    known: dict[tuple, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row["density"] is not None:
            known[_pruning(row)][percent(row["density"])] = row["density"]

    def filled(row: Row) -> Row:
        densities = known[_pruning(row)].values() if row["density"] is None else ()
        return row | {"density": next(iter(densities))} if len(densities) == 1 else row

    return list(map(filled, rows))


def _pruning(row: Row) -> tuple[Any, ...]:
    return row["network"], row["level"], row["settings"].get(FRACTION)


def by_search(rows: list[Row]) -> dict[str, list[Row]]:
    """Returns rows of networks pruned step by step apart from those pruned at once to densities.

    By what tells them apart in words, '' where a log does not have both. Rows without a fraction,
    as those of dense networks, are of both.
    """
    step_by_step = {row["settings"].get(FRACTION) for row in rows if row["level"] > 1}
    at_once = {row["settings"].get(FRACTION) for row in rows} - step_by_step - {None}
    if not step_by_step or None in step_by_step or len(at_once) < 2:
        return {"": rows}
    others = {"": at_once, "pruned at once": step_by_step}
    return {
        name: [row for row in rows if row["settings"].get(FRACTION) not in other]
        for name, other in others.items()
    }


def densities_as_levels(rows: list[Row]) -> list[Row]:
    """Returns rows of one-shot pruning, whose level is always 1, numbered by density.

    So that a figure has a level for each, as it has where networks were pruned again and again;
    the fraction that they were pruned by is none of their settings then.
    """
    pruned = [row for row in rows if row["level"] and row["density"]]
    densities = sorted({coordinates(row)["density"] for row in pruned}, reverse=True)
    if len(densities) < 2 or max(row["level"] for row in pruned) > 1:
        return rows
    kept: dict[int, dict[str, Any]] = {}  # many rows share their settings (see `once`)

    def renumbered(row: Row, filled: Row) -> Row:
        if not (row["level"] and filled["density"]):
            return row
        plain = {n: v for n, v in row["settings"].items() if n != FRACTION}
        level = 1 + densities.index(coordinates(filled)["density"])
        return row | {"level": level, "settings": kept.setdefault(id(row["settings"]), plain)}

    return list(map(renumbered, rows, with_densities(rows)))
