"""The gradient of the training loss, its magnitude, and Hessian-gradient products."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.connectivity import vectors
from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, arrays
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Positive, RecipeError, Weights


@dataclass(frozen=True, eq=False, repr=False)
class Gradient(Measurement):
    """Mean gradient of the training loss over the batches that a run takes next from a state.

    It is the gradient of the step that the run would take: with its batches, augmentation,
    precision and label smoothing, batch norm in training mode, and without weight decay. No step is
    taken. The numbers are float32, by the weight that learns; zero for pruned weights.

    Attributes:
      weights: a state of a run, or weights derived from one: W_k itself is At(run, k).
      batches: the number of the run's next batches.
    """

    weights: Weights
    batches: Count = 1

    def check(self) -> None:
        if self.weights.run is None:
            raise RecipeError(
                f"{type(self).__name__}.weights is {self.weights.describe()}, which is of no run; "
                "it must be a state of a run, whose batches the loss is of"
            )

    def make(self, maker: ArtifactMaker) -> Numbers:
        numbers: Numbers = self._trajectory(maker).gradient(self.batches)
        return numbers

    def _trajectory(self, maker: ArtifactMaker) -> Any:
        """Returns the run's training from the weights on."""
        run, state = self.weights.run, maker.state(self.weights)
        assert run is not None
        mask = maker.mask(run.mask)
        maker.doing(self.describe())
        return maker.engine.trajectory(run, state, mask)

    def describe(self) -> str:
        return f"{self.recipe_name} at {self.weights.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class HessianGradient(Gradient):
    """H g, where g is the mean gradient and H the mean Hessian over a run's next batches.

    Both are with regard to the prunable kernels alone, of the loss of `Gradient` but for logits
    that are divided by a temperature. The numbers are float32, by kernel.

    Attributes:
      temperature: the divisor of logits.
    """

    temperature: Positive = 1.0

    def make(self, maker: ArtifactMaker) -> Numbers:
        trajectory = self._trajectory(maker)
        numbers: Numbers = trajectory.gradient(self.batches, self.temperature, times_hessian=True)
        return numbers


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
        (slopes,) = vectors(gradient, mask=maker.mask(self.mask))
        mean, norm = np.abs(slopes).mean(), np.linalg.norm(slopes)
        return arrays({"mean_gradient": mean, "gradient_norm": norm})

    def describe(self) -> str:
        return f"gradient at {self.weights.describe()}"
