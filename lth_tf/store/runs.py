"""What can be said of a run from its recipe alone."""

from typing import Any

from lth_tf.recipes import At, Dense, Init, Model, Prune, Train, Weights, step_of


def initial(recipe: Weights | Train) -> Init:
    """The initial weights that some weights or a run go back to."""
    while not isinstance(recipe, Init):
        recipe = recipe.run if isinstance(recipe, At) else recipe.start  # type: ignore[union-attr]
    return recipe


def model_of(recipe: Weights | Train) -> Model:
    """The model that some weights or a run are of."""
    return initial(recipe).model


def program_key(run: Train) -> str:
    """What the speed of a run depends on: model, task, hyperparameters, dense or sparse."""
    kind = "dense" if isinstance(run.mask, Dense) else "sparse"
    return "-".join((model_of(run).short_key, run.task.short_key, run.hparams.short_key, kind))


def level_of(mask: Any) -> int:
    """How many times a mask was pruned."""
    level = 0
    while not isinstance(mask, Dense):
        level += isinstance(mask, Prune)
        mask = mask.mask
    return level


def describe(run: Train) -> str:
    """One readable line about a run."""
    start, level = run.start, level_of(run.mask)
    origin = f"initialization {start.seed}" if isinstance(start, Init) else ""
    if isinstance(start, At):
        origin = f"step {step_of(start):,} of run {start.run.short_key}"
    pruned = f"{type(run.mask).__name__.lower()} mask of level {level}" if level else "dense"
    return f"run {run.short_key} from {origin}, {pruned}, noise {run.noise}"
