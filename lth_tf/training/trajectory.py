"""A trajectory: the Python loop around the compiled one, with its noise addressed by step."""

import time
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.data.crops import NUMBERS, crop_draws
from lth_tf.data.order import batches, draws, layer_seeds
from lth_tf.recipes import Train
from lth_tf.state import Arrays, State
from lth_tf.training.batches import Batches, Outcomes
from lth_tf.training.program import Program
from lth_tf.training.team import Team

# The time that one call of the compiled loop should take: short enough for a lively progress bar
# and for little to be lost in a crash, long enough for its overhead not to matter.
SECONDS_PER_CALL = 1.0


class Trajectory:
    """Training from a state of a run onwards. Where it is interrupted does not change a bit.

    Args:
      team: the processes that take its steps together, which the chief broadcasts; None for this
        process alone.
      steps_per_call: the largest number of steps taken at a time; None for as many as take about
        SECONDS_PER_CALL.

    Attributes:
      step: the step that it has reached.
      diverged_at: the first step whose loss was not finite, or None. The run ends there.
    """

    def __init__(
        self,
        program: Program,
        run: Train,
        state: State,
        mask: Arrays,
        team: Team | None = None,
        steps_per_call: int | None = None,
    ) -> None:
        self._program, self._run, self._steps_per_call = program, run, steps_per_call
        self._team = team or Team(tf.distribute.get_strategy())
        self.step, self._updates = state.step, state.updates
        self.diverged_at: int | None = None
        self._pace, self._capacity = 10, program.feed.capacity
        program.load(state, mask)

    def advance(self, to_step: int) -> Outcomes:
        """Takes the steps of one call, not beyond `to_step`; returns their outcomes."""
        steps = min(to_step - self.step, self._steps_per_call or self._pace, self._capacity)
        started = time.monotonic()
        ahead = min(to_step - self.step - steps, steps)
        self._team.broadcast((steps, ahead))
        outcomes = self.take(steps, ahead)
        seconds = time.monotonic() - started
        self._pace = int(np.clip(steps * SECONDS_PER_CALL / seconds, steps / 4, steps * 4)) or 1
        return outcomes

    def take(self, steps: int, ahead: int = 0) -> Outcomes:
        """Takes as many steps as fit in a call, or fewer; prepares the examples of some `ahead`.

        Raises:
          UserError: another process of the team is gone.
        """
        with self._team.together():
            inputs = self._batches(0, steps)
            outcomes = self._program.run(inputs, partial(self._batches, steps, ahead))
        finite = np.isfinite(outcomes.losses)
        if not finite.all():
            self.diverged_at = self.step + int(np.argmin(finite))
        self.step += steps
        self._updates += steps
        return outcomes

    def gradient(
        self, batches: int, temperature: float = 1.0, times_hessian: bool = False
    ) -> dict[str, np.ndarray]:
        """Returns the mean gradient g of the loss over the next batches, float32, by weight.

        The loss is without weight decay, and at the present weights: no step is taken.

        Args:
          temperature: the divisor of logits before the loss.
          times_hessian: whether it is H g instead, by prunable kernel; H is the mean Hessian. Both
            are with regard to the prunable kernels alone.
        """
        self._team.broadcast(("gradient", batches, temperature, times_hessian))
        return self.own_gradient(batches, temperature, times_hessian)

    def own_gradient(
        self, batches: int, temperature: float, times_hessian: bool
    ) -> dict[str, np.ndarray]:
        """Returns what `gradient` does; for the workers that the chief has broadcast it to."""
        with self._team.together():
            gradient = self._mean_gradient(batches, temperature)
            if not times_hessian:
                return gradient
            kernels = {n: gradient[n] for n in self._program.network.prunable if n in gradient}
            return self._mean_gradient(batches, temperature, kernels)

    def _mean_gradient(self, batches: int, *arguments: Any) -> dict[str, np.ndarray]:
        """Returns the mean over the next batches of Derivatives.gradient, summed in float64."""
        sums: dict[str, np.ndarray] = {}
        gradient = self._program.derivatives.gradient
        for skipped in range(batches):
            ahead = partial(self._batches, skipped + 1, min(1, batches - skipped - 1))
            for name, value in gradient(self._batches(skipped, 1), ahead, *arguments).items():
                sums[name] = sums.get(name, np.float64(0)) + value.astype(np.float64)
        return {name: (total / batches).astype(np.float32) for name, total in sums.items()}

    def state(self) -> State:
        """Returns the state at `step`, with slots."""
        return self._program.read(self.step, self._updates)

    def _batches(self, skipped: int, steps: int) -> Batches:
        """Returns the inputs of some steps, the first of them `skipped` steps from here."""
        hparams, task = self._program.hparams, self._program.task
        first, size = self.step + skipped, hparams.batch_size
        address = (self._run.noise, first, steps)
        crops = np.zeros((steps, 0, NUMBERS))
        if task.augmentation == "resized_crop_and_flip":
            crops = crop_draws(*address, size)
        learning_rates = hparams.schedule(np.arange(first, first + steps))
        rates = hparams.optimizer.rates(learning_rates, self._updates + skipped)
        return Batches(
            indices=batches(*address, self._program.feed.examples, size, hparams.remainder),
            draws=draws(task, *address, size),
            crops=crops,
            rates=rates.astype(np.float32),
            learning_rates=learning_rates.astype(np.float32),
            seeds=layer_seeds(*address, len(self._program.network.seed_names)),
        )
