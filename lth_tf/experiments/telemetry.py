"""Telemetry: the state of a network along its training, step by step (early_phase fig. 3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lth_tf.experiments.requests import Request, require_few_measurements
from lth_tf.experiments.rewinding import RewindingAtLevels
from lth_tf.experiments.search import Level, MaskSearch
from lth_tf.measurements import Curvature, Difference, Evaluate, GradientMagnitude, WeightStatistics
from lth_tf.recipes import At, Train, require


@dataclass(frozen=True, eq=False, repr=False)
class Telemetry(RewindingAtLevels):
    """Measures the networks of a search for masks along their training (early_phase fig. 3).

    The runs are those of Imp, and of Training if only level 0 from k = 0 is asked for, under the
    same keys: what was trained is measured, and no state that is kept is made again. Between kept
    states a run is walked once more from the nearest earlier one.

    Attributes:
      levels: the levels whose networks are measured; 0, the dense one, needs no search.
      at: the steps, those from k on; of each there are rows of error and loss, of the weights,
        and of the gradient of the step from there.
      count: how many single weights are told, the same at every step.
      differences: steps between each two successive of which the weights' difference is measured.
      hessian_at: steps at which the ends of the Hessian's spectrum are measured.
      hessian_examples, hessian_iterations: over how many training examples, and by how many
        products with a vector.
    """

    levels: tuple[int, ...] = (0,)
    at: tuple[int, ...] = ()
    count: int = 10
    differences: tuple[int, ...] = ()
    hessian_at: tuple[int, ...] = ()
    hessian_examples: int = 5000
    hessian_iterations: int = 80

    def check(self) -> None:
        super().check()
        require(self.count >= 1, self, "count", "1 or more")
        for name in ("at", "differences", "hessian_at"):
            steps = getattr(self, name)
            fine = all(0 <= t <= self.steps for t in steps) and list(steps) == sorted({*steps})
            require(fine, self, name, f"rising steps from 0 to {self.steps:,}")
        something = self.at or self.differences or self.hessian_at
        require(bool(something), self, "at", "one step or more, where nothing else is asked for")
        require_few_measurements(
            self,
            levels=len(self.levels),
            measurements_of_each=3 * len(self.at)
            + len(self.differences)
            + len(self.hessian_at)
            + 1,
        )

    def requests(self) -> Iterator[Request]:
        for initialization, rewound, search, level in self.searched_levels():
            yield from self._along(level, search, initialization, rewound.step)

    def _along(
        self, level: Level, search: MaskSearch, initialization: int, k: int
    ) -> Iterator[Request]:
        """Yields the rows of one run, step by step."""
        run = level.end.run
        assert run is not None
        labels = {
            "network": search.score.NETWORK if level.number else "dense",
            "initialization": initialization,
            "noise": [run.noise],
            "rewind_step": k,
            "level": level.number,
        }
        settings = search.settings_of(level.number)
        for measurement, end, more in self._measurements(run, level, initialization):
            yield Request(measurement, level.mask, end, {**labels, **more}, settings=settings)

    def _measurements(
        self, run: Train, level: Level, initialization: int
    ) -> Iterator[tuple[Any, At, dict[str, Any]]]:
        """Yields (measurement, the state that it is of, further labels)."""
        for t in (t for t in self.at if t >= run.first_step):
            now = At(run, t)
            against = (run.initial, level.end, level.mask)
            yield Evaluate(now, self.task), now, {}
            yield WeightStatistics(now, *against, self.count, initialization), now, {}
            yield GradientMagnitude(now, level.mask), now, {}
        for t in (t for t in self.hessian_at if t >= run.first_step):
            now = At(run, t)
            chosen = {"examples": self.hessian_examples, "iterations": self.hessian_iterations}
            yield Curvature(now, level.mask, self.task, **chosen, seed=initialization), now, {}
        steps = [t for t in self.differences if t >= run.first_step]
        for first, second in zip(steps, steps[1:], strict=False):
            later = At(run, second)
            labels = {"between": "k_to_later", "rewind_step": first}
            yield Difference(At(run, first), later, level.mask), later, labels
