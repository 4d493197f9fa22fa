"""Accuracy against the weights left, of lines that a paper chose: early_phase figs 1 to 10."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lth_tf.analysis.estimate import over_initializations, over_rows
from lth_tf.analysis.points import of, split
from lth_tf.analysis.selections import at_the_end
from lth_tf.analysis.variants import variants
from lth_tf.figures import words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.palette import variation
from lth_tf.log.schema import Row

_FEWEST = 2  # densities that make a line


class Shown(NamedTuple):
    """A line.

    Attributes:
      label: as the legend has it.
      fields: what its rows have in common.
      look: how it is drawn.
      reference: whether it stands beside others, and makes no panel without one of them.
    """

    label: str
    fields: Mapping[str, Any]
    look: Look
    reference: bool = False


@dataclass(frozen=True)
class AgainstDensity:
    """Test accuracy at the end against the weights left.

    A line may stand in several panels, as that of tickets from k = 0 beside what is made from other
    steps, and what tells lines apart need not be one field.

    Attributes:
      title: above the panels.
      panels: the lines of each, by its title.
      columns: panels beside each other at most.
    """

    title: str
    panels: Mapping[str, tuple[Shown, ...]] = field(hash=False)
    columns: int = 2
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        rows = at_the_end(of(rows, kind="evaluation"))
        shown = [line for lines in self.panels.values() for line in lines]
        found = {id(row): row for line in shown for row in of(rows, **line.fields)}
        return list(found.values())

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        panels = [self._panel(title, rows) for title in self.panels if self._has_own(title, rows)]
        panels = [panel for panel in panels if panel.marks]
        if not panels:
            return
        count, wide = len({row["initialization"] for row in rows}), min(self.columns, len(panels))
        yield Chart(
            self.title,
            (words.shortened(subject), words.across(count)),
            tuple(tuple(panels[i : i + wide]) for i in range(0, len(panels), wide)),
            Scale("weights left (%)", "density", tuple(100 * row["density"] for row in rows)),
            Scale("test accuracy (%)"),
            size=(4.6 if wide == 1 else 3.4, 2.7),
            rows=tuple(rows),
        )

    def _has_own(self, title: str, rows: list[Row]) -> bool:
        own = (line for line in self.panels[title] if not line.reference)
        return any(of(rows, **line.fields) for line in own)

    def _panel(self, title: str, rows: list[Row]) -> Panel:
        marks, seen = list[Mark](), set()
        for number, variant in enumerate(variants(rows)):
            for line in self.panels[title]:
                own = of(variant.rows, **line.fields)
                key = (line.label, *map(id, own))
                if key not in seen and (mark := _curve(line, own, variant.title, number)):
                    seen.add(key)
                    marks.append(mark)
        return Panel(title, tuple(marks))

    def wanted(self) -> tuple[ExpectedLine, ...]:
        found = {
            line.label: ExpectedLine(line.label, line.fields, "one", False)
            for lines in self.panels.values()
            for line in lines
        }
        return tuple(found.values())


def _curve(line: Shown, rows: list[Row], named: str, number: int) -> Mark | None:
    groups = [group for group in split(rows, "level").values() if group[0]["density"] is not None]
    if len(groups) < _FEWEST:
        return None
    places = tuple(100 * over_rows(group, "density").mean for group in groups)
    found = tuple(over_initializations(group, "test_accuracy").scaled(100) for group in groups)
    label = f"{line.label}, {named}" if named else line.label
    return Curve(label, places, found, variation(line.look, number))
