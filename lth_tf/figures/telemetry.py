"""What becomes of a network along its training, a panel for each quantity: early_phase fig. 3."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lth_tf.analysis.estimate import estimate, over_initializations
from lth_tf.analysis.points import split, value, where
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import palette, words
from lth_tf.figures.chart import Chart, Look, Mark, Panel, Scale, in_rows
from lth_tf.figures.charting import scale
from lth_tf.figures.curves import Curves
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks import Curve
from lth_tf.log.schema import Row

_COLUMNS = 4
_FEWEST = 3  # steps that make a figure
_BEGINNING = 4000  # steps that the paper's figure shows


class Quantity(NamedTuple):
    """The subject of a panel.

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
_KINDS = tuple(dict.fromkeys(quantity.kind for quantity in QUANTITIES))
# Beyond the paper, whose section 2 says how the ends of the spectrum change.
CURVATURE = Curves(
    "Ends of the Hessian's spectrum", "curvature", ("largest_eigenvalue", "smallest_eigenvalue"),
    "eigenvalue", x="step", x_kind="steps", lines="y", panels="", over="initializations",
    steps="all", only={"network": "dense"},
)  # fmt: skip


@dataclass(frozen=True)
class AlongTraining:
    """Quantities of the dense network against the step of its training, up to the last shown."""

    title: str = "Telemetry of the early phase of training"
    last: int = _BEGINNING

    every_level = False

    def select(self, rows: list[Row]) -> list[Row]:
        """Returns the rows of steps at which weights were measured; none of fewer than three."""
        chosen = where(rows, kind=_KINDS, network="dense", rewind_step=0, schedule="absolute")
        weights = where(chosen, kind="weight")
        steps = tuple(step for (step,) in split(weights, "step") if step <= self.last)
        return where(chosen, step=steps) if len(steps) >= _FEWEST else []

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        if not rows:
            return
        by_setting = variants(rows, "step")
        panels = [_panel(quantity, by_setting) for quantity in QUANTITIES]
        yield Chart(
            self.title,
            (f"{words.shortened(subject)}, dense", words.across(rows)),
            in_rows([panel for panel in panels if panel.marks], _COLUMNS),
            Scale("step of training", "step"),
            Scale(""),
            share_y=False,
            size=(2.7, 2.3),
            rows=tuple(rows),
        )

    def wanted(self) -> tuple[ExpectedLine, ...]:
        return tuple(ExpectedLine(kind, {"kind": kind}, "one", False) for kind in _KINDS)


def _panel(quantity: Quantity, by_setting: list[Variant]) -> Panel:
    marks: list[Mark] = []
    for number, variant in enumerate(by_setting):
        rows = where(variant.rows, kind=quantity.kind)
        first = value(rows[0], quantity.names[0]) if rows else None
        lines = _items if isinstance(first, list) else _means
        marks += lines(quantity, rows, variant.title, number)
    return Panel(quantity.title, tuple(marks), y_name=quantity.unit)


def _means(quantity: Quantity, rows: list[Row], setting: str, number: int) -> Iterator[Mark]:
    """Yields a line with a band for each number, over initializations."""
    looks = (Look(palette.BLUE), Look(palette.VERMILLION))
    for name, label, look in zip(quantity.names, quantity.labels, looks, strict=False):
        by_step = split((row for row in rows if value(row, name) is not None), "step")
        means = tuple(over_initializations(group, name).scaled(scale(name))
                      for group in by_step.values())  # fmt: skip
        if means:
            title = ", ".join(filter(None, (label, setting))) or "mean"
            steps = tuple(step for (step,) in by_step)
            yield Curve(title, steps, means, palette.variation(look, number), "band")


def _items(quantity: Quantity, rows: list[Row], setting: str, number: int) -> Iterator[Mark]:
    """Yields a line for each item of a list, of the first run: a mean says nothing."""
    own = next(iter(split(rows, "initialization", "noise").values()))
    items = {row["step"]: row[quantity.names[0]] for row in sorted(own, key=lambda r: r["step"])}
    for place, look in enumerate(palette.shades(min(map(len, items.values())))):
        title = ", ".join(filter(None, (f"weight {place + 1}", setting)))
        look = palette.variation(look._replace(marker=""), number)
        numbers = tuple(estimate([own_items[place]]) for own_items in items.values())
        yield Curve(title, tuple(items), numbers, look, "none")
