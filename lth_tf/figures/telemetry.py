"""What becomes of a network along its training, a panel for each quantity: early_phase fig. 3."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lth_tf.analysis.estimate import Estimate, estimate, over_initializations
from lth_tf.analysis.points import split, value, where
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import palette, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale
from lth_tf.figures.charting import scale
from lth_tf.figures.curves import Curves
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.curve import Curve
from lth_tf.log.schema import Row

_COLUMNS = 4
_FEWEST = 3  # steps that make a figure
_BEGINNING = 4000  # steps that the paper's figure shows


class Quantity(NamedTuple):
    """What one panel shows.

    Attributes:
      title: of the panel.
      kind: of the rows.
      names: fields or derived numbers, a line each; or one list, each item of which is a line.
      unit: of the y axis.
      labels: of the lines; '' for that of the variant alone.
    """

    title: str
    kind: str
    names: tuple[str, ...]
    unit: str
    labels: tuple[str, ...] = ("",)


_BOTH = ("to the initial weights", "to the final weights")
QUANTITIES = (
    Quantity("Accuracy", "evaluation", ("test_accuracy",), "test accuracy (%)"),
    Quantity("Loss", "evaluation", ("test_loss",), "test loss (nats)"),
    Quantity("Weight magnitude", "weight", ("mean_magnitude",), "mean |w|"),
    Quantity("Sign changes", "weight", ("signs_changed",), "signs changed (%)"),
    Quantity("Single weights", "weight", ("weight_values",), "weight"),
    Quantity("Gradient magnitude", "gradient", ("mean_gradient",), "mean |g|"),
    Quantity("L2 distance", "weight", ("l2_to_initial", "l2_to_final"), "L2 distance", _BOTH),
    Quantity("Cosine similarity", "weight", ("cosine_to_initial", "cosine_to_final"),
             "cosine similarity", _BOTH),
)  # fmt: skip
# Beyond the paper, whose section 2 says how the ends of the spectrum change.
CURVATURE = Curves(
    "Ends of the Hessian's spectrum", "curvature", ("largest_eigenvalue", "smallest_eigenvalue"),
    "eigenvalue", x="step", x_kind="steps", lines="y", panels="", over="initializations",
    steps="all", only={"network": "dense"},
)  # fmt: skip


@dataclass(frozen=True)
class AlongTraining:
    """Quantities of the dense network against the step of its training.

    Attributes:
      title: above the panels.
      quantities: a panel each.
      last: the last step that is shown.
    """

    title: str = "Telemetry of the early phase of training"
    quantities: tuple[Quantity, ...] = QUANTITIES
    last: int = _BEGINNING
    every_level: bool = False

    def select(self, rows: list[Row]) -> list[Row]:
        """Returns the rows of steps at which weights were measured; none of fewer than three."""
        kinds = tuple(dict.fromkeys(quantity.kind for quantity in self.quantities))
        found = where(rows, kind=kinds, network="dense", rewind_step=0, schedule="absolute")
        found = [row for row in found if row["step"] <= self.last]
        told = {row["step"] for row in where(found, kind="weight")}
        return [row for row in found if row["step"] in told] if len(told) >= _FEWEST else []

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        if not rows:
            return
        every = list(enumerate(variants(rows, "step")))
        panels = [self._panel(quantity, every) for quantity in self.quantities]
        panels = [panel for panel in panels if panel.marks]
        yield Chart(
            self.title,
            (f"{words.shortened(subject)}, dense",
             words.across(len({row["initialization"] for row in rows}))),
            tuple(tuple(panels[i : i + _COLUMNS]) for i in range(0, len(panels), _COLUMNS)),
            Scale("step of training", "step"),
            Scale(""),
            share_y=False,
            size=(2.7, 2.3),
            rows=tuple(rows),
        )  # fmt: skip

    def _panel(self, quantity: Quantity, every: list[tuple[int, Variant]]) -> Panel:
        marks: list[Mark] = []
        for number, variant in every:
            rows = where(variant.rows, kind=quantity.kind)
            first = value(rows[0], quantity.names[0]) if rows else None
            lines = _items if isinstance(first, list) else _means
            marks += lines(quantity, rows, variant.title, number)
        return Panel(quantity.title, tuple(marks), y_name=quantity.unit)

    def wanted(self) -> tuple[ExpectedLine, ...]:
        kinds = dict.fromkeys(quantity.kind for quantity in self.quantities)
        return tuple(ExpectedLine(kind, {"kind": kind}, "one", False) for kind in kinds)


def _means(quantity: Quantity, rows: list[Row], named: str, number: int) -> Iterator[Mark]:
    """Yields a line with a band for each number, over initializations."""
    looks = (Look(palette.BLUE), Look(palette.VERMILLION))
    for name, label, look in zip(quantity.names, quantity.labels, looks, strict=False):
        measured = [row for row in rows if value(row, name) is not None]
        found = {x: over_initializations(group, name).scaled(scale(name))
                 for (x,), group in split(measured, "step").items()}  # fmt: skip
        if found:
            title = ", ".join(filter(None, (label, named))) or "mean"
            yield _curve(title, found, palette.variation(look, number), "band")


def _items(quantity: Quantity, rows: list[Row], named: str, number: int) -> Iterator[Mark]:
    """Yields a line for each item of a list, of the first initialization: a mean says nothing."""
    first = min(row["initialization"] for row in rows)
    by_step = {row["step"]: row[quantity.names[0]] for row in where(rows, initialization=first)}
    steps = sorted(by_step)
    for place, look in enumerate(palette.shades(len(by_step[steps[0]]))):
        found = {step: estimate([by_step[step][place]]) for step in steps}
        title = ", ".join(filter(None, (f"weight {place + 1}", named)))
        look = palette.variation(look._replace(marker=""), number)
        yield _curve(title, found, look, "none")


def _curve(title: str, found: dict[float, Estimate], look: Look, spread: str) -> Mark:
    return Curve(title, tuple(found), tuple(found.values()), look, spread)  # type: ignore[arg-type]
