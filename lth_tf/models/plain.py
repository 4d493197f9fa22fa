"""From a recipe's model and trained weights to a plain Keras model, without masks and wrappers."""

import functools
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from lth_tf.models.layers import BatchNorm, Masked, PaddedShortcut
from lth_tf.models.naming import make_scope_names, named_variables
from lth_tf.models.reviving import own_classes, revived
from lth_tf.models.wrapping import computing_in, global_policy
from lth_tf.recipes import Model

_NORM = ("name", "momentum", "epsilon", "scale", "gamma_initializer", "beta_initializer")


def plain_model(
    recipe: Model, arrays: Mapping[str, np.ndarray], dtype_policy: str = "float32"
) -> keras.Model:
    """Returns a Keras model from inputs, normalized as in training, to logits.

    It holds Keras' own layers, and those of a user's own, so that its `.keras` file can be loaded
    without this package. An auxiliary head is left out.

    Args:
      arrays: weights and statistics by the names of lth_tf.models.Network, zero where pruned.
      dtype_policy: Keras' name of the precision that it computes in.
    """
    with global_policy(dtype_policy):
        clone = functools.partial(_plain, dtype_policy=dtype_policy)
        built = recipe.build()
        model = keras.models.clone_model(built, clone_function=clone, recursive=True)
        if len(model.outputs) > 1:
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
        kept = {name: config[name] for name in _NORM}
        return keras.layers.BatchNormalization(dtype=dtype_policy, **kept)
    if isinstance(layer, PaddedShortcut):
        added = layer.channels - layer.input.shape[-1]
        skip = keras.layers.AveragePooling2D(1, layer.stride)
        # Taken for channels, height, width, an image's last axes are its columns and channels.
        pad = keras.layers.ZeroPadding2D(((0, 0), (0, added)), data_format="channels_first")
        return keras.Sequential([keras.Input(layer.input.shape[1:]), skip, pad], name=layer.name)
    with own_classes(config):
        return revived(type(layer), computing_in(config, dtype_policy))
