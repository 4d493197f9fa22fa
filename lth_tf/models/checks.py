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
    title = f"model {model.name!r}"
    if isinstance(model, keras.Sequential) and not model.built:
        raise RecipeError(f"{title} has no input shape; start it with keras.Input(shape)")
    if not getattr(model, "inputs", None):
        raise RecipeError(
            f"{title} is a {type(model).__name__}; it must be functional or Sequential"
        )
    shapes = {tuple(output.shape) for output in model.outputs}
    if len(model.inputs) != 1 or len(model.outputs) > max(heads, 2) or len(shapes) != 1:
        raise RecipeError(
            f"{title} must have one input (images) and one output (logits), or a second of the "
            "same shape (those of an auxiliary head)"
        )
    if len(model.outputs) > 1 and isinstance(getattr(model, "_outputs_struct", None), dict):
        raise RecipeError(
            f"{title} has outputs by name, which Keras sorts; it must list them, the logits first"
        )
    _check_input(title, model.inputs[0])
    for output in range(len(model.outputs)):
        last = _last_operation(model, output)
        ends = (last.get_config().get("activation"), type(last).__name__.lower())
        if "softmax" in ends or "sigmoid" in ends:
            raise RecipeError(
                f"{title} ends in probabilities ({last.name!r}); it must return logits"
            )


def _check_input(title: str, images: Any) -> None:
    for kind in ("sparse", "ragged"):
        if getattr(images, kind, False):
            raise RecipeError(f"the input of {title} is {kind}; images are dense")
    if not images.dtype.startswith(("float", "bfloat")):
        raise RecipeError(f"the input of {title} is of {images.dtype}; images are float32")


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


def layer_title(layer: keras.Layer) -> str:
    """Returns how errors name a layer, such as "layer 'dense_1' (Dense)"."""
    return f"layer {layer.name!r} ({type(layer).__name__})"


def check_layer(layer: keras.Layer) -> None:
    """Raises RecipeError if a layer, or one inside it, asks for what training does not support."""
    for part in layer._flatten_layers():
        if part.weights and not part.trainable:
            raise RecipeError(f"{layer_title(part)} is frozen; trainable must be True")
        if getattr(part, "stateful", False):
            raise RecipeError(
                f"{layer_title(part)} is stateful: it would carry one batch's state into the next"
            )
        for attribute, value in vars(part).items():
            name = attribute.lstrip("_")
            if value is not None and name.endswith(("_regularizer", "_constraint")):
                raise _penalty_error(part, name)


def _penalty_error(layer: keras.Layer, penalty: str) -> RecipeError:
    return RecipeError(
        f"{layer_title(layer)} has a {penalty}; weight decay belongs to the hyperparameters"
    )


def check_variables(variables: Iterable[NamedVariable]) -> None:
    """Raises RecipeError if a variable of a wrapped model is not float32, or is penalized."""
    for named in variables:
        variable = named.variable
        if named.kind == "array" and variable.dtype != "float32":
            raise RecipeError(
                f"{layer_title(named.layer)} keeps {named.name!r} in {variable.dtype}; weights and "
                "statistics are float32"
            )
        for penalty in ("regularizer", "constraint"):
            if getattr(variable, penalty, None):
                raise _penalty_error(named.layer, f"{variable.name}_{penalty}")
