"""How rows are grouped for the figures: networks, levels, replicates."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lth_tf.analysis.table import Spread, percent, spread
from lth_tf.analysis.where import split
from lth_tf.log.schema import Row

Level = tuple[int, str]

_LONGEST = 60  # letters of a model's or dataset's name in a file name


def of(rows: Iterable[Row], **values: Any) -> list[Row]:
    """The rows whose fields have these values."""
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def spread_of(rows: Iterable[Row], value: str) -> Spread:
    """Mean and sample standard deviation of one field."""
    return spread(row[value] for row in rows)


def accuracy(error: Spread) -> Spread:
    """The accuracy that goes with an error."""
    return error._replace(mean=1 - error.mean)


def dense_runs(evaluations: list[Row]) -> list[Row]:
    """The runs that accuracy of the dense network is of: those with the earliest rewinding step."""
    dense = of(evaluations, network="dense")
    first = min((row["rewind_step"] for row in dense), default=0)
    return of(dense, rewind_step=first)


def dense_error(evaluations: list[Row], value: str = "test_error") -> Spread:
    """Error of the dense network, over `dense_runs`."""
    return spread_of(dense_runs(evaluations), value)


def levels(rows: Iterable[Row]) -> dict[Level, list[Row]]:
    """The rows of pruned networks by level and density as shown, from dense to sparse."""
    groups: dict[Level, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["level"], -row["density"])):
        if row["level"] > 0:
            groups.setdefault((row["level"], percent(row["density"])), []).append(row)
    return groups


def at_the_end(rows: Iterable[Row]) -> list[Row]:
    """The rows about the last step measured, of what was trained from k on the same clock."""
    absolute = of(rows, schedule="absolute")
    last = max((row["step"] for row in absolute), default=0)
    return of(absolute, step=last)


def level_sets(rows: list[Row]) -> Iterator[tuple[str, str, list[Row]]]:
    """Each level beside the dense network, as `instability_sets` yields them; or that alone."""
    dense, sparse = of(rows, level=0), levels(rows)
    if dense and not sparse:
        yield "", "", dense
    for level, members in sparse.items():
        yield ending(level), f", pruned to {level[1]}", dense + members


def instabilities(rows: Iterable[Row]) -> list[Row]:
    """The instabilities of one definition: the paper's (lmc sec. 2), where the log has others, too.

    Where batch-norm statistics between the ends came about in two ways, the interpolated ones.
    """
    found = of(rows, kind="instability", barrier="from_mean_of_ends")
    return next(iter(split(found, "statistics").values()), [])


def instability_sets(rows: list[Row]) -> Iterator[tuple[str, str, list[Row]]]:
    """The instabilities that belong in one picture: one level beside the dense network.

    Yields:
      (ending of the file name, the level in words, rows): for each definition of the barrier
      and of the statistics between the ends, each level of pruning; or the dense network alone.
    """
    kinds = split(of(rows, kind="instability"), "barrier", "statistics")
    for kind, group in kinds.items():
        name = "-".join(("", *kind)) if len(kinds) > 1 else ""
        dense = of(group, level=0)
        if dense and len(dense) == len(group):
            yield name, "", dense
        for level, members in levels(group).items():
            yield ending(level) + name, f", pruned to {level[1]}", dense + members


def chosen_levels(rows: list[Row]) -> dict[Level, list[Row]]:
    """Evaluations of the levels whose instability was measured; else of the deepest level."""
    found = levels(of(rows, kind="evaluation"))
    wanted = set(levels(of(rows, kind="instability"))) & set(found) or set(list(found)[-1:])
    return {level: group for level, group in found.items() if level in wanted}


def replicates(rows: list[Row], name: str, *more: str) -> str:
    """What each point is: 'mean ± std of 9 pairs, 3 initialisations'.

    Args:
      name: what one replicate is, 'run' or 'pair' (of copies).
      more: fields in which points differ besides network, rewinding step and level.
    """
    initialisations = len({row["initialization"] for row in rows})
    points = split(rows, "network", "rewind_step", "level", *more).values()
    fewest, most = min(map(len, points)), max(map(len, points))
    count = str(most) if fewest == most else f"{fewest} to {most}"
    seeds = _plural(initialisations, "initialisation")
    if most == 1:
        return f"one {name} a point, {seeds}"
    return f"mean ± std of {count} {name}s a point, {seeds}"


def across(rows: list[Row]) -> str:
    """What each point is, where it is over initialisations, as in lmc figs 10 to 13."""
    count = len({row["initialization"] for row in rows})
    if count == 1:
        return "one initialisation; runs and pairs averaged"
    return f"mean ± std over {count} initialisations; runs and pairs averaged within each"


def _plural(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def ending(level: Level) -> str:
    """The part of a file name that says the level: '-level_15-3.52_percent'."""
    return f"-level_{level[0]}-{level[1].replace('%', '_percent')}"


def slug(text: str) -> str:
    """A readable name as part of a file name: 'LeNet 300-100' as 'lenet_300_100'.

    A long one is cut, with a digest of the whole to tell it from others of the same beginning.
    """
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if len(name) <= _LONGEST:
        return name
    return f"{name[:_LONGEST]}_{hashlib.sha256(text.encode()).hexdigest()[:6]}"
