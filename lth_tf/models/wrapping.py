"""Wrapping: any functional or Sequential Keras model as the same model with masks; and back."""

import contextlib
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from lth_tf.models.checks import check_layer, check_model, layer_title
from lth_tf.models.convolution import adapted
from lth_tf.models.layers import MASKABLE, BatchNorm, Masked, PaddedShortcut
from lth_tf.models.naming import make_scope_names, named_variables
from lth_tf.models.reviving import one_line, own_classes, revived, transformed
from lth_tf.recipes import Model, RecipeError

# Fields that Keras' batch norm and ours share.
_NORM = ("name", "dtype", "momentum", "epsilon", "gamma_initializer", "beta_initializer")


def mask_wrapped(
    model: keras.Model, dtype_policy: str = "float32", norm_groups: int = 1, heads: int = 1
) -> keras.Model:
    """Returns a new model, the same but for its masks: every layer of MASKABLE becomes Masked.

    Layers keep their names; nested models are wrapped too. keras.layers.BatchNormalization over
    the last axis becomes the fused BatchNorm, with the variance that Keras keeps, so that it
    computes the same up to rounding. Other layers, and those inside them, are as they were: their
    kernels have masks too, but not in the model (see Network). Weights are not copied.

    Args:
      dtype_policy: Keras' dtype policy of every layer; weights are float32 in any case.
      norm_groups: in how many groups every BatchNorm normalizes a batch.
      heads: as for check_model.

    Raises:
      RecipeError: the model or a layer cannot be trained, or not be made from its configuration.
    """
    check_model(model, heads)
    clone = functools.partial(_clone, dtype_policy=dtype_policy, norm_groups=norm_groups)
    with _global_policy(dtype_policy):
        return keras.models.clone_model(model, clone_function=clone, recursive=True)


@contextlib.contextmanager
def _global_policy(dtype_policy: str) -> Iterator[None]:
    """Sets Keras' dtype policy meanwhile, for layers that a user's own layer makes itself."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype_policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _clone(layer: Any, dtype_policy: str, norm_groups: int) -> Any:
    if not isinstance(layer, keras.Layer):  # an operation such as x + y
        return type(layer).from_config(layer.get_config())
    image_shape = layer.input.shape[1:] if isinstance(layer, (Masked, keras.layers.Conv2D)) else ()
    layer = layer.layer if isinstance(layer, Masked) else layer
    check_layer(layer)
    try:
        with own_classes(layer.get_config()):
            return _masked(layer, image_shape, dtype_policy, norm_groups)
    except RecipeError:
        raise
    except (TypeError, ValueError, NotImplementedError) as error:
        raise RecipeError(
            f"{layer_title(layer)} cannot be made from its configuration: {one_line(error)}"
        ) from error


def _masked(
    layer: keras.Layer, image_shape: tuple[int | None, ...], dtype_policy: str, norm_groups: int
) -> keras.Layer:
    """Returns a new layer like one, Masked if it can be, from its configuration."""
    config = layer.get_config() | {"name": layer.name, "dtype": dtype_policy}
    if isinstance(layer, MASKABLE):
        wrapped = adapted(layer, image_shape).from_config(config)
        return Masked(wrapped, name=layer.name, dtype=dtype_policy)
    if _fusible(layer):
        fields = {name: config[name] for name in _NORM}
        return BatchNorm(unbiased=False, groups=norm_groups, **fields)
    if isinstance(layer, BatchNorm):
        config["groups"] = norm_groups
    return revived(type(layer), _computing_in(config, dtype_policy))


def _computing_in(config: Any, dtype_policy: str) -> Any:
    """Returns a configuration with the dtype policy of the layers inside it changed."""

    def changed(value: dict[str, Any]) -> dict[str, Any]:
        inner = value.get("config")
        if "class_name" in value and isinstance(inner, dict) and "dtype" in inner:
            return value | {"config": inner | {"dtype": dtype_policy}}
        return value

    return transformed(config, changed)


def _fusible(layer: keras.Layer) -> bool:
    """Returns whether BatchNorm(unbiased=False) computes the same as this layer."""
    if type(layer) is not keras.layers.BatchNormalization:
        return False
    starts = (layer.moving_mean_initializer, layer.moving_variance_initializer)
    return (
        layer.scale
        and layer.center
        and layer.axis in (-1, layer.input_spec.ndim - 1)
        and [type(start).__name__ for start in starts] == ["Zeros", "Ones"]
        and not (layer.synchronized or layer.renorm)
    )


def plain_model(
    recipe: Model, arrays: Mapping[str, np.ndarray], dtype_policy: str = "float32"
) -> keras.Model:
    """Returns a Keras model from inputs, normalized as in training, to logits.

    It holds Keras' own layers, and those of a user's own, so that its `.keras` file can be loaded
    without this package. An auxiliary head is left out.

    Args:
      arrays: weights and statistics by the names of lth_tf.models.network, zero where pruned.
      dtype_policy: Keras' name of the precision that it computes in.
    """
    with _global_policy(dtype_policy):
        clone = functools.partial(_plain, dtype_policy=dtype_policy)
        built = recipe.build()
        model = keras.models.clone_model(built, clone_function=clone, recursive=True)
        if len(model.outputs) > recipe.heads:
            model = keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    for variable in named_variables(model):
        if variable.kind == "array":
            variable.variable.assign(arrays[variable.name])
    make_scope_names(model)
    return model


def _plain(layer: Any, dtype_policy: str) -> Any:
    """Returns a new layer that computes the same, Keras' own in the place of this package's."""
    if not isinstance(layer, keras.Layer):  # an operation such as x + y
        return type(layer).from_config(layer.get_config())
    layer = layer.layer if isinstance(layer, Masked) else layer
    config = layer.get_config() | {"name": layer.name, "dtype": dtype_policy}
    if isinstance(layer, BatchNorm):
        fields = {name: config[name] for name in (*_NORM, "scale")}
        return keras.layers.BatchNormalization(**fields)
    if isinstance(layer, PaddedShortcut):
        added = layer.channels - layer.input.shape[-1]
        skip = keras.layers.AveragePooling2D(1, layer.stride, data_format="channels_last")
        # Taken for channels, height, width, an image's last axes are its columns and channels.
        pad = keras.layers.ZeroPadding2D(((0, 0), (0, added)), data_format="channels_first")
        return keras.Sequential([keras.Input(layer.input.shape[1:]), skip, pad], name=layer.name)
    with own_classes(config):
        return revived(type(layer), _computing_in(config, dtype_policy))
