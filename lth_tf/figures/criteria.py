"""Where subnetworks are stable, matching and sparsest, against density: lmc figs 9 and 10."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lth_tf.analysis.criteria import (
    LevelOnset,
    best_error,
    dense_error,
    extreme_level,
    matching_onsets,
    stable_onsets,
)
from lth_tf.analysis.estimate import Estimate, over_initializations, over_rows
from lth_tf.analysis.points import split, unique, where
from lth_tf.analysis.selections import at_the_end, dense_runs, levels
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import against_density as density
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale, each_once
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks import Curve, HorizontalLine, Vertical
from lth_tf.figures.palette import VERMILLION, variation
from lth_tf.log.schema import Row

_FEWEST_LEVELS = 3  # that make a figure
_SPARSE = ("imp", "random_pruning", "random_reinitialization")
_APART = 0.05  # steps between lines, so that none covers another


# Label, look and first steps k.
_Line = tuple[str, Look, list[LevelOnset]]


@dataclass(frozen=True)
class Onsets:
    """The median first k of a majority of samples, level by level, for some kinds of network."""

    title = "Step from which subnetworks are stable and matching"
    every_level = True

    def select(self, rows: list[Row]) -> list[Row]:
        return unique(row for variant in variants(rows) for row in at_the_end(variant.rows))

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        compared = where(rows, kind="instability", network=_SPARSE[:2])
        if len({row["level"] for row in compared} - {0}) < _FEWEST_LEVELS:
            return
        lines = list(_lines(rows))
        onsets = [onset for *_, of_line in lines for onset in of_line]
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
        for network in _SPARSE[:2]:
            title, fields = looks.network(network)[0], {"network": network}
            lines.append(ExpectedLine(f"{title}, stable", fields | {"kind": "instability"}, "pair"))
            lines.append(ExpectedLine(f"{title}, matching", fields | {"kind": "evaluation"}, "run"))
        dense = {"network": "dense", "rewind_step": 0, "kind": "evaluation"}
        return (*lines, ExpectedLine(looks.network("dense")[0], dense, "run", False))


def _lines(rows: list[Row]) -> Iterator[_Line]:
    for number, variant in enumerate(variants(rows)):
        for network in _SPARSE[:2]:
            title, look = looks.network(network)
            look = variation(look, number)
            yield f"{title}, stable{variant.suffix}", look, stable_onsets(variant.rows, network)
            look = look._replace(line="--", filled=False)
            onsets = matching_onsets(variant.rows, network)
            yield f"{title}, matching{variant.suffix}", look, onsets


def _curve(line: _Line, rise: float) -> Curve:
    """Returns a line of medians, where there are any."""
    label, look, onsets = line
    found = [onset for onset in onsets if onset.median is not None]
    xs = tuple(100 * onset.density for onset in found)
    medians = tuple(Estimate(onset.median or 0, math.nan, onset.samples) for onset in found)
    return Curve(label, xs, medians, look, "none", rise=rise)


def _notes(onsets: list[LevelOnset]) -> tuple[str, str]:
    samples = sorted({onset.samples for onset in onsets})
    counts = " to ".join(str(n) for n in samples[:: max(len(samples) - 1, 1)])
    return (
        f"median of the first step k over {counts} samples a point",
        "where a majority are stable, or matching, at any of the steps",
    )


@dataclass(frozen=True)
class BestOfSteps:
    """Accuracy against density: of IMP under its best k, of all kinds of subnetwork at k = 0."""

    title = "Extreme sparsity"
    every_level = True

    def select(self, rows: list[Row]) -> list[Row]:
        by_setting = variants(where(rows, kind="evaluation"))
        return unique(row for variant in by_setting for row in at_the_end(variant.rows))

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        if len(levels(where(rows, network="imp"))) < _FEWEST_LEVELS:
            return
        marks: list[Mark] = []
        for number, variant in enumerate(variants(rows)):
            marks += _marks(variant, number)
        yield Chart(
            self.title,
            (words.shortened(subject), words.across(rows),
             "extreme: the sparsest at which the best is not below dense less one std"),
            ((Panel("", each_once(marks)),),),
            density.weights_left(row["density"] for row in rows),
            density.ACCURACY,
            size=(5.2, 3.2),
            rows=tuple(rows),
        )  # fmt: skip

    def wanted(self) -> tuple[ExpectedLine, ...]:
        kinds = {name: {"network": name, "rewind_step": 0} for name in ("dense", *_SPARSE[1:])}
        lines = (ExpectedLine(looks.network(name)[0], fields, "one", False)
                 for name, fields in kinds.items())  # fmt: skip
        return (ExpectedLine(looks.network("imp")[0], {"network": "imp"}, "one"), *lines)


def _marks(variant: Variant, number: int) -> Iterator[Mark]:
    rows = variant.rows
    dense, tickets = dense_runs(rows), where(rows, network="imp")
    if dense:
        title, look = looks.network("dense")
        label, accuracy = title + variant.suffix_of(*dense), _accuracy(dense_error(rows))
        yield HorizontalLine(label, accuracy, variation(look, number))
    steps = {row["rewind_step"] for row in tickets}
    if len(steps) > 1:
        label = f"IMP, best of {len(steps)} rewinding steps{variant.suffix}"
        look, groups = variation(Look(VERMILLION, "P"), number), [*levels(tickets).values()]
        yield density.curve(label, groups, look, height=lambda own: _accuracy(best_error(own)))
    for network in _SPARSE:
        if chosen := where(rows, network=network, rewind_step=0):
            title, look = looks.network(network)
            groups, label = [*levels(chosen).values()], f"{title}, k = 0{variant.suffix}"
            yield density.curve(label, groups, variation(look, number), height=_mean)
    if level := extreme_level(rows):
        place = over_rows(levels(tickets)[level], "density").mean
        yield Vertical(f"extreme: {level[1]}{variant.suffix}", 100 * place)


def _mean(rows: list[Row]) -> Estimate:
    return _accuracy(over_initializations(rows, "test_error"))


def _accuracy(error: Estimate) -> Estimate:
    """Returns the accuracy that goes with an error, in percent."""
    low, high = 1 - error.high, 1 - error.low
    return Estimate(1 - error.mean, error.std, error.n, low, high).scaled(100)
