"""Two-dimensional slices of the error at steps of pruning: unmasking figs 3, 7 and 8."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lth_tf.analysis import landscape
from lth_tf.analysis.criteria import dense_error
from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end, dense_runs
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import palette, words
from lth_tf.figures.chart import Chart, Colors, Look, Mark, Panel, Scale, in_rows
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks import Cells, Contour, Spot
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

    title = "Error in the plane of a step of pruning"
    every_level = True

    def select(self, rows: list[Row]) -> list[Row]:
        """Returns the planes, and the dense networks that the matching threshold is of."""
        return [*at_the_end(where(rows, kind="plane")), *dense_runs(rows)]

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for variant in variants(rows):
            planes = self._shown(variant.rows)
            if planes:
                yield self._chart(planes, variant, subject)

    def _shown(self, rows: list[Row]) -> list[Row]:
        """Returns the planes of one replicate and one k, level by level."""
        planes = at_the_end(where(rows, kind="plane"))
        k = max((row["rewind_step"] for row in planes), default=0)
        replicates = list(split(where(planes, rewind_step=k), "initialization").values())
        by_level = sorted(replicates[0], key=lambda row: row["level"]) if replicates else []
        if 0 < self.panels < len(by_level):
            chosen = np.linspace(0, len(by_level) - 1, self.panels).round().astype(int)
            return [by_level[place] for place in chosen]
        return by_level

    def _chart(self, planes: list[Row], variant: Variant, subject: str) -> Chart:
        errors = [100 * error for p in planes for line in p["plane_errors"] for error in line]
        colors = Colors("test error (%)", min(errors), max(*errors, min(errors) + 1e-6))
        panels = [_panel(plane, variant, colors) for plane in planes]
        columns = min(_COLUMNS, len(panels))
        seed, k = planes[0]["initialization"], planes[0]["rewind_step"]
        note = "what is not prunable stays within the triangle of the three"
        return Chart(
            self.title,
            (words.heading(subject, variant), f"initialization {seed}, k = {k:,}; {note}"),
            in_rows(panels, columns),
            Scale("along the axial subspace"),
            Scale("along the projection"),
            words.ending(variant),
            size=(3.0 if columns < _COLUMNS else 2.4, 3.2),
            rows=(*planes, *dense_runs(variant.rows)),
            colors=colors,
        )

    def wanted(self) -> tuple[ExpectedLine, ...]:
        # A slice is of a level and the next: there is one from level 0, and none from the last.
        dense = {"kind": "evaluation", "network": "dense"}
        return (
            ExpectedLine("slices", {"kind": "plane"}, "single", False, 0, self.panels),
            ExpectedLine("the matching threshold", dense, "one", False),
        )


def _panel(plane: Row, variant: Variant, colors: Colors) -> Panel:
    """Returns a panel, whose note says how far apart the three networks really are."""
    at, title = tuple(plane["coordinates"]), f"L = {plane['level']}"
    heights = tuple(tuple(100 * e for e in line) for line in plane["plane_errors"])
    marks: list[Mark] = []
    for y, line in zip(at, heights, strict=True):
        errors = tuple(Estimate(error, math.nan, 1) for error in line)
        marks.append(Cells(f"y = {y:.3f}{variant.suffix}", at, errors, y, colors, at[1] - at[0]))
    marks += [
        *_contours(plane, variant.rows, at, heights),
        Spot("axial subspace", (at[0], at[-1]), (0.0, 0.0), Look(_PURPLE, "", "--")),
        Spot("projection", (0.0, 0.0), (1.0, 0.0), Look(_GREY)),
        Spot("level L solution", (0.0,), (1.0,), Look(_GREY, "^")),
        Spot("level L projected", (0.0,), (0.0,), Look(_LIGHT, "X")),
        Spot("level L + 1 solution", (1.0,), (0.0,), Look(palette.VERMILLION, "^")),
    ]
    lengths = f"{plane['axis_distance']:.3g} across, {plane['projection_distance']:.3g} up"
    return Panel(title, tuple(marks), note=lengths)


def _contours(
    plane: Row, rows: list[Row], at: tuple[float, ...], heights: tuple[tuple[float, ...], ...]
) -> Iterator[Contour]:
    """Yields the contours of the errors that are known."""
    epsilon, errors = dense_error(rows).std, landscape.level_errors(rows, plane["rewind_step"])
    own = errors.get((plane["initialization"], plane["level"]), math.nan)
    for label, error, look in (
        ("matching: dense mean + std", landscape.matching_threshold(rows), Look(_SKY, "", ":")),
        ("level L's error + std", own + epsilon, Look(_GREY, "", "--")),
    ):
        if not math.isnan(error):
            yield Contour(label, at, heights, 100 * error, look)
