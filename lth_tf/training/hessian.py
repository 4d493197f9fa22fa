"""Products of the Hessian of the training loss with vectors, over fixed examples."""

import math
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams, Task
from lth_tf.data.preprocess import evaluation_inputs, evaluation_labels
from lth_tf.models.network import Network
from lth_tf.recipes import RecipeError
from lth_tf.state import Arrays, State, apply_mask


class Hessian:
    """H of the mean cross-entropy over fixed examples at fixed weights, and the gradient there.

    Batch norm is in training mode, as moving statistics say nothing in the first steps; there is
    no augmentation, no weight decay, no label smoothing. The network is in float32, and so are the
    derivatives of a batch; sums over batches are float64. Vectors are float64, with the weights in
    the order of the network.

    Args:
      mask: pruned weights are no coordinates, and zero in every vector.
      count: the number of examples: the first of the training split, in memory, each in the
        positions in which the task evaluates it.
      batch: the number of examples at a time; the last are left out if they do not fill a batch,
        unless there is no other.

    Attributes:
      kept: 1 where a coordinate is a weight that remains, 0 where it is pruned.
      size: the length of a vector.
    """

    def __init__(
        self,
        network: Network,
        task: Task,
        examples: Examples | Streams,
        state: State,
        mask: Arrays,
        count: int,
        batch: int,
    ) -> None:
        if not isinstance(examples, Examples):
            raise RecipeError("Curvature.task has images that are streamed; they must be in memory")
        if network.seed_names:
            names = ", ".join(network.seed_names)
            raise RecipeError(f"Curvature: no Hessian of a network that draws at random ({names})")
        self._network, self._task = network, task
        images, labels = examples.train_images[:count], examples.train_labels[:count]
        size = min(batch, len(images))
        starts = range(0, len(images) - size + 1, size)
        self._batches = [(images[i : i + size], labels[i : i + size]) for i in starts]
        weights = apply_mask(state.weights, mask)
        self._weights = {n: tf.constant(weights[n]) for n in network.weight_names}
        self._statistics = {n: tf.constant(state.statistics[n]) for n in network.statistic_names}
        ones = {n: np.ones(network.shapes[n], np.float64) for n in network.weight_names}
        self.kept = self._flat({**ones, **mask})
        self.size = self.kept.size

    def gradient(self) -> np.ndarray:
        """Returns the gradient of the mean loss over all examples."""
        return self._mean(_COMPILED_GRADIENT)

    def product(self, vector: np.ndarray) -> np.ndarray:
        """Returns H v."""
        shapes = [self._network.shapes[name] for name in self._network.weight_names]
        parts = np.split(vector * self.kept, np.cumsum([math.prod(shape) for shape in shapes])[:-1])
        by_name = {
            name: tf.constant(part.reshape(shape), tf.float32)
            for name, part, shape in zip(self._network.weight_names, parts, shapes, strict=True)
        }
        return self._mean(_COMPILED_PRODUCT, by_name)

    def _mean(self, function: Any, *vector: dict[str, tf.Tensor]) -> np.ndarray:
        total = np.zeros(self.size)
        for images, labels in self._batches:
            batch = (tf.constant(images), tf.constant(labels))
            at = (self._network, self._task, self._weights, self._statistics, *batch)
            derivatives = function(*at, *vector)
            total += self._flat({name: value.numpy() for name, value in derivatives.items()})
        return total * self.kept / len(self._batches)

    def _flat(self, arrays: Arrays) -> np.ndarray:
        names = self._network.weight_names
        return np.concatenate([arrays[n].astype(np.float64).ravel() for n in names])


def _gradient(network, task, weights, statistics, images, labels):  # type: ignore[no-untyped-def]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(weights)
        inputs = evaluation_inputs(task, images)
        logits, _ = network.apply(weights, statistics, None, inputs, True)
        expected = tf.one_hot(evaluation_labels(task, labels), logits.shape[-1])
        losses = tf.nn.softmax_cross_entropy_with_logits(expected, logits)
        loss = tf.reduce_mean(losses)
    return tape.gradient(loss, weights, unconnected_gradients="zero")


def _product(network, task, weights, statistics, images, labels, vector):  # type: ignore[no-untyped-def]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(weights)
        gradient = _gradient(network, task, weights, statistics, images, labels)
        slope = tf.add_n([tf.reduce_sum(gradient[n] * v) for n, v in vector.items()])
    return tape.gradient(slope, weights, unconnected_gradients="zero")


_COMPILED_GRADIENT, _COMPILED_PRODUCT = tf.function(_gradient), tf.function(_product)
