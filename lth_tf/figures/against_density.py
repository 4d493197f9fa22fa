"""Accuracy against the weights left, of lines that a paper chose.

Figs 1 to 10 of early_phase; 1, 5, 8 and 9 of stabilizing.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from lth_tf.analysis.estimate import Estimate, over_initializations, over_rows
from lth_tf.analysis.points import split, unique, where
from lth_tf.analysis.selections import at_the_end, dense_runs
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale, each_once
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.marks.straight import HorizontalLine
from lth_tf.figures.palette import steps, variation
from lth_tf.log.schema import Row

_FEWEST = 2  # densities that make a line
_COLUMNS = 2  # panels beside each other at most


class DensityLine(NamedTuple):
    """A line, or one for each step k.

    Attributes:
      label: as the legend has it.
      fields: what its rows have in common.
      look: how it is drawn.
      each_k: whether every step k has a line of its own.
      optional: whether the figure is whole without it.
      reference: whether it stands beside others, and makes no panel without one of them.
    """

    label: str
    fields: Mapping[str, Any]
    look: Look
    each_k: bool = False
    optional: bool = False
    reference: bool = False


@dataclass(frozen=True)
class AgainstDensity:
    """Test accuracy at the end against the weights left.

    A line may stand in several panels, as that of tickets from k = 0 beside what is made from other
    steps, and what tells lines apart need not be one field.

    Attributes:
      title: above the panels.
      panels: the lines of each, by its title.
      from_dense: whether the dense network is a line across the panel, at which lines of IMP start.
      spread: what bars show, as of a Curve.
    """

    title: str
    panels: Mapping[str, tuple[DensityLine, ...]] = field(hash=False)
    from_dense: bool = False
    spread: Literal["bars", "range"] = "bars"
    every_level: bool = True

    @property
    def _lines(self) -> list[DensityLine]:
        return [line for lines in self.panels.values() for line in lines]

    def select(self, rows: list[Row]) -> list[Row]:
        shown: list[Row] = []
        dense: list[Row] = []
        for variant in variants(rows):
            own = at_the_end(where(variant.rows, kind="evaluation"))
            shown += [row for line in self._lines for row in where(own, **line.fields)]
            dense += dense_runs(own) if self.from_dense else []
        return unique([*dense, *shown]) if shown else []

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        panels = [self._panel(title, rows) for title in self.panels if self._has_own(title, rows)]
        panels = [panel for panel in panels if any(isinstance(m, Curve) for m in panel.marks)]
        if not panels:
            return
        count, wide = len({row["initialization"] for row in rows}), min(_COLUMNS, len(panels))
        yield Chart(
            self.title,
            (words.shortened(subject), words.across(count, self.spread)),
            tuple(tuple(panels[i : i + wide]) for i in range(0, len(panels), wide)),
            Scale("weights left (%)", "density", tuple(100 * row["density"] for row in rows)),
            Scale("test accuracy (%)"),
            size=(5.2, 3.2) if self.from_dense else (4.6 if wide == 1 else 3.4, 2.7),
            rows=tuple(rows),
        )

    def _has_own(self, title: str, rows: list[Row]) -> bool:
        own = (line for line in self.panels[title] if not line.reference)
        return any(where(rows, **line.fields) for line in own)

    def _panel(self, title: str, rows: list[Row]) -> Panel:
        """Returns a panel, with a line that several variants share once."""
        lines = self.panels[title]
        every = (self._marks(lines, each, number) for number, each in enumerate(variants(rows)))
        return Panel(title, each_once(itertools.chain.from_iterable(every)))

    def _marks(
        self, lines: tuple[DensityLine, ...], variant: Variant, number: int
    ) -> Iterator[tuple[tuple[Any, ...], Mark]]:
        """Yields the marks of a variant, each behind a key that is the same for the same rows."""
        suffix = f", {variant.title}" if variant.title else ""
        dense = dense_runs(variant.rows) if self.from_dense else []
        title, look = looks.network("dense")
        if dense:
            look = variation(look._replace(line="-"), number)
            across = HorizontalLine(title + suffix, _accuracy(dense), look, self.spread)
            yield (title, *map(id, dense)), across
        for line in lines:
            own = where(variant.rows, **line.fields)
            start = [dense] if dense and line.fields["network"] == "imp" else []
            for place, (named, groups) in enumerate(_by_level(line, own).items()):
                found = [*start, *groups]
                places = tuple(100 * over_rows(group, "density").mean for group in found)
                look = variation(line.look, number + place)
                accuracies = tuple(map(_accuracy, found))
                yield (
                    (named, *map(id, own)),
                    Curve(named + suffix, places, accuracies, look, self.spread),
                )

    def wanted(self) -> tuple[ExpectedLine, ...]:
        found = {
            line.label: ExpectedLine(line.label, line.fields, "one", False)
            for line in self._lines
            if not line.optional
        }
        if self.from_dense:
            title, _ = looks.network("dense")
            found[title] = ExpectedLine(title, {"network": "dense"}, "one", False)
        return tuple(found.values())


def _by_level(line: DensityLine, rows: list[Row]) -> dict[str, list[list[Row]]]:
    """Returns the rows of a line level by level, by its label; a label for each k if it has one."""
    by_k = split(rows, "rewind_step") if line.each_k else {(0,): rows}
    found = {}
    for (k,), each in by_k.items():
        groups = list(split([row for row in each if row["density"] is not None], "level").values())
        if len(groups) >= _FEWEST:
            found[f"{line.label}{f', k = {steps(k)}' if k else ''}"] = groups
    return found


def _accuracy(rows: list[Row]) -> Estimate:
    """Returns the accuracy in percent, the runs of an initialization averaged."""
    return over_initializations(rows, "test_accuracy").scaled(100)
