"""Magnitude of the gradient at a state of a run."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lth_tf import perturbation
from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.gradient import Gradient
from lth_tf.measurements.measurement import Measurement, arrays
from lth_tf.recipes import ArtifactMaker, Mask, Numbers, Weights


@dataclass(frozen=True, eq=False, repr=False)
class GradientMagnitude(Measurement):
    """The gradient of the step that a run takes from a state, over the kernel weights of a mask.

    It is that of `Gradient`: of the step's own batch, without weight decay (early_phase fig. 3,
    which leaves open whether it shows a mean or a norm). The gradient itself is not kept.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "gradient", "The gradient of the next step of a run.",
        values=measured(
            ("mean_gradient", "number", "nats per weight",
             "Mean absolute gradient of the weights."),
            ("gradient_norm", "number", "nats per weight", "Euclidean norm of the gradient."),
        ),
    ))  # fmt: skip

    weights: Weights
    mask: Mask

    def make(self, maker: ArtifactMaker) -> Numbers:
        gradient = Gradient(self.weights).make(maker)
        slopes = perturbation.remaining(gradient, maker.mask(self.mask))
        mean, norm = np.abs(slopes).mean(), np.linalg.norm(slopes)
        return arrays({"mean_gradient": mean, "gradient_norm": norm})

    def describe(self) -> str:
        return f"gradient at {self.weights.describe()}"
