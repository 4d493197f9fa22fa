"""Accuracy of the best subnetwork under any k and of the baselines at k = 0: lmc fig. 10."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lth_tf.analysis.criteria import best_error, extreme_level
from lth_tf.analysis.estimate import Estimate, over_initializations, over_rows
from lth_tf.analysis.points import where
from lth_tf.analysis.selections import at_the_end, dense_runs, levels
from lth_tf.analysis.variants import variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale, each_once
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.marks.straight import HorizontalLine, Vertical
from lth_tf.figures.palette import VERMILLION, variation
from lth_tf.log.schema import Row

_FEWEST_LEVELS = 3  # that make a figure


@dataclass(frozen=True)
class BestOfSteps:
    """Accuracy against density: of IMP under its best k, of all kinds of subnetwork at k = 0."""

    networks: tuple[str, ...] = ("imp", "random_pruning", "random_reinitialization")
    title: str = "Extreme sparsity"
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        return at_the_end(where(rows, kind="evaluation"))

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        if len(levels(where(rows, network="imp"))) < _FEWEST_LEVELS:
            return
        every = (self._marks(v.rows, v.title, number) for number, v in enumerate(variants(rows)))
        marks = each_once(itertools.chain.from_iterable(every))
        count = len({row["initialization"] for row in rows})
        yield Chart(
            self.title,
            (words.shortened(subject), words.across(count),
             "extreme: the sparsest at which the best is not below dense less one std"),
            ((Panel("", marks),),),
            Scale("weights left (%)", "density", tuple(100 * row["density"] for row in rows)),
            Scale("test accuracy (%)"),
            size=(5.2, 3.2),
            rows=tuple(rows),
        )  # fmt: skip

    def _marks(self, rows: list[Row], named: str, number: int) -> Iterator[tuple[tuple, Mark]]:
        """Yields the marks of one variant, each behind a key that is the same for the same rows."""
        suffix = f", {named}" if named else ""
        dense, tickets = dense_runs(rows), where(rows, network="imp")
        steps = {row["rewind_step"] for row in tickets}
        found = _accuracy(over_initializations(dense, "test_error"))
        title, look = looks.network("dense")
        if dense:
            yield (
                tuple(map(id, dense)),
                HorizontalLine(title + suffix, found, variation(look, number)),
            )
        if len(steps) > 1:
            label = f"IMP, best of {len(steps)} rewinding steps{suffix}"
            look = variation(Look(VERMILLION, "P"), number)
            yield ("best", number), _curve(tickets, label, look, best_error)
        for network in self.networks:
            if chosen := where(rows, network=network, rewind_step=0):
                title, look = looks.network(network)
                mean = _curve(chosen, f"{title}, k = 0{suffix}", variation(look, number), _mean)
                yield tuple(map(id, chosen)), mean
        if level := extreme_level(rows):
            density = over_rows(levels(tickets)[level], "density").mean
            yield ("extreme", number), Vertical(f"extreme: {level[1]}{suffix}", 100 * density)

    def wanted(self) -> tuple[ExpectedLine, ...]:
        found = [ExpectedLine(looks.network("imp")[0], {"network": "imp"}, "one")]
        for network in ("dense", *self.networks[1:]):
            fields = {"network": network, "rewind_step": 0}
            found.append(ExpectedLine(looks.network(network)[0], fields, "one", False))
        return tuple(found)


def _mean(rows: list[Row]) -> Estimate:
    return over_initializations(rows, "test_error")


def _accuracy(error: Estimate) -> Estimate:
    """Returns the accuracy that goes with an error, in percent."""
    low, high = 1 - error.high, 1 - error.low
    return Estimate(1 - error.mean, error.std, error.n, low, high).scaled(100)


def _curve(rows: list[Row], label: str, look: Look, error: Callable[[list[Row]], Estimate]) -> Mark:
    groups = list(levels(rows).values())
    places = tuple(100 * over_rows(group, "density").mean for group in groups)
    return Curve(label, places, tuple(_accuracy(error(group)) for group in groups), look)
