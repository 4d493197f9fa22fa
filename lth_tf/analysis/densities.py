"""Densities of pruned networks: fills in those of diverged searches, and numbers one-shot ones."""

from collections import defaultdict
from typing import Any

from lth_tf.analysis.estimate import percent
from lth_tf.analysis.points import coordinates
from lth_tf.log.schema import Row

FRACTION = "MaskSearch.fraction"  # the density implies it where networks are pruned once


def with_densities(rows: list[Row]) -> list[Row]:
    """Returns rows; one whose search diverged, with density None, gets that of rows like it.

    Rows like it are of the same kind of network, level and fraction. If these have several
    densities, as with an adaptive ratio, its own stays None.
    """
    if all(row["density"] is not None for row in rows):
        return rows
    known: dict[tuple, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row["density"] is not None:
            known[_pruned_how(row)][percent(row["density"])] = row["density"]

    def filled(row: Row) -> Row:
        densities = known[_pruned_how(row)].values() if row["density"] is None else ()
        return row | {"density": next(iter(densities))} if len(densities) == 1 else row

    return list(map(filled, rows))


def _pruned_how(row: Row) -> tuple[Any, ...]:
    """Returns the kind of network, the level and the fraction of the search."""
    return row["network"], row["level"], row["settings"].get(FRACTION)


def by_search(rows: list[Row]) -> dict[str, list[Row]]:
    """Returns rows of one-shot pruning under 'pruned at once', all others under ''.

    All are under '' if a log has one of the two alone. Rows without a fraction, as those of dense
    networks, are in both groups.
    """
    step_by_step = {row["settings"].get(FRACTION) for row in rows if row["level"] > 1}
    at_once = {row["settings"].get(FRACTION) for row in rows} - step_by_step - {None}
    if not step_by_step or None in step_by_step or len(at_once) < 2:
        return {"": rows}
    left_out = {"": at_once, "pruned at once": step_by_step}
    return {
        name: [row for row in rows if row["settings"].get(FRACTION) not in fractions]
        for name, fractions in left_out.items()
    }


def densities_as_levels(rows: list[Row]) -> list[Row]:
    """Returns rows of one-shot pruning, whose level is always 1, with levels numbered by density.

    A figure then has a level for each density, as it has of a search in steps. The fraction is
    dropped from the settings of these rows, in which it is all that differs.
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
