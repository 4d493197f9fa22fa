"""Plain training: dense networks from several initializations and samples of SGD noise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.experiments.experiment import Experiment, Request
from lth_tf.experiments.mask_search import Replicates, replicate_noise
from lth_tf.experiments.search import labels_of
from lth_tf.measurements import Convergence, Evaluate, EvaluateTest, Forgetting, Measurement
from lth_tf.recipes import At, Init, Ones, Passed, Recipe, Recorded, Train, at, require, train
from lth_tf.recipes.fields import Natural, Seeds

OfRun = Literal["error", "forgetting", "convergence"]


@dataclass(frozen=True, eq=False, repr=False)
class Training(Experiment):
    """Trains dense networks and evaluates them (the accuracy column of lmc table 1).

    Attributes:
      noises: seeds of the SGD noise; each is trained from each initialization.
      evaluate_at: steps to evaluate at besides the last; their states are kept.
      evaluate_every: they are evaluated at every multiple of this many steps, too, such as the
        steps of an epoch; 0 for none.
      replicates: whether all initializations have the same SGD noise, or each its own.
      functions: the measurements of each run: its 'error' at these steps; the 'forgetting' of its
        training examples; its 'convergence' by the error after every epoch.
      epoch: the steps of an epoch, for the convergence. The states after epochs are not kept.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {
        "replicates": "shared_noise",
        "functions": ("error",),
        "epoch": 0,
    }

    noises: Seeds = (0,)
    evaluate_at: tuple[int, ...] = ()
    evaluate_every: Natural = 0
    replicates: Replicates = "shared_noise"
    functions: tuple[OfRun, ...] = ("error",)
    epoch: Natural = 0

    def check(self) -> None:
        super().check()
        require(len(self.noises) > 0, self, "noises", "one seed or more")
        require_functions(self)
        allowed = f"steps from 1 to {self.steps:,}"
        require(all(1 <= s <= self.steps for s in self.evaluate_at), self, "evaluate_at", allowed)
        regular = self.steps // self.evaluate_every if self.evaluate_every else 1
        steps = len(self.evaluate_at) + regular
        self.require_few_measurements(noises=len(self.noises), steps_to_evaluate_at=steps)

    def requests(self) -> Iterator[Request]:
        ones = Ones(self.model)
        for initialization in self.initializations:
            for seed in self.noises:
                noise = replicate_noise(self.replicates, seed, initialization)
                run = train(Init(self.model, initialization), ones, self.task, self.hparams, noise)
                labels = labels_of(run, "dense", 0)
                for function in self.functions:
                    for step in self._steps() if function == "error" else [self.steps]:
                        measured = measurement_of(function, run, step, self.task, self.epoch)
                        yield Request(measured, ones, At(run, step), labels)

    def _steps(self) -> list[int]:
        """Returns the steps to evaluate at, rising."""
        regular = range(self.evaluate_every, self.steps, self.evaluate_every or self.steps)
        return sorted({*self.evaluate_at, *regular, self.steps} - {0})


def measurement_of(function: OfRun, run: Train, step: int, task: Recipe, epoch: int) -> Measurement:
    """Returns the measurement of a run up to a step.

    Args:
      function: 'error', error and loss at the step; 'forgetting', how often its examples were
        forgotten (sgd_noise sec. 3.2); 'convergence', by the error after epochs (eq. 4).
      task: the task that it is evaluated on.
      epoch: the steps of an epoch, for the convergence.
    """
    if function == "error":
        return Evaluate(at(run, step), task)
    if function == "forgetting":
        return Forgetting(Recorded(run, step))
    passed = (Passed(run, t) for t in range(run.first_step + epoch, step, epoch))
    states = (at(run, run.first_step), *passed, at(run, step))
    return Convergence(tuple(EvaluateTest(state, task) for state in states))


def require_functions(experiment: Any) -> None:
    """Raises RecipeError unless there are functions, all different, and the epochs they need."""
    experiment.require_different("functions", experiment.functions, "functions")
    known = experiment.epoch > 0 or "convergence" not in experiment.functions
    require(known, experiment, "epoch", "1 or more, the steps of an epoch, for the convergence")
