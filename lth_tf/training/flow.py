"""Synaptic flow: the sum of outputs of a network with absolute values for weights."""

from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.models.network import Network
from lth_tf.state import Arrays, State, apply_mask


def synaptic_flow(network: Network, state: State, mask: Arrays) -> dict[str, np.ndarray]:
    """Returns dR/d|w| of every prunable kernel, float32, where pruned weights are zero.

    R is the sum of the logits of an image of ones, all weights and batch norm's moving statistics
    replaced by their absolute values (Tanaka et al. 2020, arXiv 2006.05467, algorithm 1, and the
    authors' code). All numbers, the network's too, are float32.
    """
    weights = apply_mask(state.weights, mask)
    absolute = (
        {name: tf.constant(np.abs(array)) for name, array in arrays.items()}
        for arrays in (weights, state.statistics)
    )
    return {name: slope.numpy() for name, slope in _slopes(network, *absolute).items()}


@tf.function
def _slopes(network: Network, weights: Any, statistics: Any) -> dict[str, tf.Tensor]:
    kernels = {name: weights[name] for name in network.prunable}
    image = tf.ones((1, *network.model.input_shape[1:]))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(kernels)
        logits, _ = network.apply(weights, statistics, None, image, False)
        flow = tf.reduce_sum(logits)
    slopes: dict[str, tf.Tensor] = tape.gradient(flow, kernels, unconnected_gradients="zero")
    return slopes
