"""Distances between two networks' weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.connectivity import cosine_distance, l2_distance
from lth_tf.log.fields import Field, RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, arrays
from lth_tf.recipes import ArtifactMaker, Mask, Numbers, Weights
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
