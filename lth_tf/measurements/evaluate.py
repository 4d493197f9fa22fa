"""Error and loss of one network; or of each of its heads, such as linear probes, in one pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np

from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import CURVES, Evaluation, Measurement, Schema
from lth_tf.recipes import ArtifactMaker, Numbers, require
from lth_tf.recipes.fields import COORDINATE


class OneNetwork(Measurement):
    """Base of measurements of error and loss of one network: curves of one point."""

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "evaluation", "One network.",
        values=measured(
            ("train_error", "fraction", "of 1", "Share of training examples misclassified."),
            ("test_error", "fraction", "of 1", "Share of test examples misclassified."),
            ("train_loss", "number", "nats", "Mean cross-entropy over the training examples."),
            ("test_loss", "number", "nats", "Mean cross-entropy over the test examples."),
        ),
    ))  # fmt: skip

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (1,)) for name in CURVES}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        fields = ("train_error", "test_error", "train_loss", "test_loss")
        return {one: float(numbers[many][0]) for one, many in zip(fields, CURVES, strict=True)}


@dataclass(frozen=True, eq=False, repr=False)
class Evaluate(OneNetwork, Evaluation):
    """Error and loss of one state on the train and the test split of a task."""

    def make(self, maker: ArtifactMaker) -> Numbers:
        state = maker.state(self.weights)
        maker.doing(self.describe())
        ends, alphas = (self.weights, self.task, state, state), np.ones(1)
        return maker.engine.curves(*ends, alphas, "interpolate")


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


@dataclass(frozen=True, eq=False, repr=False)
class EvaluateHeads(Evaluation):
    """Error and loss of every head of one state on the train and the test split of a task."""

    def make(self, maker: ArtifactMaker) -> Numbers:
        state = maker.state(self.weights)
        maker.doing(self.describe())
        return maker.engine.heads(self.weights, self.task, state)

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (self.weights.model.heads,)) for name in CURVES}

    def describe(self) -> str:
        return f"evaluating the heads of {self.weights.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class EvaluateHead(OneNetwork):
    """Error and loss of one head, counted from 0, whose rows are those of `Evaluate`."""

    heads: EvaluateHeads
    head: Annotated[int, COORDINATE]

    def check(self) -> None:
        count = self.heads.weights.model.heads
        require(0 <= self.head < count, self, "head", f"from 0 to {count - 1}")

    def make(self, maker: ArtifactMaker) -> Numbers:
        numbers = maker.measure(self.heads)
        return {name: numbers[name][self.head : self.head + 1] for name in CURVES}
