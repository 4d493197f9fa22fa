"""Outputs of a network's layers, for probes."""

import functools
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lth_tf.models.blocks import output_of
from lth_tf.models.network import Arrays, Network
from lth_tf.recipes import RecipeError


def features(
    network: Network,
    layers: Sequence[str],
    weights: Arrays,
    statistics: Arrays,
    images: tf.Tensor,
    training: bool = False,
) -> dict[str, Any]:
    """Returns the outputs of layers, as a pure function; later layers are not computed.

    A linear probe after every block (sgd_noise section 5.1; Alain & Bengio 2017) is a dense layer
    on the mean over the pixels of features(network, tuple(network.blocks), ...).

    Args:
      layers: names of outermost layers, such as those of network.blocks. The first output of a
        layer that is called more than once counts.
      weights, statistics, images, training: as Network.all_logits takes them.

    Returns:
      Outputs by name of the layer, in the order asked for, float32, the batch first; a list where
      a layer has several.

    Raises:
      RecipeError: the network has no such layer.
    """
    part, trained, others = _part(network, tuple(layers))
    state = {**statistics, **network.mask_state(None), **network.seed_state(None)}
    outputs, _ = part.stateless_call(
        [weights[name] for name in trained],
        [state[name] for name in others],
        images,
        training=training,
    )
    cast = functools.partial(tf.cast, dtype=tf.float32)
    return {name: tf.nest.map_structure(cast, outputs[name]) for name in layers}


@functools.lru_cache(maxsize=16)
def _part(
    network: Network, layers: tuple[str, ...]
) -> tuple[keras.Model, tuple[str, ...], tuple[str, ...]]:
    """Returns the model up to some layers, and the names of its trained and other variables."""
    if unknown := [name for name in layers if name not in network.layers]:
        allowed = ", ".join(network.blocks or network.layers)
        raise RecipeError(f"the network has no layer {unknown[0]!r}; allowed: {allowed}")
    outputs = {name: output_of(network.layers[name]) for name in layers}
    part = keras.Model(network.model.inputs[0], outputs)
    names = {id(v.variable): name for name, v in network.variables.items()}
    trained = tuple(names[id(v)] for v in part.trainable_variables)
    return part, trained, tuple(names[id(v)] for v in part.non_trainable_variables)
