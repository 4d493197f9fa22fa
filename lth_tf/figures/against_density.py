"""Accuracy against the weights left, of lines that a paper chose.

Figs 1 to 10 of early_phase; 1, 5, 8 and 9 of stabilizing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from lth_tf.analysis.points import split, unique, where
from lth_tf.analysis.selections import at_the_end, dense_runs
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import density, looks, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, each_once, in_rows
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
      label: of the legend.
      fields: values that its rows have in common, by name.
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
      panels: the lines of each, by its title.
      from_dense: whether the dense network is a line across the panel, at which lines of IMP start.
      spread: what bars show, as of a Curve.
    """

    title: str
    panels: Mapping[str, tuple[DensityLine, ...]] = field(hash=False)
    from_dense: bool = False
    spread: Literal["bars", "range"] = "bars"

    every_level = True

    @property
    def _lines(self) -> list[DensityLine]:
        return [line for lines in self.panels.values() for line in lines]

    def select(self, rows: list[Row]) -> list[Row]:
        chosen: list[Row] = []
        dense: list[Row] = []
        for variant in variants(rows):
            ends = at_the_end(where(variant.rows, kind="evaluation"))
            chosen += [row for line in self._lines for row in where(ends, **line.fields)]
            dense += dense_runs(ends) if self.from_dense else []
        return unique([*dense, *chosen]) if chosen else []

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        panels = [self._panel(title, rows) for title in self.panels if self._has_own(title, rows)]
        panels = [panel for panel in panels if any(isinstance(m, Curve) for m in panel.marks)]
        if not panels:
            return
        columns = min(_COLUMNS, len(panels))
        yield Chart(
            self.title,
            (words.shortened(subject), words.across(rows, self.spread)),
            in_rows(panels, columns),
            density.weights_left(row["density"] for row in rows),
            density.ACCURACY,
            size=(5.2, 3.2) if self.from_dense else (4.6 if columns == 1 else 3.4, 2.7),
            rows=tuple(rows),
        )

    def _has_own(self, title: str, rows: list[Row]) -> bool:
        own = (line for line in self.panels[title] if not line.reference)
        return any(where(rows, **line.fields) for line in own)

    def _panel(self, title: str, rows: list[Row]) -> Panel:
        """Returns a panel, with a line that several variants share once."""
        marks: list[tuple[Any, Mark]] = []
        for number, variant in enumerate(variants(rows)):
            marks += self._marks(self.panels[title], variant, number)
        return Panel(title, each_once(marks))

    def _marks(
        self, lines: tuple[DensityLine, ...], variant: Variant, number: int
    ) -> Iterator[tuple[tuple[Any, ...], Mark]]:
        """Yields the marks of a variant, each behind a key that is the same for the same rows."""
        dense = dense_runs(variant.rows) if self.from_dense else []
        title, look = looks.network("dense")
        if dense:
            label, look = title + variant.suffix, variation(look._replace(line="-"), number)
            across = HorizontalLine(label, density.accuracy(dense), look, self.spread)
            yield (title, *map(id, dense)), across
        for line in lines:
            own = where(variant.rows, **line.fields)
            start = [dense] if dense and line.fields["network"] == "imp" else []
            for place, (label, groups) in enumerate(_by_level(line, own).items()):
                look = variation(line.look, number + place)
                curve = density.curve(label + variant.suffix, [*start, *groups], look, self.spread)
                yield (label, *map(id, own)), curve

    def wanted(self) -> tuple[ExpectedLine, ...]:
        fields = {line.label: line.fields for line in self._lines if not line.optional}
        if self.from_dense:
            fields[looks.network("dense")[0]] = {"network": "dense"}
        return tuple(ExpectedLine(label, of, "one", False) for label, of in fields.items())


def _by_level(line: DensityLine, rows: list[Row]) -> dict[str, list[list[Row]]]:
    """Returns the rows of a line level by level, by its label; a label for each k if it has one."""
    by_k = split(rows, "rewind_step") if line.each_k else {(0,): rows}
    by_label = {}
    for (k,), members in by_k.items():
        groups = list(split([r for r in members if r["density"] is not None], "level").values())
        if len(groups) >= _FEWEST:
            by_label[f"{line.label}{f', k = {steps(k)}' if k else ''}"] = groups
    return by_label
