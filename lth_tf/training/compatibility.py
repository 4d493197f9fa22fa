"""Checks that a network, its hyperparameters and its data fit together, before anything runs."""

from typing import Any

from lth_tf.data import Facts, Task
from lth_tf.recipes import RecipeError


def check_compatible(model: Any, hparams: Any, facts: Facts, task: Task) -> None:
    """Raises RecipeError if the images or the loss are not the model's, or a batch too large.

    A network may have more outputs than the dataset has classes, but not one for turns: it would
    be somebody's forgotten default.
    """
    name, dataset = type(model).__name__, task.dataset
    if tuple(model.image_shape) != facts.image_shape:
        raise RecipeError(
            f"{name}.image_shape is {tuple(model.image_shape)}; the images of {dataset!r} are "
            f"{facts.image_shape}"
        )
    if model.classes < facts.classes:
        raise RecipeError(
            f"{name}.classes is {model.classes}; {task.title!r} has {facts.classes} classes"
        )
    if task.rotation and model.classes != facts.classes:
        raise RecipeError(
            f"{name}.classes is {model.classes}; it must be {facts.classes} with Task.rotation, "
            "one for each quarter turn"
        )
    if hparams.auxiliary_weight and not model.has_auxiliary_head:
        raise RecipeError(
            f"Hparams.auxiliary_weight is {hparams.auxiliary_weight}; it must be 0, as {name} has "
            "no auxiliary head"
        )
    if hparams.batch_size > facts.train_examples:
        raise RecipeError(
            f"Hparams.batch_size is {hparams.batch_size}; it must be at most "
            f"{facts.train_examples:,}, the training examples of {task.title!r}"
        )
