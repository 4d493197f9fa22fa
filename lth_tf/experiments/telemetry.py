"""Telemetry: the state of a network along its training, step by step (early_phase fig. 3)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lth_tf.data import Facts
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.search import Level
from lth_tf.experiments.tickets import RewindingAtLevels
from lth_tf.measurements import (
    Curvature,
    Difference,
    Evaluate,
    GradientMagnitude,
    Measurement,
    WeightStatistics,
)
from lth_tf.recipes import At, Count, require


@dataclass(frozen=True, eq=False, repr=False)
class Telemetry(RewindingAtLevels):
    """Measures the networks of a search for masks along their training (early_phase fig. 3).

    The runs are the same as those of Imp, and of Training if only level 0 from k = 0 is asked for:
    no state that they kept is made again. Between kept states a run is trained once more, from the
    nearest earlier one.

    Attributes:
      levels: the levels whose networks are measured; 0, the dense one, needs no search.
      at: the steps at which error and loss, the weights, and the gradient of the next step are
        measured. Steps before k are left out.
      count: how many single weights rows give, the same at every step.
      differences: steps between each two successive of which the weights' difference is measured;
        the earlier one is the `rewind_step` of its row.
      hessian_at: steps at which the ends of the Hessian's spectrum are measured.
      hessian_examples, hessian_iterations: over how many training examples, and by how many
        products with a vector.
    """

    levels: tuple[int, ...] = (0,)
    at: tuple[int, ...] = ()
    count: Count = 10
    differences: tuple[int, ...] = ()
    hessian_at: tuple[int, ...] = ()
    hessian_examples: int = 5000
    hessian_iterations: int = 80

    def check(self) -> None:
        super().check()
        for name in ("at", "differences", "hessian_at"):
            steps = getattr(self, name)
            fine = all(0 <= t <= self.steps for t in steps) and list(steps) == sorted({*steps})
            require(fine, self, name, f"rising steps from 0 to {self.steps:,}")
        one = len(self.rewind_steps) == 1 or not self.differences
        allowed = "() with several rewind_steps, as its rows have the earlier step for k"
        require(one, self, "differences", allowed)
        something = self.at or self.differences or self.hessian_at
        require(bool(something), self, "at", "one step or more, where nothing else is asked for")
        measurements = 3 * len(self.at) + len(self.differences) + len(self.hessian_at) + 1
        self.require_few_measurements(levels=len(self.levels), measurements_of_each=measurements)

    def check_bound(self, facts: Facts, network: Callable[[], Any]) -> None:
        super().check_bound(facts, network)
        if self.hessian_at:
            allowed = "(), as there is no Hessian"
            streamed = f"{allowed} over images that are streamed"
            require(not facts.streamed, self, "hessian_at", streamed)
            random = ", ".join(network().seed_names)
            require(not random, self, "hessian_at", f"{allowed} of what draws at random: {random}")

    def requests(self) -> Iterator[Request]:
        for level in self.searched_levels():
            for measurement, end, labels in self._measurements(level):
                settings = level.settings
                if isinstance(measurement, WeightStatistics):  # They have the weights at the end.
                    settings = settings | {"Telemetry.steps": self.steps}
                yield level.request(measurement, labels, end, settings=settings)

    def _measurements(self, level: Level) -> Iterator[tuple[Measurement, At, dict[str, Any]]]:
        """Yields each measurement of a run, the state it is of, and labels that it has besides."""
        run, mask, seed = level.end.run, level.mask, level.end.initial.seed

        def states(steps: tuple[int, ...]) -> list[At]:
            return [At(run, step) for step in steps if step >= run.first_step]

        for state in states(self.at):
            yield Evaluate(state, self.task), state, {}
            ends = (run.initial, level.end)
            yield WeightStatistics(state, *ends, mask, self.count, seed), state, {}
            yield GradientMagnitude(state, mask), state, {}
        for state in states(self.hessian_at):
            how = {"examples": self.hessian_examples, "iterations": self.hessian_iterations}
            yield Curvature(state, mask, self.task, **how, seed=seed), state, {}
        for first, second in pairwise(states(self.differences)):
            labels = {"between": "k_to_later", "rewind_step": first.step}
            yield Difference(first, second, mask), second, labels
