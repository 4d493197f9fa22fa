"""Error along the path through the levels of a search, and between all: unmasking fig. 2."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lth_tf.analysis import landscape
from lth_tf.analysis.estimate import Estimate, estimate
from lth_tf.analysis.points import split, where
from lth_tf.analysis.variants import variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Colors, Look, Mark, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.heat_map import Cells
from lth_tf.figures.marks.path import Path
from lth_tf.figures.marks.straight import HorizontalLine
from lth_tf.figures.words import About
from lth_tf.log.schema import Row

_ERROR = "test error (%)"


@dataclass(frozen=True)
class Connectivity:
    """Error along the piecewise linear path w(0), w(1), ..., and on the lines between all levels.

    Three charts: the path for each step k; that of the last k alone, as far as levels match, beside
    the dense network with its standard deviation, the upper edge of which is the matching
    threshold; and the mean over replicates of the highest error on the line between every two
    levels, of the last k from which all were measured.
    """

    title: str = "Error on the lines between the solutions of IMP"
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        return landscape.lines(rows, "solution")

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for variant in variants(rows):
            about = About(subject, variant.title)
            if landscape.successive(variant.rows):
                yield self._paths(variant.rows, about)
                yield self._zoom(variant.rows, about)
            if pairs := _pairs(variant.rows):
                yield self._heat_map(pairs, variant.rows, about)

    def _paths(self, rows: list[Row], about: About) -> Chart:
        by_step = split(landscape.successive(rows), "rewind_step")
        marks: list[Mark] = []
        for place, ((k,), found) in enumerate(by_step.items()):
            title, look = looks.line("rewind_step", k, place, len(by_step))
            marks.append(_path(title + about.suffix, found, look))
        return _chart(self.title, about, self.select(rows), marks)

    def _zoom(self, rows: list[Row], about: About) -> Chart:
        k = max(row["rewind_step"] for row in landscape.successive(rows))
        found, dense = landscape.successive(rows, k), landscape.dense_error(rows).scaled(100)
        if last := landscape.last_matching(rows, k):
            found = [row for row in found if row["to_level"] <= last[0]] or found
        title, look = looks.network("imp")
        marks: list[Mark] = [_path(title + about.suffix, found, look)]
        if dense.n:
            title, look = looks.network("dense")
            named = f"{title}, mean ± std: matching below its upper edge{about.suffix}"
            marks.insert(0, HorizontalLine(named, dense, look._replace(line="--")))
        title = f"Error between the levels of IMP that match, k = {k:,}"
        return _chart(title, about, found, marks, "-zoom")

    def _heat_map(self, pairs: list[Row], rows: list[Row], about: About) -> Chart:
        """Returns the chart whose row i, column j is the mean highest error from level i to j."""
        highest = _highest(pairs)
        top = max(level for pair in highest for level in pair)
        limit = 100 * landscape.matching_threshold(rows)
        every = [each.mean for each in highest.values()]
        low = min(every) if math.isnan(limit) else limit
        colors = Colors("highest test error (%)", low, max(*every, low + 1e-6))
        nothing = Estimate(math.nan, math.nan, 0)
        marks = [
            Cells(
                f"level {i}{about.suffix}", i, tuple(range(top + 1)),
                tuple(highest.get((min(i, j), max(i, j)), nothing) for j in range(top + 1)), colors,
            )
            for i in range(top + 1)
        ]  # fmt: skip
        notes = [about.text, _samples(pairs).replace(" ± std", "")]
        if not math.isnan(limit):
            notes.append(f"darkest: not above {limit:.2f}%, the matching threshold")
        level = Scale("level", "whole")
        return Chart(
            f"Highest error between the levels of IMP, k = {pairs[0]['rewind_step']:,}",
            tuple(notes), ((Panel("", tuple(marks)),),), level, level,
            f"-pairs{about.ending}",
            size=(4.6, 4.2), rows=tuple(pairs), colors=colors,
        )  # fmt: skip

    def wanted(self) -> tuple[ExpectedLine, ...]:
        lines = {"kind": "connectivity", "to": "solution"}
        # Those of the heat map stand for it: the path has none of them.
        far = ExpectedLine("the heat map", {**lines, "level": 0, "to_level": 2}, "one",
                           several_k=False, first_level=3)  # fmt: skip
        return (ExpectedLine("lines between levels", lines, "one"), far)


def _chart(title: str, about: About, rows: list[Row], marks: list[Mark], ending: str = "") -> Chart:
    panels = ((Panel("", tuple(marks)),),)
    x = Scale("level L + β, on the line from level L to L + 1", "whole")
    notes, ending = (about.text, _samples(rows)), ending + about.ending
    return Chart(title, notes, panels, x, Scale(_ERROR), ending, size=(6.4, 3.2), rows=tuple(rows))


def _samples(rows: list[Row]) -> str:
    count = len({row["initialization"] for row in rows})
    mean = "mean ± std over " if count > 1 else ""
    return f"{mean}{words.plural(count, 'replicate')}"


def _path(label: str, rows: list[Row], look: Look) -> Path:
    """Returns the mean over replicates at each L + beta; a level is the end of the line to it."""
    places: dict[float, list[float]] = {}
    for row in sorted(rows, key=lambda row: row["level"]):
        for beta, error in zip(row["alphas"], row["test_errors"], strict=True):
            if beta or row["level"] == min(each["level"] for each in rows):
                places.setdefault(row["level"] + beta, []).append(100 * error)
    return Path(label, tuple(places), tuple(map(estimate, places.values())), look)


def _pairs(rows: list[Row]) -> list[Row]:
    """Returns the lines from the last step k of which there are not successive ones alone."""
    far = [r for r in landscape.lines(rows, "solution") if r["to_level"] > r["level"] + 1]
    k = max((row["rewind_step"] for row in far), default=0)
    return where(landscape.lines(rows, "solution"), rewind_step=k) if far else []


def _highest(pairs: list[Row]) -> dict[tuple[int, int], Estimate]:
    """Returns the highest error in percent on each line; of a level with itself, its own error."""
    found: dict[tuple[int, int], dict[int, float]] = {}
    for row in pairs:
        ends, errors = (row["level"], row["to_level"]), row["test_errors"]
        for place, error in (
            (ends, max(errors)),
            (ends[:1] * 2, errors[0]),
            (ends[1:] * 2, errors[-1]),
        ):
            found.setdefault(place, {})[row["initialization"]] = 100 * error
    return {place: estimate(own.values()) for place, own in found.items()}
