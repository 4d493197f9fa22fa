"""Accuracy across levels of sparsity, lines as a paper tells them: stabilizing figs 1, 5, 8, 9.

All lines are in one panel, each of a kind of network, reset to k = 0 or rewound to a later k.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lth_tf.analysis.estimate import Estimate, over_initializations, over_rows
from lth_tf.analysis.points import of, split
from lth_tf.analysis.selections import at_the_end, dense_runs, levels
from lth_tf.analysis.variants import variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.marks.straight import HorizontalLine
from lth_tf.figures.palette import steps, variation
from lth_tf.log.schema import Row

_FEWEST_LEVELS = 2  # that make a line


class Told(NamedTuple):
    """A line of the figure.

    Attributes:
      label: as the legend has it.
      network: kind of network.
      look: how it is drawn.
      rewinding: 'reset' to k = 0; or 'rewound' to a later k, a line for each that there is.
      optional: whether the figure is whole without it.
    """

    label: str
    network: str
    look: Look
    rewinding: str = "reset"
    optional: bool = False


@dataclass(frozen=True)
class AcrossLevels:
    """Test accuracy against the weights left, with bars to the smallest and largest sample.

    Attributes:
      title: above the panel.
      lines: what there is to show; lines of IMP start at the dense network.
    """

    title: str
    lines: tuple[Told, ...]
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        kinds = tuple({line.network for line in self.lines})
        found: dict[int, Row] = {}
        for variant in variants(rows):
            shown = at_the_end(of(variant.rows, kind="evaluation"))
            lines = [of(shown, network=t.network, rewinding=t.rewinding) for t in self.lines]
            found |= {id(row): row for members in (dense_runs(shown), *lines) for row in members}
        return list(found.values()) if of(found.values(), network=kinds) else []

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows, marks, lines = self.select(rows), list[Mark](), 0
        for number, variant in enumerate(variants(rows)):
            suffix = f", {variant.title}" if variant.title else ""
            dense = dense_runs(variant.rows)
            title, look = looks.network("dense")
            if dense:
                look = variation(look._replace(line="-"), number)
                marks.append(HorizontalLine(title + suffix, _accuracy(dense), look, "range"))
            for told in self.lines:
                found = list(_lines(told, variant.rows, dense, suffix, number))
                lines += len(found)
                marks += found
        if not lines:
            return
        count = len({row["initialization"] for row in rows})
        places = [100.0, *(100 * row["density"] for row in rows if row["level"])]
        yield Chart(
            self.title,
            (words.shortened(subject), words.across(count, "range")),
            ((Panel("", tuple(dict.fromkeys(marks))),),),
            Scale("weights left (%)", "density", tuple(places)),
            Scale("test accuracy (%)"),
            size=(5.2, 3.2),
            rows=tuple(rows),
        )

    def wanted(self) -> tuple[ExpectedLine, ...]:
        found = [
            ExpectedLine(t.label, {"network": t.network, "rewinding": t.rewinding}, "one", False)
            for t in self.lines
            if not t.optional
        ]
        return (*found, ExpectedLine(looks.network("dense")[0], {"network": "dense"}, "one", False))


def _lines(
    told: Told, rows: list[Row], dense: list[Row], suffix: str, number: int
) -> Iterator[Mark]:
    """Yields the lines of a kind of network, one for each k at which it has several levels."""
    chosen = of(rows, network=told.network, rewinding=told.rewinding)
    later = split(chosen, "rewind_step")
    found = {k: groups for (k,), each in later.items() if (groups := levels(each))}
    enough = {k: groups for k, groups in found.items() if len(groups) >= _FEWEST_LEVELS}
    for place, (k, groups) in enumerate(enough.items()):
        named = f"{told.label}{f', k = {steps(k)}' if k else ''}{suffix}"
        xs = [100 * over_rows(group, "density").mean for group in groups.values()]
        estimates = [_accuracy(group) for group in groups.values()]
        if told.network == "imp" and dense:
            xs, estimates = [100.0, *xs], [_accuracy(dense), *estimates]
        look = variation(told.look, number + place)
        yield Curve(named, tuple(xs), tuple(estimates), look, "range")


def _accuracy(rows: list[Row]) -> Estimate:
    """Returns the accuracy in percent, the runs of an initialization averaged."""
    return over_initializations(rows, "test_accuracy").scaled(100)
