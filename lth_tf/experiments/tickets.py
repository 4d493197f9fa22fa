"""Tickets that are trained otherwise than their masks were searched for: labels, axes, checks."""

import dataclasses
from typing import Any

from lth_tf.data import ForgottenSubset, Task
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
    found: Setting = experiment.search.trained_with(
        experiment.task, experiment.hparams, experiment.steps
    )
    return found


def labels(experiment: Any) -> dict[str, Any]:
    """Returns labels of rows of tickets: the dataset of their search, where it differs."""
    if not _searched_elsewhere(experiment):
        return {}
    return {"dataset": search_setting(experiment).task.title}


def axes(experiment: Any) -> dict[str, float | str]:
    """Returns the axes of rows of tickets; none where the search is trained as they are."""
    if not _searched_elsewhere(experiment):
        return {}
    search = search_setting(experiment)
    own = experiment.task.subset.fraction if experiment.task.subset else 1.0
    whole = search.task.subset.fraction if search.task.subset else 1.0
    return {
        "searched_with": setting_in_words(search.hparams),
        "search_share": float(f"{search.steps / experiment.steps:.6g}"),
        "examples": float(f"{own / whole:.6g}"),
    }


def _searched_elsewhere(experiment: Any) -> bool:
    return search_setting(experiment) != (experiment.task, experiment.hparams, experiment.steps)


def require_one_clock(experiment: Any) -> None:
    """Raises RecipeError unless W_k is within the search, and tickets go on from its clock."""
    search, steps = search_setting(experiment), experiment.rewind_steps
    goes_on = experiment.schedule == "absolute"
    last = min(search.steps, experiment.steps) if goes_on else search.steps
    fine = len(steps) > 0 and all(0 <= k < last for k in steps) and len({*steps}) == len(steps)
    allowed = f"different steps from 0 to {last - 1:,}, before the end of training"
    require(fine, experiment, "rewind_steps", allowed)
    own = (experiment.task, experiment.hparams) == (search.task, search.hparams)
    if max(steps) and goes_on:
        allowed = "'restarted', as W_k was trained on the clock of a search of other settings"
        require(own, experiment, "schedule", allowed)


def require_countable(experiment: Any) -> None:
    """Raises RecipeError unless a search has the runs whose forgetting a subset counts."""
    subset = getattr(experiment.task, "subset", None)
    search = getattr(experiment, "search", None)
    if isinstance(subset, ForgottenSubset):
        counted = isinstance(search, MaskSearch) and search.task is not None
        allowed = "another subset, unless MaskSearch.task is what its examples are counted on"
        require(counted, experiment.task, "subset", allowed)


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
