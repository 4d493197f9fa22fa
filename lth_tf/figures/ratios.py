"""IMP with an adaptive pruning ratio beside IMP with a fixed one: unmasking fig. 4."""

from collections.abc import Iterator
from dataclasses import dataclass

from lth_tf.analysis.estimate import Estimate, estimate, over_rows
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end, levels
from lth_tf.analysis.variants import variants
from lth_tf.figures import looks
from lth_tf.figures.chart import Chart, Mark, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.words import About, plural
from lth_tf.log.schema import Row


@dataclass(frozen=True)
class AdaptiveRatio:
    """Test accuracy against density: fixed ratio over replicates, each adaptive one by itself.

    Levels of adaptive searches have densities of their own, so no mean is taken over them. Of the
    last step k from which the adaptive ratio was used.
    """

    title: str = "Fixed and adaptive pruning ratio"
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        """Returns the rows of the last step k with an adaptive ratio; none without one."""
        pruned = where(at_the_end(where(rows, kind="evaluation")), network=("imp", "adaptive_imp"))
        adaptive = where(pruned, network="adaptive_imp")
        k = max((row["rewind_step"] for row in adaptive), default=None)
        return where(pruned, rewind_step=k) if adaptive else []

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        for variant in variants(rows):
            if not (found := self.select(variant.rows)):
                continue
            count, about = (
                len({row["initialization"] for row in found}),
                About(subject, variant.title),
            )
            fixed, adaptive = (where(found, network=name) for name in ("imp", "adaptive_imp"))
            marks = [*_fixed(fixed, about.suffix), *_each(adaptive, about.suffix)]
            yield Chart(
                self.title,
                (f"{about.text}, k = {found[0]['rewind_step']:,}",
                 f"fixed: mean ± std over {plural(count, 'replicate')}; each adaptive one by "
                 "itself"),
                ((Panel("", tuple(marks)),),),
                Scale("weights left (%)", "density", tuple(100 * row["density"] for row in found)),
                Scale("test accuracy (%)"),
                about.ending,
                size=(5.2, 3.2),
                rows=tuple(found),
            )  # fmt: skip

    def wanted(self) -> tuple[ExpectedLine, ...]:
        # How many levels the adaptive ratio takes is what is to be seen.
        return (ExpectedLine(looks.network("imp")[0], {"network": "imp"}, "one", False),)


def _fixed(rows: list[Row], suffix: str) -> Iterator[Mark]:
    groups = list(levels(rows).values())
    if groups:
        title, look = looks.network("imp")
        places = tuple(100 * over_rows(group, "density").mean for group in groups)
        found = tuple(over_rows(group, "test_accuracy").scaled(100) for group in groups)
        label = f"{title}, fixed ratio ({plural(len(groups), 'level')}){suffix}"
        yield Curve(label, places, found, look)


def _each(rows: list[Row], suffix: str) -> Iterator[Mark]:
    """Yields a line for each replicate; the legend says how many levels they have."""
    replicates = split(rows, "initialization").values()
    numbers = sorted({len(own) for own in replicates})
    title, look = looks.network("adaptive_imp")
    counts = " to ".join(map(str, numbers[:: max(len(numbers) - 1, 1)]))
    for own in replicates:
        own = sorted(own, key=lambda row: row["level"])
        accuracies: list[Estimate] = [estimate([100 * (1 - r["test_error"])]) for r in own]
        places = tuple(100 * row["density"] for row in own)
        label = f"{title} ({counts} levels){suffix}"
        yield Curve(label, places, tuple(accuracies), look._replace(line=":"), "none")
