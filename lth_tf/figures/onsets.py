"""The step from which subnetworks are stable and matching, against density: lmc fig. 9."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lth_tf.analysis.criteria import LevelOnset, matching_onsets, stable_onsets
from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.points import split, unique
from lth_tf.analysis.selections import at_the_end
from lth_tf.analysis.variants import variants
from lth_tf.figures import density, looks, words
from lth_tf.figures.chart import Chart, Look, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.palette import variation
from lth_tf.log.schema import Row

_FEWEST_LEVELS = 3  # that make a figure
_NETWORKS = ("imp", "random_pruning")
_APART = 0.05  # steps between lines, so that none covers another


class _Line(NamedTuple):
    criterion: str
    label: str
    look: Look
    onsets: list[LevelOnset]


@dataclass(frozen=True)
class Onsets:
    """The median first k of a majority of samples, level by level, for some kinds of network."""

    title = "Step from which subnetworks are stable and matching"
    every_level = True

    def select(self, rows: list[Row]) -> list[Row]:
        return unique(row for variant in variants(rows) for row in at_the_end(variant.rows))

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        lines = list(_lines(rows))
        stable = {o.level for line in lines if line.criterion == "stable" for o in line.onsets}
        if len(stable) < _FEWEST_LEVELS:
            return
        onsets = [onset for line in lines for onset in line.onsets]
        middle = (len(lines) - 1) / 2
        marks = [_curve(line, _APART * (place - middle)) for place, line in enumerate(lines)]
        steps = split((row for row in rows if row["level"] > 0), "rewind_step")
        yield Chart(
            self.title,
            (words.shortened(subject), *_notes(onsets)),
            ((Panel("", tuple(marks)),),),
            density.weights_left(onset.density for onset in onsets),
            Scale("step k", "steps", tuple(k for (k,) in steps)),
            size=(5.2, 3),
            rows=tuple(rows),
        )

    def wanted(self) -> tuple[ExpectedLine, ...]:
        lines = []
        for network in _NETWORKS:
            title, fields = looks.network(network)[0], {"network": network}
            lines.append(ExpectedLine(f"{title}, stable", fields | {"kind": "instability"}, "pair"))
            lines.append(ExpectedLine(f"{title}, matching", fields | {"kind": "evaluation"}, "run"))
        dense = {"network": "dense", "rewind_step": 0, "kind": "evaluation"}
        return (*lines, ExpectedLine(looks.network("dense")[0], dense, "run", False))


def _lines(rows: list[Row]) -> Iterator[_Line]:
    for number, variant in enumerate(variants(rows)):
        for network in _NETWORKS:
            title, look = looks.network(network)
            look = variation(look, number)
            onsets = stable_onsets(variant.rows, network)
            yield _Line("stable", f"{title}, stable{variant.suffix}", look, onsets)
            look, onsets = (
                look._replace(line="--", filled=False),
                matching_onsets(variant.rows, network),
            )
            yield _Line("matching", f"{title}, matching{variant.suffix}", look, onsets)


def _curve(line: _Line, rise: float) -> Curve:
    """Returns a line of medians, where there are any."""
    onsets = [onset for onset in line.onsets if onset.median is not None]
    xs = tuple(100 * onset.density for onset in onsets)
    medians = tuple(Estimate(onset.median or 0, math.nan, onset.samples) for onset in onsets)
    return Curve(line.label, xs, medians, line.look, "none", rise=rise)


def _notes(onsets: list[LevelOnset]) -> tuple[str, str]:
    samples = sorted({onset.samples for onset in onsets})
    counts = " to ".join(str(n) for n in samples[:: max(len(samples) - 1, 1)])
    return (
        f"median of the first step k over {counts} samples a point",
        "where a majority are stable, or matching, at any of the steps",
    )
