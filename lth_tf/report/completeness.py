"""The completeness of figures and tables: samples, lines and levels fewer than the paper's."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from lth_tf.analysis.points import coordinates, selecting, where
from lth_tf.figures.figure import ExpectedLine, Figure
from lth_tf.log.schema import Row
from lth_tf.report.groups import Group
from lth_tf.report.paper import Paper

# Lines that there are rows of; what there is of each initialization, and points that count them.
_Shown = list[tuple[ExpectedLine, list[Row]]]
_Counted = Sequence[tuple[str, list[Counter[int]]]]


class Shortfall(NamedTuple):
    """Something that there is too little of.

    Attributes:
      what: of which there are fewer: 'initializations', 'pairs of an initialization', 'levels',
        'steps k', 'lines', 'columns'.
      found, wanted: how many there are, and how many there are to be.
      of: the lines that it is said of; none if of all.
      everywhere: whether it is so at every point.
    """

    what: str
    found: int
    wanted: int
    of: tuple[str, ...] = ()
    everywhere: bool = True

    def __str__(self) -> str:
        if self.what == "lines":
            return f"no line of {', '.join(self.of)}"
        if self.what == "columns":
            return "not every column"
        of = f" of {', '.join(self.of)}" if self.of else ""
        if self.what == "steps k":
            return f"one step k{of}"
        where = "" if self.everywhere else " at some points"
        return f"{self.found} of {self.wanted} {self.what}{of}{where}"


def of_figure(paper: Paper, figure: Figure, group: Group, rows: list[Row]) -> list[Shortfall]:
    """Returns what rows of a network of the paper are too few for; none where all is there.

    Nothing is asked for of other networks.
    """
    if group.network is None:
        return []
    lines = [(line, where(rows, **line.fields)) for line in figure.form.wanted()]
    shown = [(line, members) for line, members in lines if members]
    absent = tuple(line.name for line, members in lines if not members)
    counted = [(line.sample, _counts(members)) for line, members in shown]
    samples = paper.samples_of(group.network)
    return [
        *_initializations(samples, counted),
        *_samples(samples, counted),
        *([Shortfall("lines", len(shown), len(lines), absent)] if absent else []),
        *(_levels(group, shown) if figure.form.every_level else []),
        *_single_steps(shown),
    ]


def of_table(
    paper: Paper, group: Group, samples: int, columns: int, wanted: int
) -> list[Shortfall]:
    """Returns the same of a table, which has a number from each initialization in every column.

    Of other networks columns are asked for, too.
    """
    few = [Shortfall("columns", columns, wanted)]
    if group.network:
        few.insert(0, Shortfall("initializations", samples, paper.samples_of(group.network)[0]))
    return [each for each in few if each.found < each.wanted]


def _counts(rows: list[Row]) -> list[Counter[int]]:
    """Returns, for each point, how many rows there are of each initialization."""
    points: dict[str, Counter[int]] = {}
    names = ("kind", "rewind_step", "level", "step")
    selects = selecting()
    for row in rows:
        labels = {n: v for n, v in coordinates(row).items() if n in selects}
        point = repr([*(row[name] for name in names), labels, row["axes"]])
        points.setdefault(point, Counter())[row["initialization"]] += 1
    return list(points.values())


def _initializations(samples: tuple[int, int], counted: _Counted) -> Iterator[Shortfall]:
    found = [len(point) for each, points in counted for point in points if each != "single"]
    yield from _too_few(found, samples[0], "initializations")


def _samples(samples: tuple[int, int], counted: _Counted) -> Iterator[Shortfall]:
    noises = samples[1]
    for each, wanted in (("run", noises), ("pair", math.comb(noises, 2))):
        counts = [n for e, points in counted if e == each for p in points for n in p.values()]
        yield from _too_few(counts, wanted, f"{each}s of an initialization")


def _too_few(found: list[int], wanted: int, what: str) -> Iterator[Shortfall]:
    if found and min(found) < wanted:
        yield Shortfall(what, min(found), wanted, everywhere=max(found) < wanted)


def _levels(group: Group, shown: _Shown) -> Iterator[Shortfall]:
    """Yields a shortfall for sparse lines that lack levels down to the one that the paper shows."""
    counts = {line.name: _count_levels(line, rows, group.level or 0) for line, rows in shown}
    pruned = {name: count for name, count in counts.items() if count}
    few = {name: count for name, count in pruned.items() if count[0] < count[1]}
    if few:
        yield Shortfall("levels", *min(few.values()), _of(list(few), pruned))


def _count_levels(line: ExpectedLine, rows: list[Row], last: int) -> tuple[int, int] | None:
    """Returns how many levels a line has and is to have; None where nothing was pruned."""
    # A line between two levels is of both.
    found = {row[end] for row in rows for end in ("level", "to_level") if end in row}
    first = line.first_level
    if max(found) < first:
        return None
    return len(found & set(range(first, first + last))), line.levels or last


def _single_steps(shown: _Shown) -> Iterator[Shortfall]:
    """Yields a shortfall for lines against k that have one step only."""
    steps = {line.name: {r["rewind_step"] for r in rows} for line, rows in shown if line.several_k}
    single = [name for name, found in steps.items() if len(found) < 2]
    if single:
        yield Shortfall("steps k", 1, 2, _of(single, steps))


def _of(names: list[str], lines: Collection[str]) -> tuple[str, ...]:
    """Returns the lines that a shortfall names; none where it is of all lines."""
    return () if len(names) == len(lines) else tuple(names)
