"""IMP whose pruning ratio every level decides by the training loss (unmasking section 2.2)."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.experiments.choices import Chain, Choice
from lth_tf.experiments.requests import Request, require_few_measurements
from lth_tf.experiments.rewinding import Rewinding
from lth_tf.experiments.search import Level, MaskSearch, search_levels
from lth_tf.measurements import Evaluate, PruningLosses, PruningRatio, TrainingLosses
from lth_tf.recipes import At, Numbers, Recorded, Weights, require

# The fraction of each level, and on how many examples that rests.
_DECIDED = ("MaskSearch.fraction", "Task.train_evaluated")
_ROUNDING = 1e-9  # of a product of fractions that are left


@dataclass(frozen=True, eq=False, repr=False)
class AdaptiveImp(Rewinding):
    """Prunes at each level as much as leaves the network in a sublevel set of the training loss.

    The ratio is the largest after which the loss on the line from the level's solution to itself
    pruned is below that of the dense network plus the standard deviation of the losses of the
    batches of its last epoch; MaskSearch.fraction if that is larger, or there is none. A row per
    level, and one of what its ratio rests on.

    Attributes:
      to_density: of all prunable weights, the fraction at or below which the search ends; or it
        ends after MaskSearch.levels levels.
      ratios: those that are tried, of the weights that remain.
      alphas: how many evenly spaced points on each line, ends included.
      examples: on how many training examples the loss is measured, the first ones; 0 for all that
        the task evaluates.
      epoch: the steps of an epoch: as many last batches the standard deviation is of.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {"replicates": "shared_noise"}

    to_density: float = 0.1
    ratios: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    alphas: int = 11
    examples: int = 0
    epoch: int = 0

    def check(self) -> None:
        super().check()
        require(0 < self.to_density < 1, self, "to_density", "greater than 0 and less than 1")
        fine = len(self.ratios) > 0 and all(0 < ratio < 1 for ratio in self.ratios)
        rising = list(self.ratios) == sorted(set(self.ratios))
        require(fine and rising, self, "ratios", "rising, each greater than 0 and less than 1")
        require(self.alphas >= 2, self, "alphas", "2 or more")
        require(self.examples >= 0, self, "examples", "0 or more")
        most = self.steps - max(self.rewind_steps)
        require(2 <= self.epoch <= most, self, "epoch", f"from 2 to {most:,}, steps of an epoch")
        require_few_measurements(self, levels=self.search.levels + 1)

    def chains(self) -> Iterable[Chain]:
        return (self._levels(*replicate) for replicate in self.searches())

    def _levels(self, initialization: int, k: int, rewound: Weights, search: MaskSearch) -> Chain:
        setting = (rewound, self.model, self.task, self.hparams, self.steps)
        levels = search_levels(*setting, search, self.slots)
        dense = level = next(levels)
        density, place = 1.0, {"initialization": initialization, "rewind_step": k}
        spread = self._spread(dense)
        while True:
            yield self._request(Evaluate(level.end, self.task), level, search, place)
            if level.number == search.levels or density <= self.to_density * (1 + _ROUNDING):
                return
            if level is dense:
                yield self._request(spread, level, search, place)
            swept = self._swept(level, search)
            found = PruningRatio(swept, self._swept(dense, search), spread)
            yield self._request(found, level, search, place)
            about = f"pruning ratio after level {level.number}, initialization {initialization}"
            fraction: Any = yield self._choice(f"{about}, k = {k:,}", found, search.fraction)
            level, density = levels.send(fraction), density * (1 - fraction)

    def _spread(self, dense: Level) -> TrainingLosses:
        assert isinstance(dense.end, At)
        return TrainingLosses(Recorded(dense.end.run, self.steps), self.epoch)

    def _swept(self, level: Level, search: MaskSearch) -> PruningLosses:
        task: Any = self.task
        if self.examples:  # Runs are of the task as it is.
            task = dataclasses.replace(task, train_evaluated=self.examples)
        how = (search.score, search.scope, search.exclude)
        return PruningLosses(level.end, level.mask, task, self.ratios, self.alphas, *how)

    def _choice(self, about: str, found: PruningRatio, floor: float) -> Choice:
        options = (floor, *(ratio for ratio in self.ratios if ratio > floor))

        def decide(numbers: Sequence[Numbers]) -> float:
            largest = max(float(numbers[0]["largest_ratio"]), floor)
            return options[options.index(largest)]

        # The less is pruned at a time, the more levels there are.
        return Choice(about, (found,), options, decide, floor)

    def _request(
        self, measurement: Any, level: Level, search: MaskSearch, place: dict[str, int]
    ) -> Request:
        labels = {
            **place,
            "network": "adaptive_imp" if level.number else "dense",
            "noise": [search.noise_of(level.number)],
            "level": level.number,
        }
        if level.number == 0 and isinstance(measurement, Evaluate):
            return Request(measurement, level.mask, level.end, labels)
        names = ("alphas", "examples", "epoch")
        settings: dict[str, Any] = {f"AdaptiveImp.{name}": getattr(self, name) for name in names}
        settings |= {"AdaptiveImp.ratios": list(self.ratios), **search.settings_of(level.number)}
        settings |= {"MaskSearch.fraction": search.fraction} if level.number else {}
        # The loss is measured on a task of its own; the examples of that say so.
        settings["Task.train_evaluated"] = getattr(self.task, "train_evaluated", 0)
        about = (measurement, level.mask, level.end, labels)
        return Request(*about, settings=settings, decided=_DECIDED)
