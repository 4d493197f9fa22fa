"""Accuracy of the best subnetwork under any k and of the baselines at k = 0: lmc fig. 10."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lth_tf.analysis.criteria import best_error, dense_error, extreme_level
from lth_tf.analysis.estimate import Estimate, over_initializations, over_rows
from lth_tf.analysis.points import unique, where
from lth_tf.analysis.selections import at_the_end, dense_runs, levels
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import density, looks, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, each_once
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.straight import HorizontalLine, Vertical
from lth_tf.figures.palette import VERMILLION, variation
from lth_tf.log.schema import Row

_FEWEST_LEVELS = 3  # that make a figure
_NETWORKS = ("imp", "random_pruning", "random_reinitialization")


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
        marks: list[tuple[Any, Mark]] = []
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
        imp, *others = _NETWORKS
        return (
            ExpectedLine(looks.network(imp)[0], {"network": imp}, "one"),
            *(
                ExpectedLine(
                    looks.network(name)[0], {"network": name, "rewind_step": 0}, "one", False
                )
                for name in ("dense", *others)
            ),
        )


def _marks(variant: Variant, number: int) -> Iterator[tuple[tuple, Mark]]:
    """Yields the marks of one variant, each behind a key that is the same for the same rows."""
    rows, suffix = variant.rows, variant.suffix
    dense, tickets = dense_runs(rows), where(rows, network="imp")
    if dense:
        title, look = looks.network("dense")
        accuracy = _accuracy(dense_error(rows))
        yield (
            tuple(map(id, dense)),
            HorizontalLine(title + suffix, accuracy, variation(look, number)),
        )
    steps = {row["rewind_step"] for row in tickets}
    if len(steps) > 1:
        label = f"IMP, best of {len(steps)} rewinding steps{suffix}"
        look, groups = variation(Look(VERMILLION, "P"), number), [*levels(tickets).values()]
        best = density.curve(label, groups, look, height=lambda own: _accuracy(best_error(own)))
        yield ("best", number), best
    for network in _NETWORKS:
        if chosen := where(rows, network=network, rewind_step=0):
            title, look = looks.network(network)
            groups = [*levels(chosen).values()]
            label, look = f"{title}, k = 0{suffix}", variation(look, number)
            yield tuple(map(id, chosen)), density.curve(label, groups, look, height=_mean)
    if level := extreme_level(rows):
        place = over_rows(levels(tickets)[level], "density").mean
        yield ("extreme", number), Vertical(f"extreme: {level[1]}{suffix}", 100 * place)


def _mean(rows: list[Row]) -> Estimate:
    return _accuracy(over_initializations(rows, "test_error"))


def _accuracy(error: Estimate) -> Estimate:
    """Returns the accuracy that goes with an error, in percent."""
    low, high = 1 - error.high, 1 - error.low
    return Estimate(1 - error.mean, error.std, error.n, low, high).scaled(100)
