"""Optimizers as pure updates of named tensors; their slots are part of the state.

A zero weight with a zero gradient and zero slots stays exactly zero under each of them, which is
what keeps pruned weights at zero (invariant: weights, gradients and slots).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lth_tf.recipes import Recipe, require


@dataclass(frozen=True, eq=False, repr=False)
class Optimizer(Recipe):
    """Base of optimizers: pure updates of a weight and its slots, the arrays kept beside it."""

    @property
    def fresh_slots(self) -> Mapping[str, float]:
        """The value of each slot at a reset, by name, in the order of `update`; 0 where pruned."""
        raise NotImplementedError(f"{type(self).__name__} is not an optimizer")

    def rates(self, learning_rates: np.ndarray, updates_before: int) -> np.ndarray:
        """Returns the factors of steps for `update`, so many updates after a reset; float64."""
        return learning_rates

    def update(self, weight: Any, gradient: Any, slots: tuple, rate: Any) -> tuple[Any, tuple]:
        """Returns a weight and its slots (tensors) after one update."""
        raise NotImplementedError(f"{type(self).__name__} is not an optimizer")


@dataclass(frozen=True, eq=False, repr=False)
class Momentum(Optimizer):
    """SGD with momentum: v <- momentum * v + rate * g; w <- w - v (sgd_noise eqs. 1 and 2).

    Attributes:
      momentum: the share of the velocity that remains at each step, in [0, 1).
      velocity: the terms that the velocity sums: 'updates', rate * g as above, so that a drop of
        the rate takes effect over the next 1 / (1 - momentum) steps; or 'gradients',
        v <- momentum * v + g; w <- w - rate * v, as in PyTorch and TensorFlow 1 (the reference TPU
        code). They agree as long as the rate does not change.
      nesterov: whether a step looks ahead: w <- w - (momentum * v + rate * g) with the new v, as
        the reference TPU code does for ResNet-50 and SqueezeNet.
    """

    momentum: float = 0.9
    velocity: Literal["updates", "gradients"] = "updates"
    nesterov: bool = False

    def check(self) -> None:
        require(0 <= self.momentum < 1, self, "momentum", "at least 0 and less than 1")

    @property
    def fresh_slots(self) -> Mapping[str, float]:
        return {"velocity": 0.0}

    def update(self, weight: Any, gradient: Any, slots: tuple, rate: Any) -> tuple[Any, tuple]:
        (velocity,) = slots
        addend = rate * gradient if self.velocity == "updates" else gradient
        velocity = self.momentum * velocity + addend
        move = self.momentum * velocity + addend if self.nesterov else velocity
        return weight - (move if self.velocity == "updates" else rate * move), (velocity,)


@dataclass(frozen=True, eq=False, repr=False)
class Rmsprop(Optimizer):
    """RMSProp with momentum as in TensorFlow 1: tf.train.RMSPropOptimizer.

    s <- decay * s + (1 - decay) * g^2;  v <- momentum * v + rate * g / sqrt(s + epsilon);
    w <- w - v. Epsilon stands inside the root, and s starts at 1, not at 0. The defaults are those
    of the reference TPU code for Inception-v3 (tensorflow/tpu, inception_v3.py), where epsilon is
    so large that g^2 hardly matters.

    Attributes:
      decay: the share of s that remains at each step, in [0, 1).
      momentum: the share of v that remains at each step, in [0, 1).
      epsilon: added to s, greater than 0.
      initial_square: s at a reset; 1 in TensorFlow 1, 0 in Keras.
    """

    decay: float = 0.9
    momentum: float = 0.9
    epsilon: float = 1.0
    initial_square: float = 1.0

    def check(self) -> None:
        require(0 <= self.decay < 1, self, "decay", "at least 0 and less than 1")
        require(0 <= self.momentum < 1, self, "momentum", "at least 0 and less than 1")
        require(self.epsilon > 0, self, "epsilon", "greater than 0")
        require(self.initial_square >= 0, self, "initial_square", "0 or more")

    @property
    def fresh_slots(self) -> Mapping[str, float]:
        return {"mean_square": self.initial_square, "velocity": 0.0}

    def update(self, weight: Any, gradient: Any, slots: tuple, rate: Any) -> tuple[Any, tuple]:
        square, velocity = slots
        square = square + (gradient * gradient - square) * (1 - self.decay)
        velocity = self.momentum * velocity + rate * gradient / (square + self.epsilon) ** 0.5
        return weight - velocity, (square, velocity)


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
    def fresh_slots(self) -> Mapping[str, float]:
        return {"first_moment": 0.0, "second_moment": 0.0}

    def rates(self, learning_rates: np.ndarray, updates_before: int) -> np.ndarray:
        t = updates_before + 1 + np.arange(len(learning_rates), dtype=np.float64)
        return learning_rates * np.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)

    def update(self, weight: Any, gradient: Any, slots: tuple, rate: Any) -> tuple[Any, tuple]:
        first, second = slots
        first = first + (gradient - first) * (1 - self.beta_1)
        second = second + (gradient * gradient - second) * (1 - self.beta_2)
        return weight - rate * first / (second**0.5 + self.epsilon), (first, second)
