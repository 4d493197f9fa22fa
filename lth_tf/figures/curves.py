"""The common form of figure: numbers against x, a line for each kind of network or the like."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lth_tf.analysis.points import unique, value, where
from lth_tf.analysis.selections import dense_runs, source
from lth_tf.analysis.variants import variants
from lth_tf.figures import looks
from lth_tf.figures.chart import Chart
from lth_tf.figures.charting import Charting
from lth_tf.figures.figure import ExpectedLine, Sample
from lth_tf.log.schema import Row

SPARSE = ("imp", "random_pruning", "random_reinitialization")


@dataclass(frozen=True)
class Curves:
    """Numbers against x.

    Lines are told apart by one field, and by any setting, axis or label in which rows differ; what
    is averaged are seeds alone.

    Attributes:
      title: above the panels.
      source: a kind of row, or one of selections.SOURCES.
      y: fields or derived numbers; those of a line between copies are lists.
      y_name: the name of the y axis, with its unit.
      x: 'rewind_step', 'step', 'density', 'alphas', 'level', or an axis of an experiment.
      lines: what tells lines apart: a field, or 'y'.
      panels: what tells panels apart: a field, or 'y'; '' for one panel.
      rows: what tells rows of panels apart; '' if they only go on.
      only: fields that rows must have, and their values.
      over: what an estimate is over: 'rows', each a run or a pair; or 'initializations', in each
        of which rows are averaged.
      steps: at which steps of training (see selections.source).
      spread: how a standard deviation is drawn, or, of 'range', the smallest and largest sample.
      band: whether the dense network is a band, and no line.
      limit: whether the limit of stability is marked.
      from_dense: whether the line of IMP starts at the dense network.
      optional: lines that a figure is whole without.
      samples: what there is to be at every point of a line, where it is not a run or a pair.
      called: what panels are called besides, where charts of one figure have the same ones.
      columns: panels beside each other at most.
      x_kind, y_kind: of the axes (see chart.Scale); '' for what x is by itself.
      epoch: steps of an epoch, where x is to be in epochs; 0 where it is in steps.
      fewest: how many values of x, of a level or of a schedule a figure takes at least.
      from_zero: whether the y axis starts at 0.
      size: of a panel, inches; None for what suits their number.
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
    from_dense: bool = False
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
        found: list[Row] = []
        for variant in variants(rows, self.x):
            band = dense_runs(variant.rows) if self.band else []
            found += [*self.of_variant(variant.rows), *band]
        return unique(found)

    def of_variant(self, rows: list[Row]) -> list[Row]:
        """Returns the rows of one variant that its lines are of."""
        found = where(source(rows, self.source, self.steps), **self.only)
        if self.steps != "last_of_both":
            found = where(found, schedule="absolute")
        if self.band:
            found = [row for row in found if row["network"] != "dense"]
        if self.steps == "last_of_both":
            restarted = {row["network"] for row in where(found, schedule="restarted")}
            found = where(found, network=tuple(restarted))
        # Those without an axis that other experiments have have no place on it.
        return [row for row in found if None not in (value(row, self.x), value(row, self.y[0]))]

    @property
    def counted(self) -> str:
        """The field whose values `fewest` counts."""
        return (
            "schedule" if self.lines == "schedule" else self.panels if self.every_level else self.x
        )

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        yield from Charting(self, rows, subject).charts()

    @property
    def sample(self) -> Sample:
        """The sample of each initialization at every point: a run, a pair of runs, or one row."""
        if self.over == "initializations":
            return "one"
        return "run" if self.source in ("evaluation", "along_training") else "pair"

    def wanted(self) -> tuple[ExpectedLine, ...]:
        told = self.lines if self.lines in ("schedule", "between") else "network"
        names = self.only.get(told, SPARSE if self.band else ("dense", *SPARSE))
        several = "rewind_step" in (self.x, self.panels, self.rows, self.lines)
        several = several and "rewind_step" not in self.only
        found = []
        for name in names if isinstance(names, tuple) else (names,):
            if name not in self.optional:
                fields = {**self.only, told: name}
                sample = self.samples.get(name, self.sample)
                found.append(ExpectedLine(looks.line(told, name, 0, 1)[0], fields, sample, several))
        if self.band:
            fields = {"network": "dense", "rewind_step": 0, "kind": "evaluation"}
            found.append(ExpectedLine(looks.network("dense")[0], fields, self.sample, False))
        return tuple(found)
