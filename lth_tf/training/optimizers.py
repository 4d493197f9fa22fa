"""Optimizers as pure updates of named tensors; their slots are part of the state.

A zero weight with a zero gradient and zero slots stays exactly zero under each of them, which is
what keeps pruned weights at zero (invariant: weights, gradients and slots).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lth_tf.recipes import Recipe, require


@dataclass(frozen=True, eq=False, repr=False)
class Optimizer(Recipe):
    """Base. `slot_names` are the arrays kept for every weight, all zero at a reset."""

    @property
    def slot_names(self) -> tuple[str, ...]:
        """Names of the slots, in the order `update` takes and returns them."""
        raise NotImplementedError(f"{type(self).__name__} is not an optimizer")

    def rates(self, learning_rates: np.ndarray, updates_before: int) -> np.ndarray:
        """The per-step factor given to `update`, float64; `updates_before` since the reset."""
        del updates_before
        return learning_rates

    def update(self, weight: Any, gradient: Any, slots: tuple, rate: Any) -> tuple[Any, tuple]:
        """One update of one weight: returns the new weight and its new slots (tensors)."""
        raise NotImplementedError(f"{type(self).__name__} is not an optimizer")


@dataclass(frozen=True, eq=False, repr=False)
class Momentum(Optimizer):
    """SGD with momentum: v <- momentum * v + rate * g; w <- w - v.

    The velocity holds the learning rate, so a drop of the rate takes effect over the next
    1 / (1 - momentum) steps.
    """

    momentum: float = 0.9

    def check(self) -> None:
        require(0 <= self.momentum < 1, self, "momentum", "at least 0 and less than 1")

    @property
    def slot_names(self) -> tuple[str, ...]:
        return ("velocity",)

    def update(self, weight: Any, gradient: Any, slots: tuple, rate: Any) -> tuple[Any, tuple]:
        (velocity,) = slots
        velocity = self.momentum * velocity + rate * gradient
        return weight - velocity, (velocity,)


@dataclass(frozen=True, eq=False, repr=False)
class Adam(Optimizer):
    """Adam (Kingma & Ba 2015) with epsilon outside the bias correction, as in TensorFlow.

    m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;
    w <- w - rate * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + epsilon),
    t counting the updates since the slots were reset.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def check(self) -> None:
        require(0 <= self.beta_1 < 1, self, "beta_1", "at least 0 and less than 1")
        require(0 <= self.beta_2 < 1, self, "beta_2", "at least 0 and less than 1")
        require(self.epsilon > 0, self, "epsilon", "greater than 0")

    @property
    def slot_names(self) -> tuple[str, ...]:
        return ("first_moment", "second_moment")

    def rates(self, learning_rates: np.ndarray, updates_before: int) -> np.ndarray:
        t = updates_before + 1 + np.arange(len(learning_rates), dtype=np.float64)
        return learning_rates * np.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)

    def update(self, weight: Any, gradient: Any, slots: tuple, rate: Any) -> tuple[Any, tuple]:
        first, second = slots
        first = first + (gradient - first) * (1 - self.beta_1)
        second = second + (gradient * gradient - second) * (1 - self.beta_2)
        return weight - rate * first / (second**0.5 + self.epsilon), (first, second)
