"""Magnitude of the gradient at a state of a run."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lth_tf import perturbation
from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.gradient import Gradient
from lth_tf.measurements.measurement import Measurement
from lth_tf.recipes import ArtifactMaker, Mask, Numbers, Weights

_NUMBERS = measured(
    ("mean_gradient", "number", "nats per weight", "Mean absolute gradient of the weights."),
    ("gradient_norm", "number", "nats per weight", "Euclidean norm of the gradient."),
)


@dataclass(frozen=True, eq=False, repr=False)
class GradientMagnitude(Measurement):
    """The gradient of the step that a run takes from a state, over its remaining kernel weights.

    It is that of `Gradient`: of the step's own batch, without weight decay (early_phase fig. 3,
    which does not say whether it shows a mean or a norm). The gradient itself is not kept.

    Attributes:
      weights: a state of a run.
      mask: what remains.
    """

    ROW: ClassVar[RowKind | None] = register_kind(
        RowKind("gradient", "The gradient of the next step of a run.", values=_NUMBERS)
    )

    weights: Weights
    mask: Mask

    def make(self, maker: ArtifactMaker) -> Numbers:
        found = Gradient(self.weights).make(maker)
        slopes = perturbation.remaining(found, maker.mask(self.mask))
        numbers = {"mean_gradient": np.abs(slopes).mean(), "gradient_norm": np.linalg.norm(slopes)}
        return {name: np.asarray(value) for name, value in numbers.items()}

    def describe(self) -> str:
        return f"gradient at {self.weights.describe()}"
