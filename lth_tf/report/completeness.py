"""The completeness of figures and tables: samples, lines and levels fewer than the paper's."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from lth_tf.analysis.points import coordinates, selecting, where
from lth_tf.figures.figure import ExpectedLine, Figure
from lth_tf.log.schema import Row
from lth_tf.report.groups import Group
from lth_tf.report.paper import Paper

_Lines = list[tuple[ExpectedLine, list[Row]]]  # those that there are rows of


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
    wanted = [(line, where(rows, **line.fields)) for line in figure.form.wanted()]
    present = [(line, members) for line, members in wanted if members]
    absent = tuple(line.name for line, members in wanted if not members)
    samples = paper.samples_of(group.network)
    return [
        *_samples(samples, present),
        *([Shortfall("lines", len(present), len(wanted), absent)] if absent else []),
        *(_levels(group, present) if figure.form.every_level else []),
        *_single_steps(present),
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
        labels = {name: value for name, value in coordinates(row).items() if name in selects}
        point = repr([*(row[name] for name in names), labels, row["axes"]])
        points.setdefault(point, Counter())[row["initialization"]] += 1
    return list(points.values())


def _samples(samples: tuple[int, int], present: _Lines) -> Iterator[Shortfall]:
    """Yields shortfalls of initializations, and of runs and pairs of one."""
    seeds: list[int] = []
    of_one = defaultdict[str, list[int]](list)
    for line, rows in present:
        for point in _counts(rows):
            seeds += [len(point)] if line.sample != "single" else []
            of_one[line.sample] += point.values()
    initializations, noises = samples
    for what, counts, wanted in (
        ("initializations", seeds, initializations),
        ("runs of an initialization", of_one["run"], noises),
        ("pairs of an initialization", of_one["pair"], math.comb(noises, 2)),
    ):
        if counts and min(counts) < wanted:
            yield Shortfall(what, min(counts), wanted, everywhere=max(counts) < wanted)


def _levels(group: Group, present: _Lines) -> Iterator[Shortfall]:
    """Yields a shortfall for sparse lines that lack levels down to the one that the paper shows."""
    counts = {line.name: _count_levels(line, rows, group.level or 0) for line, rows in present}
    pruned = {name: count for name, count in counts.items() if count}
    few = {name: count for name, count in pruned.items() if count[0] < count[1]}
    if few:
        yield Shortfall("levels", *min(few.values()), _of(list(few), pruned))


def _count_levels(line: ExpectedLine, rows: list[Row], last: int) -> tuple[int, int] | None:
    """Returns how many levels a line has and is to have; None where nothing was pruned."""
    # A line between two levels is of both.
    levels = {row[end] for row in rows for end in ("level", "to_level") if end in row}
    first = line.first_level
    if max(levels) < first:
        return None
    return len(levels & set(range(first, first + last))), line.levels or last


def _single_steps(present: _Lines) -> Iterator[Shortfall]:
    """Yields a shortfall for lines against k that have one step only."""
    steps = {
        line.name: {r["rewind_step"] for r in rows} for line, rows in present if line.several_k
    }
    single = [name for name, own in steps.items() if len(own) < 2]
    if single:
        yield Shortfall("steps k", 1, 2, _of(single, steps))


def _of(names: list[str], lines: Collection[str]) -> tuple[str, ...]:
    """Returns the lines that a shortfall names; none where it is of all lines."""
    return () if len(names) == len(lines) else tuple(names)
