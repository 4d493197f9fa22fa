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
        ends, alphas = (self.weights, self.task, state, state), np.ones(1)
        return maker.engine.curves(*ends, alphas, "interpolate")

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (1,)) for name in CURVES}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        return row_of(numbers)


@dataclass(frozen=True, eq=False, repr=False)
class EvaluateTest(Evaluation):
    """Error and loss of one state on the test split of a task alone, for other measurements."""

    def make(self, maker: ArtifactMaker) -> Numbers:
        state, shares = maker.state(self.weights), np.ones((1, 1))
        maker.doing(self.describe())
        combined = maker.engine.combinations
        curves = combined(self.weights, self.task, "test", [state], shares, shares)
        return {f"test_{name}": values for name, values in curves.items()}

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (1,)) for name in ("test_errors", "test_losses")}

    def passes(self) -> float:
        return 0.2  # The papers' datasets have from 5 to 10 training images for each test image.

    def describe(self) -> str:
        return f"testing {self.weights.describe()}"


def row_of(numbers: Numbers) -> dict[str, Any]:
    """Returns the fields of a row of one network, given its curves of one point."""
    fields = ("train_error", "test_error", "train_loss", "test_loss")
    return {one: float(numbers[many][0]) for one, many in zip(fields, CURVES, strict=True)}
