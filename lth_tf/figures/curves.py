"""The common form of figure: numbers against x, a line for each kind of network or the like.

Then several of them below each other: stabilizing figs 4, 7, 11 and 12.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lth_tf.analysis.points import unique, value, where
from lth_tf.analysis.selections import SOURCES, dense_runs, source
from lth_tf.analysis.variants import variants
from lth_tf.figures import looks
from lth_tf.figures.chart import Chart, Panel, Scale
from lth_tf.figures.charting import Charting
from lth_tf.figures.figure import ExpectedLine, Sample
from lth_tf.log.schema import Row, kinds

SPARSE = ("imp", "random_pruning", "random_reinitialization")


@dataclass(frozen=True)
class Curves:
    """Numbers against x.

    Lines are told apart by one field, and by any setting, axis or label in which rows differ; means
    are over seeds alone.

    Attributes:
      source, steps: see selections.source.
      y: fields or derived numbers; those of a line between copies are lists.
      y_name: the name of the y axis, with its unit.
      x: 'rewind_step', 'step', 'density', 'alphas', 'level', or an axis of an experiment.
      lines: the field that tells lines apart, or 'y'.
      panels: the field that tells panels apart, or 'y'; '' for one panel.
      rows: the field that tells rows of panels apart; '' if they only go on.
      only: values that rows must have, by name.
      over: the samples: 'rows', each a run or a pair; or 'initializations', in each of which rows
        are averaged.
      spread: of a standard deviation, or, of 'range', the smallest and largest sample.
      band: whether the dense network is a band, at which IMP starts against density, and no line.
      limit: whether the limit of stability is marked.
      optional: lines that a figure is whole without.
      samples: the sample of a line, by name, where it is not a run or a pair.
      called: the end of the names of panels, where charts of one figure have the same ones.
      columns: panels beside each other at most.
      x_kind, y_kind: of the axes (see chart.Scale); '' for the usual one of x.
      epoch: steps of an epoch, where x is to be in epochs; 0 where it is in steps.
      fewest: the least number of values of x, of levels or of schedules.
      size: of a panel, inches; None for one that suits their number.
    """

    title: str
    source: str
    y: tuple[str, ...]
    y_name: str
    x: str = "rewind_step"
    lines: str = "network"
    panels: str = "y"
    rows: str = ""
    only: Mapping[str, Any] = field(default_factory=dict)
    over: str = "rows"
    steps: str = "last"
    spread: Literal["bars", "band", "range"] = "bars"
    band: bool = False
    limit: bool = False
    optional: tuple[str, ...] = ()
    samples: Mapping[str, Sample] = field(default_factory=dict)
    called: str = ""
    columns: int = 4
    x_kind: str = ""
    y_kind: str = "linear"
    epoch: int = 0
    fewest: int = 1
    from_zero: bool = False
    size: tuple[float, float] | None = None

    @property
    def every_level(self) -> bool:
        return bool({"density", "level"} & {self.x, self.panels})

    def select(self, rows: list[Row]) -> list[Row]:
        chosen: list[Row] = []
        for variant in variants(rows, self.x):
            chosen += self.of_variant(variant.rows)
            chosen += dense_runs(variant.rows) if self.band else []
        return unique(chosen)

    def of_variant(self, rows: list[Row]) -> list[Row]:
        """Returns the rows of one variant that its lines are of."""
        chosen = where(source(rows, self.source, self.steps), **self.only)
        if self.band:
            chosen = [row for row in chosen if row["network"] != "dense"]
        if self.steps == "last_of_both":
            restarted = {row["network"] for row in where(chosen, schedule="restarted")}
            chosen = where(chosen, network=tuple(restarted))
        else:
            chosen = where(chosen, schedule="absolute")
        # Those without an axis that other experiments have have no place on it.
        return [row for row in chosen if None not in (value(row, self.x), value(row, self.y[0]))]

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        yield from Charting(self, rows, subject).charts()

    @property
    def sample(self) -> Sample:
        """The sample of each initialization at every point: a run, a pair of runs, or one row."""
        if self.over == "initializations":
            return "one"
        if self.source in SOURCES:
            return "pair" if self.source == "between_copies" else "run"
        return "run" if kinds()[self.source].samples == 1 else "pair"

    def wanted(self) -> tuple[ExpectedLine, ...]:
        field = self.lines if self.lines in ("schedule", "between") else "network"
        names = self.only.get(field, SPARSE if self.band else ("dense", *SPARSE))
        several_k = "rewind_step" in (self.x, self.panels, self.rows, self.lines)
        several_k = several_k and "rewind_step" not in self.only
        lines = []
        for name in names if isinstance(names, tuple) else (names,):
            if name not in self.optional:
                title, fields = looks.line(field, name, 0, 1)[0], {**self.only, field: name}
                sample = self.samples.get(name, self.sample)
                lines.append(ExpectedLine(title, fields, sample, several_k))
        if self.band:
            fields = {"network": "dense", "rewind_step": 0, "kind": "evaluation"}
            lines.append(ExpectedLine(looks.network("dense")[0], fields, self.sample, False))
        return tuple(lines)


@dataclass(frozen=True)
class Stacked:
    """A panel for each of several measurements against the same x.

    The parts are of a kind of row each; the title of each stands above its panel.
    """

    title: str
    parts: tuple[Curves, ...]

    every_level = False

    def select(self, rows: list[Row]) -> list[Row]:
        return unique(row for part in self.parts for row in part.select(rows))

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        pairs = [(part, next(part.charts(rows, subject), None)) for part in self.parts]
        charts = [chart for _, chart in pairs if chart]
        if not charts:
            return
        values = sorted({value for chart in charts for value in chart.x.values})
        yield Chart(
            self.title,
            (charts[0].notes[0], *(f"{p.title}: {c.notes[1]}" for p, c in pairs if c)),
            tuple((_panel(part, chart),) for part, chart in pairs),
            replace(charts[0].x, values=tuple(values)),
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
    return Panel(part.title, marks, y_name=part.y_name)
