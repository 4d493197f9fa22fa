"""Statistics of one state's weights, and how they differ from another's."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lth_tf import noise
from lth_tf.connectivity import changed_signs, cosine_similarity, vectors
from lth_tf.log.fields import Field, RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, arrays
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Seed, Weights


@dataclass(frozen=True, eq=False, repr=False)
class WeightStatistics(Measurement):
    """Statistics of a network's weights along its training (early_phase fig. 3).

    The statistics are of the remaining weights of the prunable kernels together.

    Attributes:
      weights: W_t.
      initial, final: W_0 and W_T, which W_t is compared with.
      mask: the weights that remain.
      count: how many single weights are given.
      seed: of their choice, at the address ('telemetry weights', seed), without replacement.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "weight", "The weights of one state, beside the initial and the final ones.",
        values=measured(
            ("mean_magnitude", "number", "weight", "Mean absolute value of the weights."),
            ("signs_changed", "fraction", "of 1",
             "Share of the weights whose sign is not that of their initial value."),
            ("l2_to_initial", "number", "weight", "Euclidean distance to the initial weights."),
            ("l2_to_final", "number", "weight", "Euclidean distance to the weights at the end."),
            ("cosine_to_initial", "number", "-", "Cosine of the angle to the initial weights."),
            ("cosine_to_final", "number", "-", "Cosine of the angle to the weights at the end."),
            ("weight_values", "list of numbers or null", "weight",
             "Some weights, the same at every step."),
        ),
    ))  # fmt: skip

    weights: Weights
    initial: Weights
    final: Weights
    mask: Mask
    count: Count
    seed: Seed

    def make(self, maker: ArtifactMaker) -> Numbers:
        now, first, last = _remaining((self.weights, self.initial, self.final), self.mask, maker)
        draws = noise.generator("telemetry weights", self.seed)
        places = draws.choice(now.size, min(self.count, now.size), replace=False)
        return arrays({
            "mean_magnitude": np.abs(now).mean(),
            "signs_changed": changed_signs(first, now),
            "l2_to_initial": np.linalg.norm(now - first),
            "l2_to_final": np.linalg.norm(now - last),
            "cosine_to_initial": cosine_similarity(now, first),
            "cosine_to_final": cosine_similarity(now, last),
            "weight_values": now[places],
        })  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Difference(Measurement):
    """Statistics of the difference of two states' weights (early_phase section 5).

    The standard deviation of what a perturbation adds is its effective standard deviation. The
    statistics are of the remaining weights of the prunable kernels together: with the pruned ones,
    zero in both states, they would be smaller.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "difference", "How the weights of two states differ.",
        labels=(
            Field("between", "text", "-",
                  "The two states of a difference: W_k and what was made of it by a perturbation, "
                  "or W_k and a later state of the same run.",
                  choices=("k_to_perturbed", "k_to_later"), selects=True),
        ),
        values=measured(
            ("mean_difference", "number", "weight", "Mean of second less first weight."),
            ("effective_deviation", "number", "weight",
             "Standard deviation of second less first weight, their number as the divisor."),
            ("differing_signs", "fraction", "of 1", "Share of the weights whose signs differ."),
            ("weights_left", "integer", "weights", "How many weights that is over."),
        ),
    ))  # fmt: skip

    first: Weights
    second: Weights
    mask: Mask

    def make(self, maker: ArtifactMaker) -> Numbers:
        first, second = _remaining((self.first, self.second), self.mask, maker)
        return arrays({
            "mean_difference": (second - first).mean(),
            "effective_deviation": (second - first).std(),
            "differing_signs": changed_signs(first, second),
            "weights_left": first.size,
        })  # fmt: skip


def _remaining(states: tuple[Weights, ...], mask: Mask, maker: ArtifactMaker) -> list[np.ndarray]:
    """Returns the remaining kernel weights of each state as one vector, float64."""
    kept = maker.mask(mask)
    return vectors(*(maker.state(weights).weights for weights in states), mask=kept)
