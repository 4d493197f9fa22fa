"""IMP whose pruning ratio every level decides by the training loss (unmasking section 2.2)."""

import dataclasses
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.experiments.choices import Chain, Choice
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.search import Level
from lth_tf.experiments.tickets import Rewinding
from lth_tf.measurements import Evaluate, Measurement, PruningLosses, PruningRatio, TrainingLosses
from lth_tf.measurements.pruning_ratio import require_ratios
from lth_tf.recipes import Natural, Numbers, Recorded, require

# The fraction of each level, and on how many examples that rests.
_DECIDED = ("MaskSearch.fraction", "Task.train_evaluated")
_ROUNDING = 1e-9  # of a product of fractions that are left


@dataclass(frozen=True, eq=False, repr=False)
class AdaptiveImp(Rewinding):
    """Prunes at each level as much as leaves the network in a sublevel set of the training loss.

    The ratio is the largest after which the loss on the line from the level's solution to itself
    pruned is below that of the dense network plus the standard deviation of the losses of the
    batches of its last epoch; MaskSearch.fraction if that is larger, or there is none. A row per
    level, and one of the losses that its ratio rests on.

    Attributes:
      to_density: the fraction at or below which the search ends, of the weights that it may prune:
        those outside MaskSearch.exclude. Else it ends after MaskSearch.levels levels.
      ratios: the fractions that are tried, of the weights that remain.
      alphas: how many evenly spaced points on each line, ends included.
      examples: on how many training examples the loss is measured, the first ones; 0 for all that
        the task evaluates.
      epoch: the steps of an epoch, the number of batches that the standard deviation is of.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {"replicates": "shared_noise"}

    to_density: float = 0.1
    ratios: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    alphas: int = 11
    examples: Natural = 0
    epoch: int = 0

    def check(self) -> None:
        super().check()
        require(0 < self.to_density < 1, self, "to_density", "greater than 0 and less than 1")
        require_ratios(self)
        require(self.alphas >= 2, self, "alphas", "2 or more")
        # The line ends at the trained network under the mask that its score gives it.
        allowed = "a search by a score of trained networks, such as 'magnitude'"
        require(not self.search.score.BEFORE_TRAINING, self, "search", allowed)
        most = self.steps - max(self.rewind_steps)
        require(2 <= self.epoch <= most, self, "epoch", f"from 2 to {most:,}, steps of an epoch")
        self.require_few_measurements(levels=self.search.levels + 1)

    def chains(self) -> Iterable[Chain]:
        return map(self._chain, self.searches())

    def _chain(self, levels: Generator[Level, float | None, None]) -> Chain:
        """Yields the requests of the levels of a search, and the choice of each one's ratio."""
        dense = level = next(levels)
        density, floor = 1.0, self.search.fraction
        spread = TrainingLosses(Recorded(dense.end.run, self.steps), self.epoch)
        while True:
            yield self._request(Evaluate(level.end, self.task), level)
            if level.number == self.search.levels or density <= self.to_density * (1 + _ROUNDING):
                return
            if level is dense:
                yield self._request(spread, level)
            ratio = PruningRatio(self._losses(level), self._losses(dense), spread)
            yield self._request(ratio, level)
            options = (floor, *(option for option in self.ratios if option > floor))
            place = "initialization {initialization}, k = {rewind_step:,}".format(**level.labels)
            about = f"pruning ratio after level {level.number}, {place}"
            # The less is pruned at a time, the more levels there are.
            fraction: Any = yield Choice(about, (ratio,), options, self._decide, floor)
            level, density = levels.send(fraction), density * (1 - fraction)

    def _losses(self, level: Level) -> PruningLosses:
        """Returns the measurement of the losses of a level that is pruned by each ratio."""
        task: Any = self.task
        if self.examples:  # Runs are of the task as it is.
            task = dataclasses.replace(task, train_evaluated=self.examples)
        how = (self.search.score, self.search.scope, self.search.exclude)
        return PruningLosses(level.end, level.mask, task, self.ratios, self.alphas, *how)

    def _decide(self, numbers: Sequence[Numbers]) -> float:
        """Returns the largest ratio that a PruningRatio found, at least the search's fraction."""
        return max(float(numbers[0]["largest_ratio"]), self.search.fraction)

    def _request(self, measurement: Measurement, level: Level) -> Request:
        """Returns the request of a row of a level."""
        labels = level.labels
        if level.number:
            labels["network"] = "adaptive_imp"
        elif isinstance(measurement, Evaluate):
            return Request(measurement, level.mask, level.end, labels)
        names = ("alphas", "examples", "epoch")
        settings: dict[str, Any] = {f"AdaptiveImp.{name}": getattr(self, name) for name in names}
        settings |= {"AdaptiveImp.ratios": list(self.ratios), **level.settings}
        settings |= {"MaskSearch.fraction": self.search.fraction} if level.number else {}
        # The loss is measured on a task of its own; the examples of that say so.
        settings["Task.train_evaluated"] = getattr(self.task, "train_evaluated", 0)
        end = (level.mask, level.end)
        return Request(measurement, *end, labels, settings=settings, decided=_DECIDED)
