"""Measurements of a run alone: at a step, of its record, along its way."""

from typing import Any, Literal

from lth_tf.measurements import Convergence, Evaluate, EvaluateTest, Forgetting, Measurement
from lth_tf.recipes import Passed, Recipe, Recorded, Train, at, require

OfRun = Literal["error", "forgetting", "convergence"]


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
    epoch = experiment.epoch
    require(epoch >= 0, experiment, "epoch", "0 or more")
    known = epoch > 0 or "convergence" not in experiment.functions
    require(known, experiment, "epoch", "1 or more, the steps of an epoch, for the convergence")
