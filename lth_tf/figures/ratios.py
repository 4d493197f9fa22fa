"""IMP with an adaptive pruning ratio beside IMP with a fixed one: unmasking fig. 4."""

from collections.abc import Iterator
from dataclasses import dataclass

from lth_tf.analysis.estimate import Estimate, over_rows
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end, levels
from lth_tf.analysis.variants import variants
from lth_tf.figures import density, looks
from lth_tf.figures.chart import Chart, Mark, Panel
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.words import ending, heading, plural, replicates
from lth_tf.log.schema import Row


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
        pruned = where(at_the_end(where(rows, kind="evaluation")), network=("imp", "adaptive_imp"))
        adaptive = where(pruned, network="adaptive_imp")
        k = max((row["rewind_step"] for row in adaptive), default=None)
        return where(pruned, rewind_step=k) if adaptive else []

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for variant in variants(rows):
            chosen = self.select(variant.rows)
            if not chosen:
                continue
            fixed, adaptive = (where(chosen, network=name) for name in ("imp", "adaptive_imp"))
            marks = [*_fixed(fixed, variant.suffix), *_adaptive(adaptive, variant.suffix)]
            yield Chart(
                self.title,
                (f"{heading(subject, variant)}, k = {chosen[0]['rewind_step']:,}",
                 f"fixed: mean ± std over {replicates(chosen)}; each adaptive one by itself"),
                ((Panel("", tuple(marks)),),),
                density.weights_left(row["density"] for row in chosen),
                density.ACCURACY,
                ending(variant),
                size=(5.2, 3.2),
                rows=tuple(chosen),
            )  # fmt: skip

    def wanted(self) -> tuple[ExpectedLine, ...]:
        # How many levels the adaptive ratio takes is what is to be seen.
        return (ExpectedLine(looks.network("imp")[0], {"network": "imp"}, "one", False),)


def _accuracy(rows: list[Row]) -> Estimate:
    return over_rows(rows, "test_accuracy").scaled(100)


def _fixed(rows: list[Row], suffix: str) -> Iterator[Mark]:
    if groups := [*levels(rows).values()]:
        title, look = looks.network("imp")
        label = f"{title}, fixed ratio ({plural(len(groups), 'level')}){suffix}"
        yield density.curve(label, groups, look, height=_accuracy)


def _adaptive(rows: list[Row], suffix: str) -> Iterator[Mark]:
    """Yields a line for each replicate; the legend says how many levels they have."""
    by_seed = split(rows, "initialization").values()
    numbers = sorted({len(split(own, "level")) for own in by_seed})
    counts = " to ".join(map(str, numbers[:: max(len(numbers) - 1, 1)]))
    title, look = looks.network("adaptive_imp")
    for own in by_seed:
        label, groups = f"{title} ({counts} levels){suffix}", [*split(own, "level").values()]
        yield density.curve(label, groups, look._replace(line=":"), "none", _accuracy)
