"""Comparisons of two networks' behavior, example by example."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.connectivity import ConnectivityError
from lth_tf.log.fields import Field, RowKind, measured, register_kind
from lth_tf.measurements.measurement import SPLITS, Evaluation, Measurement, Schema, arrays
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
        first, second = maker.measure(self.first), maker.measure(self.second)
        if all(np.array_equal(first[f"{s}_losses"], second[f"{s}_losses"]) for s in SPLITS):
            raise ConnectivityError(
                f"{self}: the two copies have exactly the same loss on every example: they are one "
                "copy, not two"
            )
        numbers: dict[str, Any] = {}
        for split in SPLITS:
            classes, losses = f"{split}_classes", f"{split}_losses"
            numbers[f"{split}_differences"] = np.count_nonzero(first[classes] != second[classes])
            with np.errstate(invalid="ignore"):  # Two losses may be infinite.
                differences = np.float64(first[losses]) - np.float64(second[losses])
            numbers[f"{split}_loss_distance"] = np.linalg.norm(differences)
        return arrays(numbers)

    def samples(self, labels: Mapping[str, Any]) -> tuple[Weights, Weights]:
        return self.first.weights, self.second.weights
