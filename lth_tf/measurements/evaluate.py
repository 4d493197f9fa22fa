"""Error and loss of one network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import CURVES, Evaluation, Schema
from lth_tf.recipes import ArtifactMaker, Numbers


@dataclass(frozen=True, eq=False, repr=False)
class Evaluate(Evaluation):
    """Error and loss of one state on the train and the test split of a task."""

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "evaluation", "One network.",
        values=measured(
            ("train_error", "fraction", "of 1", "Share of training examples misclassified."),
            ("test_error", "fraction", "of 1", "Share of test examples misclassified."),
            ("train_loss", "number", "nats", "Mean cross-entropy over the training examples."),
            ("test_loss", "number", "nats", "Mean cross-entropy over the test examples."),
        ),
    ))  # fmt: skip

    def make(self, maker: ArtifactMaker) -> Numbers:
        state = maker.state(self.weights)
        maker.doing(self.describe())
        line = (self.weights, self.task, state, state, np.ones(1), "interpolate")
        return maker.engine.curves(*line)

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (1,)) for name in CURVES}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        return row_of(numbers)

    def is_finite(self, numbers: Numbers) -> bool:
        return bool(np.isfinite(numbers["train_losses"]).all())


@dataclass(frozen=True, eq=False, repr=False)
class EvaluateTest(Evaluation):
    """Error and loss of one state on the test split of a task alone, for other measurements."""

    def make(self, maker: ArtifactMaker) -> Numbers:
        state, whole = maker.state(self.weights), np.ones((1, 1))
        maker.doing(self.describe())
        found = maker.engine.combinations(self.weights, self.task, "test", [state], whole, whole)
        return {f"test_{name}": values for name, values in found.items()}

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (1,)) for name in ("test_errors", "test_losses")}

    def passes(self) -> float:
        return 0.2  # The papers' datasets have from 5 to 10 training images for each test image.

    def describe(self) -> str:
        return f"testing {self.weights.describe()}"


def row_of(numbers: Numbers) -> dict[str, Any]:
    """Returns the fields of a row of one network, of its curves of one point."""
    names = ("train_error", "test_error", "train_loss", "test_loss")
    return {one: float(numbers[many][0]) for one, many in zip(names, CURVES, strict=True)}
