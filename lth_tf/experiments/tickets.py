"""Tickets that are trained otherwise than their masks were searched for: labels, axes, checks."""

import dataclasses
from typing import Any

from lth_tf.data import ForgottenSubset, Task
from lth_tf.experiments.requests import require_rewind_steps
from lth_tf.experiments.search import MaskSearch, Setting
from lth_tf.log.fields import Axis
from lth_tf.measurements import Forgetting
from lth_tf.recipes import Init, Ones, Recorded, require, train
from lth_tf.training.hparams import Hparams

AXES = (
    Axis("searched_with", "-", "Optimizer and batch size of the search for the mask."),
    Axis("search_share", "of 1", "Steps of a level of the search, as a share of the ticket's."),
    Axis("examples", "of 1", "Share of the search's training examples that the ticket has."),
)


def setting_in_words(hparams: Hparams) -> str:
    """Returns optimizer and batch size in words: 'momentum 0.9, batch 100', 'adam, batch 60'."""
    momentum = getattr(hparams.optimizer, "momentum", None)
    name = type(hparams.optimizer).__name__.lower()
    optimizer = name if momentum is None else f"{name} {momentum:g}"
    return f"{optimizer}, batch {hparams.batch_size}"


def search_setting(experiment: Any) -> Setting:
    """Returns the task, hparams and steps of the search of an experiment."""
    search: MaskSearch = experiment.search
    return search.trained_with(experiment.task, experiment.hparams, experiment.steps)


def labels_and_axes(experiment: Any) -> tuple[dict[str, Any], dict[str, float | str]]:
    """Returns further labels, and the axes, of rows of tickets.

    There are none where tickets are trained as the search is.
    """
    search = search_setting(experiment)
    if search == (experiment.task, experiment.hparams, experiment.steps):
        return {}, {}
    own, searched = (_fraction(task) for task in (experiment.task, search.task))
    return {"dataset": search.task.title}, {
        "searched_with": setting_in_words(search.hparams),
        "search_share": float(f"{search.steps / experiment.steps:.6g}"),
        "examples": float(f"{own / searched:.6g}"),
    }


def _fraction(task: Any) -> float:
    """Returns the share of its training examples that a task takes."""
    return task.subset.fraction if task.subset else 1.0


def require_one_clock(experiment: Any) -> None:
    """Raises RecipeError unless W_k is within the search, and tickets go on from its clock."""
    search, goes_on = search_setting(experiment), experiment.schedule == "absolute"
    end = min(search.steps, experiment.steps) if goes_on else search.steps
    require_rewind_steps(experiment, end)
    own = (experiment.task, experiment.hparams) == (search.task, search.hparams)
    allowed = "'restarted', as W_k was trained on the clock of a search of other settings"
    fine = own or not goes_on or not max(experiment.rewind_steps)
    require(fine, experiment, "schedule", allowed)


def task_of(experiment: Any, initialization: int) -> Task:
    """Returns the task that tickets of an initialization are trained on.

    Of a ForgottenSubset it has the examples by the forgetting events in the dense run, level 0 of
    the search from W_0.
    """
    task: Task = experiment.task
    if not isinstance(task.subset, ForgottenSubset):
        return task
    counted, hparams, steps = search_setting(experiment)
    start, ones = Init(experiment.model, initialization), Ones(experiment.model)
    run = train(start, ones, counted, hparams, experiment.search.noise_of(0))
    events = Forgetting(Recorded(run, steps))
    return dataclasses.replace(task, subset=task.subset.measured(events))
