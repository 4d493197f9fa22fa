"""Plain training: dense networks from several initializations and samples of SGD noise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.experiments.replicates import Replicates, noise_of
from lth_tf.experiments.requests import (
    Experiment,
    Request,
    require_distinct_seeds,
    require_few_measurements,
)
from lth_tf.experiments.search import trunk
from lth_tf.measurements import Evaluate
from lth_tf.recipes import Ones, require


@dataclass(frozen=True, eq=False, repr=False)
class Training(Experiment):
    """Trains dense networks and evaluates them (the accuracy column of lmc table 1).

    Attributes:
      noises: seeds of the SGD noise; each is trained from each initialization.
      evaluate_at: steps to evaluate at besides the last; their states are kept.
      evaluate_every: and at every multiple of this many steps, such as those of an epoch; 0 for
        none.
      replicates: whether all initializations have the same SGD noise, or each its own.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {"replicates": "shared_noise"}

    noises: tuple[int, ...] = (0,)
    evaluate_at: tuple[int, ...] = ()
    evaluate_every: int = 0
    replicates: Replicates = "shared_noise"

    def check(self) -> None:
        super().check()
        require(len(self.noises) > 0, self, "noises", "one seed or more")
        require_distinct_seeds(self, "noises")
        require(self.evaluate_every >= 0, self, "evaluate_every", "0 or more")
        allowed = f"steps from 1 to {self.steps:,}"
        require(all(1 <= s <= self.steps for s in self.evaluate_at), self, "evaluate_at", allowed)
        require_few_measurements(
            self,
            initializations=len(self.initializations),
            noises=len(self.noises),
            steps_to_evaluate_at=len(self.evaluate_at)
            + (self.steps // self.evaluate_every if self.evaluate_every else 1),
        )

    def requests(self) -> Iterator[Request]:
        for initialization in self.initializations:
            for seed in self.noises:
                noise = noise_of(self.replicates, seed, initialization)
                for step in self._steps():
                    end = trunk(self.model, self.task, self.hparams, initialization, noise, step)
                    labels = {
                        "network": "dense",
                        "initialization": initialization,
                        "noise": [noise],
                        "rewind_step": 0,
                        "level": 0,
                    }
                    yield Request(Evaluate(end, self.task), Ones(self.model), end, labels)

    def _steps(self) -> list[int]:
        regular = range(self.evaluate_every, self.steps, self.evaluate_every or self.steps)
        return sorted({*self.evaluate_at, *regular, self.steps} - {0})
