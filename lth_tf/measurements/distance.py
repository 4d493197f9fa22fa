"""Distances between two networks' weights: of all of them, or of the kernels that can be pruned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.connectivity import angle, cosine_distance, l2_distance
from lth_tf.log.fields import Field, RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, arrays
from lth_tf.recipes import ArtifactMaker, Mask, Numbers, RecipeError, Weights
from lth_tf.state import apply_mask

DISTANCES = measured(
    ("l2_distance", "number", "weight", "Euclidean distance between the two states' weights."),
    ("cosine_distance", "number", "-", "1 - cosine of the angle between the two states."),
)


@dataclass(frozen=True, eq=False, repr=False)
class Distance(Measurement):
    """The distances of mask * first and mask * second, L2 and cosine (lmc app. B and G).

    A state may be compared with itself: W_k is W_0 at k = 0.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "distance", "How far two states lie apart.",
        labels=(
            Field("between", "text", "-",
                  "The two states of a distance: W_0 and W_k, W_k and W_T, or the W_T of two "
                  "copies; all of them masked.",
                  choices=("initialization_to_k", "k_to_end", "end_to_end"), selects=True),
        ),
        values=DISTANCES,
        samples=0,
    ))  # fmt: skip

    first: Weights
    second: Weights
    mask: Mask

    def make(self, maker: ArtifactMaker) -> Numbers:
        states = maker.state(self.first), maker.state(self.second)
        mask = maker.mask(self.mask)
        ends = [apply_mask(state.weights, mask) for state in states]
        l2, cosine = l2_distance(*ends), cosine_distance(*ends)
        return arrays({"l2_distance": l2, "cosine_distance": cosine})

    def samples(self, labels: Mapping[str, Any]) -> tuple[Weights, Weights] | None:
        return (self.first, self.second) if labels["between"] == "end_to_end" else None


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Measurement):
    """||m W - m W'||_2 and the angle of m W and m W' (stabilizing section 2, appendix B).

    W and W' are the kernels that have masks: no biases, no batch norm. Stability to data order
    compares two copies of the subnetwork under different SGD noise, stability to pruning the whole
    network, masked after training, with the subnetwork, from one state under the same noise.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "stability",
        "How far two trained copies of a subnetwork lie apart, over its kernels alone.",
        labels=(
            Field("stability_to", "text", "-",
                  "What differs between the two networks of a stability: the data order, or "
                  "whether the network was pruned before training.",
                  choices=("data_order", "pruning"), selects=True),
        ),
        values=(
            DISTANCES[0],  # l2_distance
            Field("angle", "number", "degrees",
                  "Angle between the two networks' masked kernels; null where one of them is zero.",
                  null="allowed"),
        ),
        samples=0,
    ))  # fmt: skip

    first: Weights
    second: Weights
    mask: Mask

    def make(self, maker: ArtifactMaker) -> Numbers:
        states = maker.state(self.first), maker.state(self.second)
        mask = maker.mask(self.mask)
        kernels = [
            {name: np.where(kept != 0, state.weights[name], 0) for name, kept in mask.items()}
            for state in states
        ]
        return arrays({"l2_distance": l2_distance(*kernels), "angle": angle(*kernels)})

    def is_finite(self, numbers: Numbers) -> bool:
        return bool(np.isfinite(numbers["l2_distance"]))

    def samples(self, labels: Mapping[str, Any]) -> tuple[Weights, Weights] | None:
        """Returns the copies of a stability to data order, which must be of two samples.

        Raises:
          RecipeError: the two networks of a stability to pruning differ in more than the mask.
        """
        if labels["stability_to"] == "data_order":
            return self.first, self.second
        one, other = self.first.run, self.second.run
        if not one or not other or (one.start, one.noise) != (other.start, other.noise):
            raise RecipeError(
                "a stability to pruning compares two networks from one state under the same SGD "
                f"noise; these are {self.first.describe()} and {self.second.describe()}"
            )
        return None
