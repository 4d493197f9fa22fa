"""Accuracy against the weights left: of lines that a paper chose, and of an adaptive ratio.

Figs 1 to 10 of early_phase; 1, 5, 8 and 9 of stabilizing; 4 of unmasking.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from lth_tf.analysis.estimate import Estimate, over_initializations, over_rows
from lth_tf.analysis.points import split, unique, where
from lth_tf.analysis.selections import dense_runs, final_evaluations, levels
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale, each_once, in_rows
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks import Curve, HorizontalLine
from lth_tf.figures.palette import steps, variation
from lth_tf.log.schema import Row

_FEWEST = 2  # densities that make a line
_COLUMNS = 2  # panels beside each other at most
ACCURACY = Scale("test accuracy (%)")


def weights_left(densities: Iterable[float]) -> Scale:
    """Returns the x axis, of densities of 1."""
    return Scale("weights left (%)", "density", tuple(100 * density for density in densities))


def accuracy(rows: list[Row]) -> Estimate:
    """Returns the test accuracy in percent, the runs of an initialization averaged."""
    return over_initializations(rows, "test_accuracy").scaled(100)


def _over_rows(rows: list[Row]) -> Estimate:
    return over_rows(rows, "test_accuracy").scaled(100)


def curve(
    label: str, groups: Sequence[list[Row]], look: Look, spread: str = "bars",
    height: Callable[[list[Row]], Estimate] = accuracy,
) -> Curve:  # fmt: skip
    """Returns the line of a number of each group of rows, at their mean density."""
    xs = tuple(100 * over_rows(group, "density").mean for group in groups)
    return Curve(label, xs, tuple(map(height, groups)), look, spread)  # type: ignore[arg-type]


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

    def _lines(self) -> list[DensityLine]:
        return [line for lines in self.panels.values() for line in lines]

    def select(self, rows: list[Row]) -> list[Row]:
        chosen: list[Row] = []
        dense: list[Row] = []
        for variant in variants(rows):
            ends = final_evaluations(variant.rows)
            chosen += [row for line in self._lines() for row in where(ends, **line.fields)]
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
            weights_left(row["density"] for row in rows),
            ACCURACY,
            size=(5.2, 3.2) if self.from_dense else (4.6 if columns == 1 else 3.4, 2.7),
            rows=tuple(rows),
        )

    def _has_own(self, title: str, rows: list[Row]) -> bool:
        own = (line for line in self.panels[title] if not line.reference)
        return any(where(rows, **line.fields) for line in own)

    def _panel(self, title: str, rows: list[Row]) -> Panel:
        marks: list[Mark] = []
        for number, variant in enumerate(variants(rows)):
            marks += self._marks(self.panels[title], variant, number)
        return Panel(title, each_once(marks))

    def _marks(
        self, lines: tuple[DensityLine, ...], variant: Variant, number: int
    ) -> Iterator[Mark]:
        dense = dense_runs(variant.rows) if self.from_dense else []
        title, look = looks.network("dense")
        if dense:
            label, look = title + variant.suffix_of(*dense), look._replace(line="-")
            yield HorizontalLine(label, accuracy(dense), variation(look, number), self.spread)
        for line in lines:
            own = where(variant.rows, **line.fields)
            start = [dense] if dense and line.fields["network"] == "imp" else []
            suffix = variant.suffix_of(*own)
            for place, (label, groups) in enumerate(_by_level(line, own).items()):
                look = variation(line.look, number + place)
                yield curve(label + suffix, [*start, *groups], look, self.spread)

    def wanted(self) -> tuple[ExpectedLine, ...]:
        fields = {line.label: line.fields for line in self._lines() if not line.optional}
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


@dataclass(frozen=True)
class AdaptiveRatio:
    """Test accuracy against density: fixed ratio over replicates, each adaptive one by itself.

    Levels of adaptive searches have densities of their own, so no mean is taken over them. Of the
    last step k from which the adaptive ratio was used.
    """

    title = "Fixed and adaptive pruning ratio"
    every_level = True

    def select(self, rows: list[Row]) -> list[Row]:
        """Returns the rows of the last step k with an adaptive ratio; none without one."""
        pruned = final_evaluations(rows, network=("imp", "adaptive_imp"))
        adaptive = where(pruned, network="adaptive_imp")
        k = max((row["rewind_step"] for row in adaptive), default=None)
        return where(pruned, rewind_step=k) if adaptive else []

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for variant in variants(rows):
            chosen = self.select(variant.rows)
            if not chosen:
                continue
            fixed, adaptive = (where(chosen, network=name) for name in ("imp", "adaptive_imp"))
            marks = [
                *_fixed(fixed, variant.suffix_of(*fixed)),
                *_adaptive(adaptive, variant.suffix),
            ]
            yield Chart(
                self.title,
                (f"{words.heading(subject, variant)}, k = {chosen[0]['rewind_step']:,}",
                 f"fixed: mean ± std over {words.replicates(chosen)}; each adaptive one by itself"),
                ((Panel("", tuple(marks)),),),
                weights_left(row["density"] for row in chosen),
                ACCURACY,
                words.ending(variant),
                size=(5.2, 3.2),
                rows=tuple(chosen),
            )  # fmt: skip

    def wanted(self) -> tuple[ExpectedLine, ...]:
        # How many levels the adaptive ratio takes is what is to be seen.
        return (ExpectedLine(looks.network("imp")[0], {"network": "imp"}, "one", False),)


def _fixed(rows: list[Row], suffix: str) -> Iterator[Mark]:
    if groups := [*levels(rows).values()]:
        title, look = looks.network("imp")
        label = f"{title}, fixed ratio ({words.plural(len(groups), 'level')}){suffix}"
        yield curve(label, groups, look, height=_over_rows)


def _adaptive(rows: list[Row], suffix: str) -> Iterator[Mark]:
    """Yields a line for each replicate; the legend says how many levels they have."""
    by_seed = split(rows, "initialization").values()
    numbers = sorted({len(split(own, "level")) for own in by_seed})
    counts = " to ".join(map(str, numbers[:: max(len(numbers) - 1, 1)]))
    title, look = looks.network("adaptive_imp")
    for own in by_seed:
        label, groups = f"{title} ({counts} levels){suffix}", [*split(own, "level").values()]
        yield curve(label, groups, look._replace(line=":"), "none", _over_rows)
