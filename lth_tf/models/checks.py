"""Checks that the runs of a Keras model can be repeated; errors are one line, before training."""

from collections.abc import Iterable
from typing import Any

import keras

from lth_tf.models.naming import NamedVariable
from lth_tf.recipes import RecipeError


def check_model(model: keras.Model, heads: int = 1) -> None:
    """Raises RecipeError unless a model is a graph from one input of images to logits.

    A model of one head may have a second output of the same shape, the logits of an auxiliary one.

    Args:
      heads: the number of outputs that are trained and evaluated each for itself.
    """
    what = f"model {model.name!r}"
    if isinstance(model, keras.Sequential) and not model.built:
        raise RecipeError(f"{what} has no input shape; start it with keras.Input(shape)")
    if not getattr(model, "inputs", None):
        raise RecipeError(
            f"{what} is a {type(model).__name__}; it must be functional or Sequential"
        )
    shapes = [tuple(output.shape) for output in model.outputs]
    if len(model.inputs) != 1 or len(shapes) > max(heads, 2) or len(set(shapes)) != 1:
        raise RecipeError(
            f"{what} must have one input (images) and one output (logits), or a second of the same "
            "shape (those of an auxiliary head)"
        )
    _check_input(what, model.inputs[0])
    for output in range(len(shapes)):
        last = _last_operation(model, output)
        ends = (last.get_config().get("activation"), type(last).__name__.lower())
        if "softmax" in ends or "sigmoid" in ends:
            raise RecipeError(
                f"{what} ends in probabilities ({last.name!r}); it must return logits"
            )


def _check_input(what: str, images: Any) -> None:
    for kind in ("sparse", "ragged"):
        if getattr(images, kind, False):
            raise RecipeError(f"the input of {what} is {kind}; images are dense")
    if not images.dtype.startswith(("float", "bfloat")):
        raise RecipeError(f"the input of {what} is of {images.dtype}; images are float32")


def check_logits(model: keras.Model) -> None:
    """Raises RecipeError unless a model's outputs are [batch, classes]."""
    shape = tuple(model.outputs[0].shape)
    if len(shape) != 2 or shape[1] is None:
        raise RecipeError(
            f"model {model.name!r} returns logits of shape {shape}; it must be (None, classes): "
            "flatten or pool the axes between"
        )


def _last_operation(model: keras.Model, output: int) -> Any:
    last, _, index = model.outputs[output]._keras_history
    return _last_operation(last, index) if isinstance(last, keras.Model) else last


def check_layer(layer: keras.Layer) -> None:
    """Raises RecipeError if a layer, or one inside it, asks for what training does not support."""
    for part in layer._flatten_layers():
        _check_part(part)


def _check_part(layer: keras.Layer) -> None:
    what = f"layer {layer.name!r} ({type(layer).__name__})"
    if layer.weights and not layer.trainable:
        raise RecipeError(f"{what} is frozen; trainable must be True")
    if getattr(layer, "stateful", False):
        raise RecipeError(f"{what} is stateful: it would carry one batch's state into the next")
    ends = ("_regularizer", "_constraint")
    attributes = ((n.lstrip("_"), value) for n, value in vars(layer).items())
    _refuse_penalty(what, [n for n, value in attributes if value is not None and n.endswith(ends)])


def _refuse_penalty(what: str, found: list[str]) -> None:
    if found:
        raise RecipeError(f"{what} has a {found[0]}; weight decay belongs to the hyperparameters")


def check_variables(variables: Iterable[NamedVariable]) -> None:
    """Raises RecipeError if a variable of a wrapped model is not float32, or is penalized."""
    for found in variables:
        what = f"layer {found.layer.name!r} ({type(found.layer).__name__})"
        if found.kind == "array" and found.variable.dtype != "float32":
            raise RecipeError(
                f"{what} keeps {found.name!r} in {found.variable.dtype}; weights and statistics "
                "are float32"
            )
        ends = ("regularizer", "constraint")
        own = found.variable.name
        _refuse_penalty(what, [f"{own}_{e}" for e in ends if getattr(found.variable, e, None)])
