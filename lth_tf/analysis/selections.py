"""Selections of rows for figures and numbers: ends of training, dense networks, pairs of copies.

All but `at_the_end` take rows of one variant (see variants.py), without those that diverged.
"""

from collections.abc import Callable, Iterable
from typing import Any

from lth_tf.analysis.estimate import percent
from lth_tf.analysis.points import split, where
from lth_tf.log.schema import Row

LevelName = tuple[int, str]


def at_the_end(rows: Iterable[Row]) -> list[Row]:
    """Returns the rows about the last step measured, of runs on the clock that goes on."""
    return at_the_last_step(where(rows, schedule="absolute"))


def at_the_last_step(rows: list[Row]) -> list[Row]:
    """Returns the rows about the last step measured, whatever their clock."""
    return where(rows, step=max((row["step"] for row in rows), default=0))


def final_evaluations(rows: Iterable[Row], **values: Any) -> list[Row]:
    """Returns the evaluations with some values at the last step that any network has.

    So networks that were trained for less long are not compared with those.
    """
    return where(at_the_end(where(rows, kind="evaluation")), **values)


def levels(rows: Iterable[Row]) -> dict[LevelName, list[Row]]:
    """Returns rows of pruned networks by level and density as shown, from dense to sparse."""
    groups: dict[LevelName, list[Row]] = {}
    pruned = [row for row in rows if row["level"] > 0 and row["density"] is not None]
    for row in sorted(pruned, key=lambda row: (row["level"], -row["density"])):
        groups.setdefault((row["level"], percent(row["density"])), []).append(row)
    return groups


def of_level(rows: Iterable[Row], level: int | None) -> list[Row]:
    """Returns dense rows and the rows of a level; if it has none, the rows of the last level."""
    rows = list(rows)
    pruned = {row["level"] for row in rows} - {0}
    chosen = level if level in pruned else max(pruned, default=None)
    return [row for row in rows if row["level"] in (0, chosen)]


def dense_runs(rows: Iterable[Row]) -> list[Row]:
    """Returns the evaluations that accuracy of the dense network is of: from the earliest k."""
    dense = final_evaluations(rows, network="dense")
    return where(dense, rewind_step=min((row["rewind_step"] for row in dense), default=0))


def along_training(rows: Iterable[Row]) -> list[Row]:
    """Returns evaluations of dense networks on their way, not of copies at its end alone."""
    trained = where(rows, kind="evaluation", network="dense", rewind_step=0, schedule="absolute")
    by_noise = split(trained, "noise").values()
    return [row for own in by_noise if len(split(own, "step")) > 1 for row in own]


def between_copies(rows: Iterable[Row]) -> list[Row]:
    """Returns a row for every two copies at the end: their line, or their distance without one."""
    rows = at_the_end(rows)
    pairs: dict[tuple, Row] = {}
    for row in [*where(rows, kind="instability"), *where(rows, between="end_to_end")]:
        names = ("network", "level", "initialization", "rewind_step")
        pairs.setdefault((*(row[name] for name in names), *row["noise"]), row)
    return list(pairs.values())


# Where a figure's or a number's rows come from, besides kinds of row at the end of training.
SOURCES: dict[str, Callable[[Iterable[Row]], list[Row]]] = {
    "dense_runs": dense_runs,
    "along_training": along_training,
    "between_copies": between_copies,
}


def source(rows: Iterable[Row], name: str, steps: str = "last") -> list[Row]:
    """Returns the rows of a source: one of SOURCES, or a kind of row.

    Those of a kind are of the 'last' of the steps, on the clock that goes on; of the
    'last_of_both' clocks; or of 'all' steps.
    """
    if name in SOURCES:
        return SOURCES[name](rows)
    chosen = where(rows, kind=name)
    if steps == "all":
        return chosen
    return at_the_end(chosen) if steps == "last" else at_the_last_step(chosen)
