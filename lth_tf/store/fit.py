"""Whether a network, its hyperparameters and its data fit together, told before anything runs."""

from typing import Any

from lth_tf.data import Facts
from lth_tf.recipes import RecipeError


def check_fit(model: Any, hparams: Any, facts: Facts, dataset: str) -> None:
    """Raises RecipeError if the images or the loss are not the model's, or a batch too large."""
    name = type(model).__name__
    if tuple(model.image_shape) != facts.image_shape:
        raise RecipeError(
            f"{name}.image_shape is {tuple(model.image_shape)}; the images of {dataset!r} are "
            f"{facts.image_shape}"
        )
    if model.classes < facts.classes:
        raise RecipeError(
            f"{name}.classes is {model.classes}; {dataset!r} has {facts.classes} classes"
        )
    if hparams.auxiliary_weight and not model.has_auxiliary_head:
        raise RecipeError(
            f"Hparams.auxiliary_weight is {hparams.auxiliary_weight}; it must be 0, as {name} has "
            "no auxiliary head"
        )
    if hparams.batch_size > facts.train_examples:
        raise RecipeError(
            f"Hparams.batch_size is {hparams.batch_size}; it must be at most "
            f"{facts.train_examples:,}, the training examples of {dataset!r}"
        )
