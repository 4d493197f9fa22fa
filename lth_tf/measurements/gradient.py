"""Gradients of the training loss, and Hessian-gradient products, at a state of a run."""

from dataclasses import dataclass
from typing import Any

from lth_tf.measurements.measurement import Measurement
from lth_tf.recipes import ArtifactMaker, Numbers, RecipeError, Weights, require


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
    batches: int = 1

    def check(self) -> None:
        require(self.batches >= 1, self, "batches", "1 or more")
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

    temperature: float = 1.0

    def check(self) -> None:
        super().check()
        require(self.temperature > 0, self, "temperature", "greater than 0")

    def make(self, maker: ArtifactMaker) -> Numbers:
        trajectory = self._trajectory(maker)
        numbers: Numbers = trajectory.gradient(self.batches, self.temperature, times_hessian=True)
        return numbers
