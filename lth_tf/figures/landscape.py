"""Error between the solutions of a search: on lines and in planes (unmasking figs 2, 3, 6 to 8)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lth_tf.analysis import landscape
from lth_tf.analysis.criteria import dense_error
from lth_tf.analysis.estimate import Estimate, estimate
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end, dense_runs
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Colors, Look, Mark, Panel, Scale, in_rows
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks import Cells, Contour, Curve, HorizontalLine, Spot
from lth_tf.figures.palette import VERMILLION
from lth_tf.log.schema import Row

_ERROR = "test error (%)"
_COLUMNS = 4
# Seen on dark, on light and in the legend.
_GREY, _LIGHT, _PURPLE, _SKY = "#BBBBBB", "#FFB000", "#CC79A7", "#56B4E9"


@dataclass(frozen=True)
class Connectivity:
    """Error along the piecewise linear path w(0), w(1), ..., and on the lines between all levels.

    Three charts: the path for each step k; that of the last k alone, as far as levels match, beside
    the dense network with its standard deviation, the upper edge of which is the matching
    threshold; and the mean over replicates of the highest error on the line between every two
    levels, of the last k from which all were measured.

    Attributes:
      network: the kind that the search finds.
    """

    network: str = "imp"

    every_level = True

    @property
    def _title(self) -> str:
        return looks.network(self.network)[0]

    def select(self, rows: list[Row]) -> list[Row]:
        return landscape.lines(rows, "solution", network=self.network)

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for variant in variants(rows):
            if landscape.successive(variant.rows, network=self.network):
                yield self._paths(variant, subject)
                yield self._zoom(variant, subject)
            if pairs := self._pairs(variant.rows):
                yield self._heat_map(pairs, variant, subject)

    def _paths(self, variant: Variant, subject: str) -> Chart:
        successive = landscape.successive(variant.rows, network=self.network)
        by_step, marks = split(successive, "rewind_step"), list[Mark]()
        for place, ((k,), lines) in enumerate(by_step.items()):
            label, look = looks.line("rewind_step", k, place, len(by_step))
            marks.append(_path(label + variant.suffix, lines, look))
        title = f"Error on the lines between the solutions of {self._title}"
        return _chart(title, subject, variant, self.select(variant.rows), marks)

    def _zoom(self, variant: Variant, subject: str) -> Chart:
        rows = variant.rows
        k = max(r["rewind_step"] for r in landscape.successive(rows, network=self.network))
        lines, dense = landscape.successive(rows, k, self.network), dense_error(rows).scaled(100)
        if last := landscape.last_matching(rows, k, self.network):
            lines = [row for row in lines if row["to_level"] <= last[0]] or lines
        marks: list[Mark] = []
        if dense.n:
            title, look = looks.network("dense")
            label = f"{title}, mean ± std: matching below its upper edge{variant.suffix}"
            marks.append(HorizontalLine(label, dense, look._replace(line="--")))
        look = looks.network(self.network)[1]
        marks.append(_path(self._title + variant.suffix, lines, look))
        title = f"Error between the levels of {self._title} that match, k = {k:,}"
        return _chart(title, subject, variant, lines, marks, "-zoom")

    def _pairs(self, rows: list[Row]) -> list[Row]:
        """Returns the lines from the last step k of which there are not successive ones alone."""
        lines = self.select(rows)
        far = [row["rewind_step"] for row in lines if row["to_level"] > row["level"] + 1]
        return where(lines, rewind_step=max(far)) if far else []

    def _heat_map(self, pairs: list[Row], variant: Variant, subject: str) -> Chart:
        """Returns the chart whose row i, column j is the mean highest error from level i to j."""
        highest = _highest(pairs)
        top = max(level for pair in highest for level in pair)
        limit = 100 * landscape.matching_threshold(variant.rows)
        means = [estimate.mean for estimate in highest.values()]
        low = min(means) if math.isnan(limit) else limit
        colors = Colors("highest test error (%)", low, max(*means, low + 1e-6))
        nothing, levels = Estimate(math.nan, math.nan, 0), tuple(range(top + 1))
        marks = []
        for i in levels:
            estimates = tuple(highest.get((min(i, j), max(i, j)), nothing) for j in levels)
            marks.append(Cells(f"level {i}{variant.suffix}", levels, estimates, i, colors))
        darkest = f"darkest: not above {limit:.2f}%, the matching threshold"
        notes = (words.heading(subject, variant), _samples(pairs).replace(" ± std", ""),
                 *([] if math.isnan(limit) else [darkest]))  # fmt: skip
        level = Scale("level", "whole")
        return Chart(
            f"Highest error between the levels of {self._title}, k = {pairs[0]['rewind_step']:,}",
            notes, ((Panel("", tuple(marks)),),), level, level, f"-pairs{words.ending(variant)}",
            size=(4.6, 4.2), rows=tuple(pairs), colors=colors,
        )  # fmt: skip

    def wanted(self) -> tuple[ExpectedLine, ...]:
        lines = {"kind": "connectivity", "to": "solution"}
        # Those of the heat map stand for it: the path has none of them.
        far = {**lines, "level": 0, "to_level": 2}
        heat_map = ExpectedLine("the heat map", far, "one", several_k=False, first_level=3)
        return (ExpectedLine("lines between levels", lines, "one"), heat_map)


def _chart(
    title: str, subject: str, variant: Variant, rows: list[Row], marks: list[Mark], part: str = ""
) -> Chart:
    panels = ((Panel("", tuple(marks)),),)
    x = Scale("level L + β, on the line from level L to L + 1", "whole")
    notes, suffix = (words.heading(subject, variant), _samples(rows)), part + words.ending(variant)
    return Chart(title, notes, panels, x, Scale(_ERROR), suffix, size=(6.4, 3.2), rows=tuple(rows))


def _samples(rows: list[Row]) -> str:
    count = words.replicates(rows)
    return count if count == "1 replicate" else f"mean ± std over {count}"


def _path(label: str, rows: list[Row], look: Look) -> Curve:
    """Returns the mean over replicates at each L + beta; a level is the end of the line to it."""
    errors: dict[float, list[float]] = {}
    first = min(row["level"] for row in rows)
    for row in sorted(rows, key=lambda row: row["level"]):
        for beta, error in zip(row["alphas"], row["test_errors"], strict=True):
            if beta or row["level"] == first:
                errors.setdefault(row["level"] + beta, []).append(100 * error)
    estimates = tuple(map(estimate, errors.values()))
    return Curve(label, tuple(errors), estimates, look, "band", path=True)


def _highest(pairs: list[Row]) -> dict[tuple[int, int], Estimate]:
    """Returns the highest error in percent on each line; of a level with itself, its own error."""
    by_pair: dict[tuple[int, int], dict[int, float]] = {}
    for row in pairs:
        one, other, errors = row["level"], row["to_level"], row["test_errors"]
        highest = {(one, other): max(errors), (one, one): errors[0], (other, other): errors[-1]}
        for pair, error in highest.items():
            by_pair.setdefault(pair, {})[row["initialization"]] = 100 * error
    return {pair: estimate(own.values()) for pair, own in by_pair.items()}


@dataclass(frozen=True)
class Planes:
    """The test error in the plane through a level's solution, its projection and the next solution.

    A panel for each level, of the first replicate and the last step k that there are planes of.

    Attributes:
      panels: how many levels are shown, from the first to the last at even distances; 0 for all.
      network: the kind that the search finds.
    """

    panels: int = 0
    network: str = "imp"

    every_level = True

    def select(self, rows: list[Row]) -> list[Row]:
        """Returns the planes, and the dense networks that the matching threshold is of."""
        planes = where(rows, kind="plane", network=("dense", self.network))
        return [*at_the_end(planes), *dense_runs(rows)]

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for variant in variants(rows):
            if planes := self._shown(variant.rows):
                yield self._chart_of(planes, variant, subject)

    def _shown(self, rows: list[Row]) -> list[Row]:
        """Returns the planes of one replicate and one k, level by level."""
        planes = where(self.select(rows), kind="plane")
        k = max((row["rewind_step"] for row in planes), default=0)
        replicates = list(split(where(planes, rewind_step=k), "initialization").values())
        by_level = sorted(replicates[0], key=lambda row: row["level"]) if replicates else []
        if 0 < self.panels < len(by_level):
            chosen = np.linspace(0, len(by_level) - 1, self.panels).round().astype(int)
            return [by_level[place] for place in chosen]
        return by_level

    def _chart_of(self, planes: list[Row], variant: Variant, subject: str) -> Chart:
        errors = [100 * error for p in planes for line in p["plane_errors"] for error in line]
        colors = Colors(_ERROR, min(errors), max(*errors, min(errors) + 1e-6))
        panels = [self._panel(plane, variant, colors) for plane in planes]
        columns = min(_COLUMNS, len(panels))
        seed, k = planes[0]["initialization"], planes[0]["rewind_step"]
        note = "what is not prunable stays within the triangle of the three"
        return Chart(
            "Error in the plane of a step of pruning",
            (words.heading(subject, variant), f"initialization {seed}, k = {k:,}; {note}"),
            in_rows(panels, columns),
            Scale("along the axial subspace"),
            Scale("along the projection"),
            words.ending(variant),
            size=(3.0 if columns < _COLUMNS else 2.4, 3.2),
            rows=(*planes, *dense_runs(variant.rows)),
            colors=colors,
        )

    def _panel(self, plane: Row, variant: Variant, colors: Colors) -> Panel:
        """Returns a panel, whose note says how far apart the three networks really are."""
        at, suffix = tuple(plane["coordinates"]), variant.suffix
        heights = tuple(tuple(100 * e for e in line) for line in plane["plane_errors"])
        marks: list[Mark] = []
        for y, line in zip(at, heights, strict=True):
            errors = tuple(Estimate(error, math.nan, 1) for error in line)
            marks.append(Cells(f"y = {y:.3f}{suffix}", at, errors, y, colors, at[1] - at[0]))
        for label, error, look in self._limits(plane, variant.rows):
            if not math.isnan(error):
                marks.append(Contour(label, at, heights, 100 * error, look))
        marks += [
            Spot("axial subspace", (at[0], at[-1]), (0.0, 0.0), Look(_PURPLE, "", "--")),
            Spot("projection", (0.0, 0.0), (1.0, 0.0), Look(_GREY)),
            Spot("level L solution", (0.0,), (1.0,), Look(_GREY, "^")),
            Spot("level L projected", (0.0,), (0.0,), Look(_LIGHT, "X")),
            Spot("level L + 1 solution", (1.0,), (0.0,), Look(VERMILLION, "^")),
        ]
        note = f"{plane['axis_distance']:.3g} across, {plane['projection_distance']:.3g} up"
        return Panel(f"L = {plane['level']}", tuple(marks), note=note)

    def _limits(self, plane: Row, rows: list[Row]) -> Iterator[tuple[str, float, Look]]:
        """Yields the errors that have contours, nan where they are not known."""
        threshold = landscape.matching_threshold(rows)
        yield "matching: dense mean + std", threshold, Look(_SKY, "", ":")
        errors = landscape.level_errors(rows, plane["rewind_step"], self.network)
        own = errors.get((plane["initialization"], plane["level"]), math.nan)
        yield "level L's error + std", own + dense_error(rows).std, Look(_GREY, "", "--")

    def wanted(self) -> tuple[ExpectedLine, ...]:
        # A slice is of a level and the next: there is one from level 0, and none from the last.
        dense = {"kind": "evaluation", "network": "dense"}
        return (
            ExpectedLine("slices", {"kind": "plane"}, "single", False, 0, self.panels),
            ExpectedLine("the matching threshold", dense, "one", False),
        )
