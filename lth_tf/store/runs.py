"""What can be said of a run from its recipe alone."""

from typing import Any

from lth_tf.recipes import (
    At,
    Dense,
    Evaluate,
    Init,
    Interpolate,
    Model,
    Predict,
    Prune,
    Train,
    Weights,
    step_of,
)


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


def about(measurement: Evaluate | Interpolate | Predict) -> str:
    """One readable line about what is being measured."""
    if isinstance(measurement, Interpolate):
        ends = f"{_describe_weights(measurement.first)} to {measurement.second.short_key}"
        return f"evaluating {measurement.alphas} networks on the line from {ends}"
    return f"evaluating {_describe_weights(measurement.weights)}"


def _describe_weights(weights: Weights) -> str:
    if isinstance(weights, At):
        return f"step {weights.step:,} of {describe(weights.run)}"
    return f"initialization {weights.seed}"  # type: ignore[attr-defined]
