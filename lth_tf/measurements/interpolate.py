"""Error and loss on the line between two networks, and the barrier: of two copies, of any two."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lth_tf.connectivity import BARRIERS, ConnectivityError, cosine_distance, l2_distance
from lth_tf.log.fields import Field, RowKind, measured, register_kind
from lth_tf.measurements.distance import DISTANCES
from lth_tf.measurements.measurement import CURVES, SPLITS, Measurement, Schema, arrays, layout
from lth_tf.recipes import ArtifactMaker, Numbers, Recipe, RecipeError, Weights, require

Statistics = Literal["interpolate", "reestimate"]
INSTABILITY = RowKind(
    "instability", "The line between two copies.",
    labels=(
        Field("barrier", "text", "-",
              "Instability is the highest error on the line minus the mean of the ends' errors, "
              "or the highest excess over the straight line between the ends' errors.",
              choices=("from_mean_of_ends", "from_line_between_ends")),
        Field("statistics", "text", "-", "Batch-norm statistics between the ends.",
              choices=("interpolate", "reestimate")),
    ),
    values=(
        Field("alphas", "list of fractions", "of 1",
              "Places on the line alpha W_1 + (1 - alpha) W_2, rising from 0 to 1.",
              null="allowed"),
        *measured(
            ("train_errors", "list of fractions", "of 1", "Training error at each alpha."),
            ("test_errors", "list of fractions", "of 1", "Test error at each alpha."),
            ("train_losses", "list of numbers or null", "nats",
             "Mean cross-entropy on the training set at each alpha; null where not finite."),
            ("test_losses", "list of numbers or null", "nats",
             "Mean cross-entropy on the test set at each alpha; null where not finite."),
            ("train_instability", "number", "of 1", "Barrier of the error on the training set."),
            ("test_instability", "number", "of 1", "Barrier of the error on the test set."),
        ),
        *DISTANCES,
    ),
    samples=2,
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Interpolate(Measurement):
    """Error and loss along the line between two states, and their distances.

    Attributes:
      first, second: the ends, at alpha = 1 and 0 of E(alpha W_1 + (1 - alpha) W_2) (lmc sec. 2).
      alphas: the number of evenly spaced values from 0 to 1, both ends included; at least 3.
      statistics: batch-norm statistics between the ends: 'interpolate' them like the weights, or
        'reestimate' them, those of the ends too, with a pass over the training data: the mean of
        each layer's mean and variance of a batch, every layer normalizing by the batch, over
        batches of 1,000 inputs (250 of a streamed task; all of a smaller one) in the order of
        the files. What does not fill a batch is left out. Other sizes would give other numbers.
    """

    ROW: ClassVar[RowKind | None] = register_kind(INSTABILITY)

    BARRIER: ClassVar[str] = "instability"  # the end of the names of its fields of barriers

    first: Weights
    second: Weights
    task: Recipe
    alphas: int
    statistics: Statistics

    def check(self) -> None:
        require(self.alphas >= 3, self, "alphas", "3 or more")
        if self.first == self.second:
            raise RecipeError(
                f"{self.recipe_name}: both ends are the same recipe ({self.first.short_key}); "
                "two copies must differ in their noise"
            )

    def make(self, maker: ArtifactMaker) -> Numbers:
        states = maker.state(self.first), maker.state(self.second)
        ends = [state.weights for state in states]
        if all(np.array_equal(ends[0][name], ends[1][name]) for name in ends[0]):
            # Two copies under different noise never are: a barrier of 0 would be no result.
            raise ConnectivityError(
                f"{self}: the two copies have exactly the same weights: they are one copy, not two"
            )
        maker.doing(self.describe())
        alphas = np.linspace(0.0, 1.0, self.alphas)
        curves = maker.engine.curves(self.first, self.task, *states, alphas, self.statistics)
        distances = {"l2_distance": l2_distance(*ends), "cosine_distance": cosine_distance(*ends)}
        return arrays({"alphas": alphas, **curves, **distances})

    @property
    def schema(self) -> Schema:
        on_the_line: Schema = {name: ("f8", (self.alphas,)) for name in ("alphas", *CURVES)}
        return {**on_the_line, **layout(DISTANCES)}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        barrier = BARRIERS[labels["barrier"]]
        barriers: dict[str, Any] = {
            f"{split}_{self.BARRIER}": barrier(numbers[f"{split}_errors"], numbers["alphas"])
            for split in SPLITS
        }
        return super().row({**numbers, **barriers}, labels)

    def is_finite(self, numbers: Numbers) -> bool:
        # Between the ends a loss may overflow.
        return bool(np.isfinite(numbers["train_losses"][[0, -1]]).all())

    def passes(self) -> float:
        return float(self.alphas)

    def samples(self, labels: Mapping[str, Any]) -> tuple[Weights, Weights]:
        return self.first, self.second

    def describe(self) -> str:
        ends = f"{self.first.describe()} and {self.second.describe()}"
        return f"evaluating {self.alphas} networks on the line between {ends}"


@dataclass(frozen=True, eq=False, repr=False)
class Segment(Interpolate):
    """Error and loss along the line between two networks that need not be two copies.

    Attributes:
      first, second: the ends, at alpha = 1 and 0; of a path from level L to L + 1, second is the
        solution of level L.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "connectivity", "The line from a network of a search for masks to another.",
        labels=(
            Field("to", "text", "-",
                  "What is at alpha = 1: the solution of another level; the network's own "
                  "projection under that level's mask; or what the dense network is trained to "
                  "from a perturbed start.", choices=("solution", "projection", "perturbed"),
                  selects=True),
            Field("to_level", "integer", "-", "The level of what is at alpha = 1.", selects=True),
            *INSTABILITY.labels,
        ),
        values=(
            *(f for f in INSTABILITY.values if not f.name.endswith("_instability")),
            *measured(
                ("train_barrier", "number", "of 1", "Barrier of the training error."),
                ("test_barrier", "number", "of 1", "Barrier of the test error."),
            ),
        ),
        samples=2,
    ))  # fmt: skip
    BARRIER: ClassVar[str] = "barrier"

    def samples(self, labels: Mapping[str, Any]) -> None:  # type: ignore[override]
        """Returns None: its ends may be of one sample."""
        return None
