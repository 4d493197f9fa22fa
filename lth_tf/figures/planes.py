"""Two-dimensional slices of the error at steps of pruning: unmasking figs 3, 7 and 8."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lth_tf.analysis import landscape
from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end, dense_runs
from lth_tf.analysis.variants import variants
from lth_tf.figures import palette
from lth_tf.figures.chart import Chart, Colors, Look, Mark, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.heat_map import Cells
from lth_tf.figures.marks.slice import Contour, Spot
from lth_tf.figures.words import About
from lth_tf.log.schema import Row

_COLUMNS = 4
# Seen on dark, on light and in the legend.
_GREY, _LIGHT, _PURPLE, _SKY = "#BBBBBB", "#FFB000", "#CC79A7", "#56B4E9"


@dataclass(frozen=True)
class Planes:
    """The test error in the plane through a level's solution, its projection and the next solution.

    A panel for each level, of the first replicate and the last step k that there are planes of.

    Attributes:
      panels: how many levels are shown, from the first to the last at even distances; 0 for all.
    """

    panels: int = 0
    title: str = "Error in the plane of a step of pruning"
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        """Returns the planes, and the dense networks that the matching threshold is of."""
        return [*_planes(rows), *dense_runs(rows)]

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for variant in variants(rows):
            found = self._shown(variant.rows)
            if found:
                yield self._chart(found, variant.rows, About(subject, variant.title))

    def _shown(self, rows: list[Row]) -> list[Row]:
        """Returns the planes of one replicate and one k, level by level."""
        planes = _planes(rows)
        k = max((row["rewind_step"] for row in planes), default=0)
        replicates = list(split(where(planes, rewind_step=k), "initialization").values())
        found = sorted(replicates[0], key=lambda row: row["level"]) if replicates else []
        if 0 < self.panels < len(found):
            chosen = np.linspace(0, len(found) - 1, self.panels).round().astype(int)
            return [found[place] for place in chosen]
        return found

    def _chart(self, planes: list[Row], rows: list[Row], about: About) -> Chart:
        every = [100 * error for p in planes for line in p["plane_errors"] for error in line]
        colors = Colors("test error (%)", min(every), max(*every, min(every) + 1e-6))
        flat = [_panel(plane, rows, colors, about.suffix) for plane in planes]
        wide = min(_COLUMNS, len(flat))
        row = planes[0]
        replicate = f"initialization {row['initialization']}, k = {row['rewind_step']:,}"
        return Chart(
            self.title,
            (
                about.text,
                f"{replicate}; what is not prunable stays within the triangle of the three",
            ),
            tuple(tuple(flat[i : i + wide]) for i in range(0, len(flat), wide)),
            Scale("along the axial subspace"),
            Scale("along the projection"),
            about.ending,
            size=(3.0 if wide < _COLUMNS else 2.4, 3.2),
            rows=(*planes, *dense_runs(rows)),
            colors=colors,
        )

    def wanted(self) -> tuple[ExpectedLine, ...]:
        # A slice is of a level and the next: there is one from level 0, and none from the last.
        dense = {"kind": "evaluation", "network": "dense"}
        return (
            ExpectedLine("slices", {"kind": "plane"}, "single", False, 0, self.panels),
            ExpectedLine("the matching threshold", dense, "one", False),
        )


def _planes(rows: list[Row]) -> list[Row]:
    return at_the_end(where(rows, kind="plane"))


def _panel(plane: Row, rows: list[Row], colors: Colors, suffix: str) -> Panel:
    """Returns a panel, whose note says how far apart the three networks really are."""
    at, level = tuple(plane["coordinates"]), plane["level"]
    heights = tuple(tuple(100 * e for e in line) for line in plane["plane_errors"])
    cell = (at[1] - at[0],) * 2
    marks: list[Mark] = [
        Cells(
            f"y = {y:.3f}{suffix}",
            y,
            at,
            tuple(Estimate(e, math.nan, 1) for e in line),
            colors,
            cell,
        )
        for y, line in zip(at, heights, strict=True)
    ]
    marks += [
        Contour(name, at, heights, limit, Look(color, "", line))
        for name, limit, color, line in _limits(plane, rows)
        if not math.isnan(limit)
    ]
    marks += [
        Spot("axial subspace", (at[0], at[-1]), (0.0, 0.0), Look(_PURPLE, "", "--")),
        Spot("projection", (0.0, 0.0), (1.0, 0.0), Look(_GREY)),
        Spot("level L solution", (0.0,), (1.0,), Look(_GREY, "^")),
        Spot("level L projected", (0.0,), (0.0,), Look(_LIGHT, "X")),
        Spot("level L + 1 solution", (1.0,), (0.0,), Look(palette.VERMILLION, "^")),
    ]
    lengths = f"{plane['axis_distance']:.3g} across, {plane['projection_distance']:.3g} up"
    return Panel(f"L = {level}", tuple(marks), label=f"L = {level}", note=lengths)


def _limits(plane: Row, rows: list[Row]) -> list[tuple[str, float, str, str]]:
    """Returns the contours: name, error in percent (nan if not known), color and line style."""
    epsilon, k = landscape.dense_error(rows).std, plane["rewind_step"]
    own = landscape.level_errors(rows, k).get((plane["initialization"], plane["level"]), math.nan)
    matching = 100 * landscape.matching_threshold(rows)
    return [
        ("matching: dense mean + std", matching, _SKY, ":"),
        ("level L's error + std", 100 * (own + epsilon), _GREY, "--"),
    ]
