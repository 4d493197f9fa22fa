"""From any functional or Sequential Keras model to the same model with masks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from lth_tf.models.convolution import adapted
from lth_tf.models.layers import MASKABLE, BatchNorm, Masked
from lth_tf.recipes import RecipeError


@dataclass(frozen=True, eq=False)
class NamedVariable:
    """A variable of a wrapped model, its name ('block/dense_1/kernel') and its layer."""

    name: str
    variable: keras.Variable
    layer: keras.Layer
    is_mask: bool


def mask_wrapped(
    model: keras.Model, dtype_policy: str = "float32", norm_groups: int = 1
) -> keras.Model:
    """Returns a new model, the same but for its masks: every kernel layer becomes Masked.

    Layers keep their names; nested models are wrapped too. keras.layers.BatchNormalization over
    the last axis becomes the fused BatchNorm, with the variance that Keras keeps, so that it
    computes the same up to rounding. Weights are not copied.

    Args:
      dtype_policy: Keras' dtype policy of every layer; weights are float32 in any case.
      norm_groups: in how many groups every BatchNorm normalises a batch.

    Raises:
      RecipeError: the model is neither functional nor Sequential, was not built, has more than
        one input, has outputs beside logits and those of an auxiliary head, ends in a softmax or
        sigmoid, or has a layer that cannot be masked, is frozen, is regularised, or draws its own
        random numbers.
    """
    _check_model(model)

    def clone(layer: Any) -> Any:
        return _clone(layer, dtype_policy, norm_groups)

    return keras.models.clone_model(model, clone_function=clone, recursive=True)


def _clone(layer: Any, dtype_policy: str, norm_groups: int) -> Any:
    if not isinstance(layer, keras.Layer):  # an operation such as x + y
        return type(layer).from_config(layer.get_config())
    image_shape = layer.input.shape[1:] if isinstance(layer, (Masked, keras.layers.Conv2D)) else ()
    layer = layer.layer if isinstance(layer, Masked) else layer
    _check_layer(layer)
    config = layer.get_config() | {"dtype": dtype_policy}
    if isinstance(layer, MASKABLE):
        own = adapted(layer, image_shape).from_config(config)
        return Masked(own, name=layer.name, dtype=dtype_policy)
    if _fusible(layer):
        kept = ("name", "dtype", "momentum", "epsilon", "gamma_initializer", "beta_initializer")
        fields = {field: config[field] for field in kept}
        return BatchNorm(unbiased=False, groups=norm_groups, **fields)
    if isinstance(layer, BatchNorm):
        config["groups"] = norm_groups
    try:
        return type(layer).from_config(config)
    except (TypeError, ValueError, NotImplementedError) as error:
        what, reason = f"layer {layer.name!r} ({type(layer).__name__})", str(error).splitlines()[0]
        raise RecipeError(f"{what} cannot be made from its configuration: {reason}") from error


def _fusible(layer: keras.Layer) -> bool:
    """Whether BatchNorm(unbiased=False) computes what this layer does."""
    if type(layer) is not keras.layers.BatchNormalization:
        return False
    started = (layer.moving_mean_initializer, layer.moving_variance_initializer)
    return (
        layer.scale
        and layer.center
        and layer.axis in (-1, layer.input_spec.ndim - 1)
        and [type(i).__name__ for i in started] == ["Zeros", "Ones"]
        and not (layer.synchronized or layer.renorm)
    )


def _check_model(model: keras.Model) -> None:
    what = f"model {model.name!r}"
    if isinstance(model, keras.Sequential) and not model.built:
        raise RecipeError(f"{what} has no input shape; start it with keras.Input(shape)")
    if not getattr(model, "inputs", None):
        raise RecipeError(
            f"{what} is a {type(model).__name__}; it must be functional or Sequential"
        )
    shapes = [tuple(output.shape) for output in model.outputs]
    if len(model.inputs) != 1 or shapes[1:] not in ([], shapes[:1]):
        raise RecipeError(
            f"{what} must have one input (images) and one output (logits), or a second of the same "
            "shape (those of an auxiliary head)"
        )
    for output in range(len(shapes)):
        last = _last_operation(model, output)
        ends = (last.get_config().get("activation"), type(last).__name__.lower())
        if "softmax" in ends or "sigmoid" in ends:
            raise RecipeError(
                f"{what} ends in probabilities ({last.name!r}); it must return logits"
            )


def _last_operation(model: keras.Model, output: int) -> Any:
    last, _, index = model.outputs[output]._keras_history
    return _last_operation(last, index) if isinstance(last, keras.Model) else last


def head_layer(model: keras.Model) -> keras.Layer:
    """Returns the last layer with weights before the logits, such as a Dense; never its wrapper."""
    last = _last_operation(model, 0)
    while not getattr(last, "weights", None):  # pooling, flattening and the like
        last = last.input._keras_history.operation
        if isinstance(last, keras.Model):
            last = head_layer(last)
    return last.layer if isinstance(last, Masked) else last


def _check_layer(layer: keras.Layer) -> None:
    """Raises RecipeError if training could not honour what the layer asks for."""
    what = f"layer {layer.name!r} ({type(layer).__name__})"
    if isinstance(layer, keras.Model):
        raise RecipeError(f"{what} is a subclassed model; it must be functional or Sequential")
    if layer.weights and not layer.trainable:
        raise RecipeError(f"{what} is frozen; trainable must be True")
    if len(layer.variables) > len(layer.weights):
        raise RecipeError(f"{what} draws random numbers of its own, so no run could be repeated")
    for field, value in layer.get_config().items():
        if value is not None and field.endswith(("_regularizer", "_constraint")):
            raise RecipeError(f"{what} has a {field}; weight decay belongs to the hyperparameters")
    matrices = [w.name for w in layer.weights if sum(size > 1 for size in w.shape) > 1]
    if matrices and not isinstance(layer, MASKABLE):
        allowed = ", ".join(kind.__name__ for kind in MASKABLE)
        raise RecipeError(f"{what} has {matrices[0]!r}, which cannot be masked; allowed: {allowed}")


def named_variables(model: keras.Model, prefix: str = "") -> Iterator[NamedVariable]:
    """Yields the variables of a wrapped model; names depend on its layers' names alone."""
    for layer in model.layers:
        path = f"{prefix}{layer.name}/"
        if isinstance(layer, keras.Model):
            yield from named_variables(layer, path)
            continue
        owner = layer.layer if isinstance(layer, Masked) else layer
        mask = getattr(layer, "mask", None) if isinstance(layer, Masked) else None
        for variable in layer.weights:
            yield NamedVariable(path + variable.name, variable, owner, variable is mask)


def mask_name(kernel: str) -> str:
    """Name of the mask that belongs to a kernel: 'dense_1/kernel' -> 'dense_1/mask'."""
    return kernel.removesuffix("kernel") + "mask"


def initializer_of(named: NamedVariable) -> dict[str, Any]:
    """Returns the configuration of a variable's initializer, as its layer was given it.

    Raises:
      RecipeError: the layer's configuration does not say.
    """
    own = named.variable.name
    field = f"{own}_initializer"
    if "Depthwise" in type(named.layer).__name__ and own == "kernel":
        field = "depthwise_initializer"
    initializer = getattr(named.layer, field, None)
    if initializer is None:
        raise RecipeError(f"layer {named.layer.name!r} does not say how its {own!r} is initialised")
    return keras.initializers.serialize(initializer)
