"""What a figure or table lacks of what the paper's has: samples, lines, levels, steps k."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from lth_tf.analysis.points import of
from lth_tf.log.schema import Row
from lth_tf.report.groups import Group
from lth_tf.report.paper import Figure, Line, Paper

# Lines that there are rows of; what there is of each initialisation, and points that count them.
_Shown = list[tuple[Line, list[Row]]]
_Counted = Sequence[tuple[str, list[Counter[int]]]]

# What tells the points of a line apart.
_POINT = ("kind", "rewind_step", "level", "step", "barrier", "statistics")


def of_figure(paper: Paper, figure: Figure, group: Group, rows: list[Row]) -> list[str]:
    """What rows of a network of the paper are too few for, in words; none where all is there.

    Nothing is asked for of other networks.
    """
    if group.network is None:
        return []
    lines = [(line, of(rows, **line.fields)) for line in paper.lines[figure.name]]
    shown = [(line, members) for line, members in lines if members]
    absent = [line.name for line, members in lines if not members]
    counted = [(line.each, _counts(members)) for line, members in shown]
    return [
        *_initializations(paper, counted),
        *_samples(paper, counted),
        *([f"no line of {', '.join(absent)}"] if absent else []),
        *(_levels(group, shown) if figure.every_level else []),
        *_single_steps(shown),
    ]


def of_initializations(paper: Paper, group: Group, found: int) -> list[str]:
    """The same of a number of a table, of which there is one from each initialisation."""
    wanted = paper.samples[0]
    return [f"{found} of {wanted} initialisations"] if group.network and found < wanted else []


def _counts(rows: list[Row]) -> list[Counter[int]]:
    """Of every point how many rows there are of each initialisation."""
    points: dict[tuple, Counter[int]] = {}
    for row in rows:
        point = tuple(row.get(name) for name in _POINT)
        points.setdefault(point, Counter())[row["initialization"]] += 1
    return list(points.values())


def _initializations(paper: Paper, counted: _Counted) -> Iterator[str]:
    found = [len(point) for _, points in counted for point in points]
    yield from _too_few(found, paper.samples[0], "initialisations")


def _samples(paper: Paper, counted: _Counted) -> Iterator[str]:
    noises = paper.samples[1]
    for each, wanted in (("run", noises), ("pair", math.comb(noises, 2))):
        counts = [n for e, points in counted if e == each for p in points for n in p.values()]
        yield from _too_few(counts, wanted, f"{each}s of an initialisation")


def _too_few(found: list[int], wanted: int, what: str) -> Iterator[str]:
    if found and min(found) < wanted:
        where = " at some points" if max(found) >= wanted else ""
        yield f"{min(found)} of {wanted} {what}{where}"


def _levels(group: Group, shown: _Shown) -> Iterator[str]:
    """Sparse lines without all levels to the one that figures of one level show."""
    wanted = set(range(1, (group.level or 0) + 1))
    found = {line.name: {row["level"] for row in rows} - {0} for line, rows in shown}
    counts = {name: len(levels & wanted) for name, levels in found.items() if levels}
    few = [name for name, count in counts.items() if count < len(wanted)]
    if few:
        yield f"{min(counts.values())} of {len(wanted)} levels{_of(few, counts)}"


def _single_steps(shown: _Shown) -> Iterator[str]:
    """Lines against k that have one step only."""
    steps = {line.name: {r["rewind_step"] for r in rows} for line, rows in shown if line.several_k}
    single = [name for name, found in steps.items() if len(found) < 2]
    if single:
        yield f"one step k{_of(single, steps)}"


def _of(names: list[str], lines: Collection[str]) -> str:
    """Which lines something is said of; '' where it is all of those that it could be of."""
    return "" if len(names) == len(lines) else f" of {', '.join(names)}"
