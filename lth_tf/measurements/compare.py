"""Comparisons of two networks' behavior, example by example."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.connectivity import behavior
from lth_tf.log.fields import Field, RowKind, measured, register_kind
from lth_tf.measurements.measurement import SPLITS, Evaluation, Measurement, Schema
from lth_tf.recipes import ArtifactMaker, Numbers, RecipeError, Weights, require


@dataclass(frozen=True, eq=False, repr=False)
class Predict(Evaluation):
    """The class that one state gives every example of both splits, and the example's loss.

    Any number of comparisons of the state share this one pass over the data.
    """

    def make(self, maker: ArtifactMaker) -> Numbers:
        state = maker.state(self.weights)
        maker.doing(self.describe())
        return maker.engine.predict(self.weights, self.task, state)

    @property
    def schema(self) -> Schema:
        classes: Schema = {f"{s}_classes": ("u2", (s,)) for s in SPLITS}
        return {**classes, **{f"{s}_losses": ("f4", (s,)) for s in SPLITS}}


@dataclass(frozen=True, eq=False, repr=False)
class Compare(Measurement):
    """The differences of two states' classifications and losses by example (lmc app. G)."""

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "comparison", "How differently two networks classify.",
        labels=(
            Field("against", "text", "-",
                  "The other network of a comparison: of the same kind, or the dense one.",
                  selects=True),
        ),
        values=measured(
            ("train_differences", "integer", "examples",
             "Training examples classified differently."),
            ("test_differences", "integer", "examples", "Test examples classified differently."),
            ("train_loss_distance", "number", "nats",
             "Euclidean distance between the two vectors of training examples' cross-entropies."),
            ("test_loss_distance", "number", "nats",
             "Euclidean distance between the two vectors of test examples' cross-entropies."),
        ),
        samples=2,
    ))  # fmt: skip

    first: Predict
    second: Predict

    def check(self) -> None:
        require(self.second.task == self.first.task, self, "second", "predictions of the same task")
        if self.first == self.second:
            raise RecipeError(
                f"Compare: both are the same recipe ({self.first.short_key}); "
                "two copies must differ in their noise"
            )

    def make(self, maker: ArtifactMaker) -> Numbers:
        return behavior(maker.measure(self.first), maker.measure(self.second))

    def is_finite(self, numbers: Numbers) -> bool:
        return bool(np.isfinite(numbers["train_loss_distance"]))

    def samples(self, labels: Mapping[str, Any]) -> tuple[Weights, Weights]:
        return self.first.weights, self.second.weights
