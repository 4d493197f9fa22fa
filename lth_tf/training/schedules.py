"""Learning rate schedules: pure functions of the step, evaluated in NumPy float64.

Every schedule may begin with a linear warm-up: at step s < warmup_steps the rate is multiplied by
(s + 1) / warmup_steps, so that the first step already moves and step warmup_steps - 1 has the full
rate.
"""

from dataclasses import dataclass

import numpy as np

from lth_tf.recipes import Recipe, require


@dataclass(frozen=True, eq=False, repr=False)
class Schedule(Recipe):
    """Base: a peak `rate` with a warm-up of `warmup_steps`; subclasses say how it decays."""

    rate: float
    warmup_steps: int = 0

    def check(self) -> None:
        require(self.rate > 0, self, "rate", "greater than 0")
        require(self.warmup_steps >= 0, self, "warmup_steps", "0 or more")

    def decay(self, steps: np.ndarray) -> np.ndarray:
        """Returns the rate without warm-up at each of `steps`, float64."""
        raise NotImplementedError(f"{type(self).__name__} is not a schedule: it has no decay()")

    def __call__(self, steps: np.ndarray) -> np.ndarray:
        """Returns the learning rate of the update from step s to s + 1, float64, for each s."""
        steps = np.asarray(steps, np.float64)
        rates = np.broadcast_to(self.decay(steps), steps.shape)
        if self.warmup_steps:
            rates = rates * np.minimum(1.0, (steps + 1) / self.warmup_steps)
        return rates


@dataclass(frozen=True, eq=False, repr=False)
class Constant(Schedule):
    """The same rate throughout."""

    def decay(self, steps: np.ndarray) -> np.ndarray:
        return np.full(steps.shape, self.rate)


@dataclass(frozen=True, eq=False, repr=False)
class Steps(Schedule):
    """The rate is multiplied by `factor` from each of the steps `drops` on (lmc table 1)."""

    drops: tuple[int, ...] = ()
    factor: float = 0.1

    def check(self) -> None:
        super().check()
        require(all(d > 0 for d in self.drops), self, "drops", "steps greater than 0")
        require(list(self.drops) == sorted(set(self.drops)), self, "drops", "in rising order")
        require(0 < self.factor < 1, self, "factor", "greater than 0 and less than 1")

    def decay(self, steps: np.ndarray) -> np.ndarray:
        passed = np.searchsorted(np.asarray(self.drops), steps, side="right")
        return self.rate * self.factor**passed


@dataclass(frozen=True, eq=False, repr=False)
class _Towards(Schedule):
    """Base: from `rate` after the warm-up to `floor` at step `end`, and `floor` from there on.

    `end` has to be given: its default is refused.
    """

    end: int = 0
    floor: float = 0.0

    def check(self) -> None:
        super().check()
        require(self.end > self.warmup_steps, self, "end", f"more than {self.warmup_steps}")
        require(0 <= self.floor <= self.rate, self, "floor", f"from 0 to the rate, {self.rate}")

    def progress(self, steps: np.ndarray) -> np.ndarray:
        """Returns how far from the end of the warm-up (0) to `end` (1) each step is."""
        return np.clip((steps - self.warmup_steps) / (self.end - self.warmup_steps), 0.0, 1.0)


@dataclass(frozen=True, eq=False, repr=False)
class Linear(_Towards):
    """A straight line from `rate` to `floor` at step `end` (lmc table 1, Inception-v3)."""

    def decay(self, steps: np.ndarray) -> np.ndarray:
        return self.rate + (self.floor - self.rate) * self.progress(steps)


@dataclass(frozen=True, eq=False, repr=False)
class Cosine(_Towards):
    """Half a cosine from `rate` to `floor` at step `end`."""

    def decay(self, steps: np.ndarray) -> np.ndarray:
        half_wave = (1 + np.cos(np.pi * self.progress(steps))) / 2
        return self.floor + (self.rate - self.floor) * half_wave


@dataclass(frozen=True, eq=False, repr=False)
class Exponential(Schedule):
    """The rate times factor^(step / every), and never below `floor` (stabilizing fig. 6).

    With the reference TPU code's staircase (tf.train.exponential_decay in tensorflow/tpu,
    inception_v3.py) the rate drops only at whole multiples of `every`. Steps are counted from 0,
    also under a warm-up.

    Attributes:
      every: steps in which the rate falls by the factor.
      factor: in (0, 1).
      staircase: whether the exponent is rounded down.
      floor: least rate, from 0 to the rate.
    """

    every: int = 1
    factor: float = 0.94
    staircase: bool = True
    floor: float = 0.0

    def check(self) -> None:
        super().check()
        require(self.every >= 1, self, "every", "1 or more")
        require(0 < self.factor < 1, self, "factor", "greater than 0 and less than 1")
        require(0 <= self.floor <= self.rate, self, "floor", f"from 0 to the rate, {self.rate}")

    def decay(self, steps: np.ndarray) -> np.ndarray:
        exponents = steps / self.every
        exponents = np.floor(exponents) if self.staircase else exponents
        return np.maximum(self.rate * self.factor**exponents, self.floor)
