"""Plain training: dense networks from several initializations and samples of SGD noise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.experiments.of_runs import OF_RUN, OfRun, require_functions
from lth_tf.experiments.replicates import Replicates, replicate_noise
from lth_tf.experiments.requests import (
    Experiment,
    Request,
    require_distinct_seeds,
    require_few_measurements,
)
from lth_tf.measurements import Measurement
from lth_tf.recipes import At, Init, Ones, Train, Weights, require, train


@dataclass(frozen=True, eq=False, repr=False)
class Training(Experiment):
    """Trains dense networks and evaluates them (the accuracy column of lmc table 1).

    Attributes:
      noises: seeds of the SGD noise; each is trained from each initialization.
      evaluate_at: steps to evaluate at besides the last; their states are kept.
      evaluate_every: and at every multiple of this many steps, such as those of an epoch; 0 for
        none.
      replicates: whether all initializations have the same SGD noise, or each its own.
      functions: what is measured of each run: its 'error' at these steps; the 'forgetting' of its
        training examples; its 'convergence' by the error after every epoch.
      epoch: the steps of an epoch, for the convergence. The states after epochs are not kept.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {
        "replicates": "shared_noise",
        "functions": ("error",),
        "epoch": 0,
    }

    noises: tuple[int, ...] = (0,)
    evaluate_at: tuple[int, ...] = ()
    evaluate_every: int = 0
    replicates: Replicates = "shared_noise"
    functions: tuple[OfRun, ...] = ("error",)
    epoch: int = 0

    def check(self) -> None:
        super().check()
        require(len(self.noises) > 0, self, "noises", "one seed or more")
        require_distinct_seeds(self, "noises")
        require_functions(self, self.epoch, "epoch")
        allowed = f"steps from 1 to {self.steps:,}"
        require(all(1 <= s <= self.steps for s in self.evaluate_at), self, "evaluate_at", allowed)
        require_few_measurements(
            self,
            noises=len(self.noises),
            steps_to_evaluate_at=len(self.evaluate_at)
            + (self.steps // self.evaluate_every if self.evaluate_every else 1),
        )

    def requests(self) -> Iterator[Request]:
        for initialization in self.initializations:
            for seed in self.noises:
                noise = replicate_noise(self.replicates, seed, initialization)
                start, ones = Init(self.model, initialization), Ones(self.model)
                run = train(start, ones, self.task, self.hparams, noise)
                for measured, end in self._measured(run):
                    labels = {
                        "network": "dense",
                        "initialization": initialization,
                        "noise": [noise],
                        "rewind_step": 0,
                        "level": 0,
                    }
                    yield Request(measured, ones, end, labels)

    def _measured(self, run: Train) -> Iterator[tuple[Measurement, Weights]]:
        """Yields the measurements of a run, each with the state that it is about."""
        for function in self.functions:
            for step in self._steps() if function == "error" else [self.steps]:
                measured = OF_RUN[function](run, step, self.task, self.epoch)
                yield measured, At(run, step)

    def _steps(self) -> list[int]:
        regular = range(self.evaluate_every, self.steps, self.evaluate_every or self.steps)
        return sorted({*self.evaluate_at, *regular, self.steps} - {0})
