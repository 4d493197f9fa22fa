"""Measurements of a run alone: at its end, of its record, along its way."""

from collections.abc import Callable
from typing import Any, Literal

from lth_tf.measurements import Convergence, Evaluate, EvaluateTest, Forgetting, Measurement
from lth_tf.recipes import Passed, Recipe, Recorded, Train, at, require

OfRun = Literal["error", "forgetting", "convergence"]


def error(run: Train, steps: int, task: Recipe, epoch: int) -> Measurement:
    """Returns the measurement of error and loss at the end."""
    return Evaluate(at(run, steps), task)


def forgetting(run: Train, steps: int, task: Recipe, epoch: int) -> Measurement:
    """Returns the count of how often its examples were forgotten (sgd_noise sec. 3.2)."""
    return Forgetting(Recorded(run, steps))


def convergence(run: Train, steps: int, task: Recipe, epoch: int) -> Measurement:
    """Returns the measurement of its convergence, by the error after epochs (sgd_noise eq. 4)."""
    passed = (Passed(run, step) for step in range(run.first_step + epoch, steps, epoch))
    states = (at(run, run.first_step), *passed, at(run, steps))
    return Convergence(tuple(EvaluateTest(state, task) for state in states))


OF_RUN: dict[OfRun, Callable[[Train, int, Recipe, int], Measurement]] = {
    "error": error,
    "forgetting": forgetting,
    "convergence": convergence,
}


def require_functions(experiment: Any, epoch: int, field: str) -> None:
    """Raises RecipeError unless there are functions, all different, and the epochs they need.

    Args:
      epoch: the steps of an epoch; 0 if they are not known.
      field: of the experiment, which says so.
    """
    functions = experiment.functions
    different = 0 < len(functions) == len(set(functions))
    require(different, experiment, "functions", "different functions, one or more")
    require(epoch >= 0, experiment, field, "0 or more")
    needed = epoch > 0 or "convergence" not in functions
    require(needed, experiment, field, "1 or more, the steps of an epoch, for the convergence")
