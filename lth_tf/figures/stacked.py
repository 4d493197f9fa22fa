"""Several measurements of the same networks below each other: stabilizing figs 4, 7, 11 and 12."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lth_tf.analysis.points import unique
from lth_tf.figures.chart import Chart, Panel, Scale
from lth_tf.figures.curves import Curves
from lth_tf.figures.figure import ExpectedLine
from lth_tf.log.schema import Row


@dataclass(frozen=True)
class Stacked:
    """A panel for each of several measurements against the same x.

    Attributes:
      title: above the panels.
      parts: the measurements, of a kind of row each; the title of each stands above its panel.
    """

    title: str
    parts: tuple[Curves, ...]
    every_level: bool = False

    def select(self, rows: list[Row]) -> list[Row]:
        return unique(row for part in self.parts for row in part.select(rows))

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        drawn = [next(part.charts(rows, subject), None) for part in self.parts]
        found = [chart for chart in drawn if chart]
        if not found:
            return
        shown = list(zip(self.parts, drawn, strict=True))
        values = sorted({value for chart in found for value in chart.x.values})
        yield Chart(
            self.title,
            (found[0].notes[0], *(f"{p.title}: {c.notes[1]}" for p, c in shown if c)),
            tuple((_panel(part, chart),) for part, chart in shown),
            replace(found[0].x, values=tuple(values)),
            Scale(""),
            share_y=False,
            size=(4.6, 2.1),
            rows=tuple(self.select(rows)),
        )

    def wanted(self) -> tuple[ExpectedLine, ...]:
        return tuple(
            line._replace(
                name=f"{line.name} ({part.title.lower()})",
                fields={**line.fields, "kind": part.source},
            )
            for part in self.parts
            for line in part.wanted()
        )


def _panel(part: Curves, chart: Chart | None) -> Panel:
    """Returns the panel of a measurement; without marks if there is none."""
    marks = chart.panels[0][0].marks if chart else ()
    return Panel(part.title, marks, label=part.title, y_name=part.y_name)
