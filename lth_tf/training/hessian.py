"""Products of the Hessian of the training loss with vectors, over fixed examples."""

from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Task
from lth_tf.data.preprocess import evaluation_inputs, evaluation_labels
from lth_tf.models.network import Network
from lth_tf.recipes import RecipeError
from lth_tf.state import Arrays, State, apply_mask


class Hessian:
    """H of the mean cross-entropy with regard to all trained weights, and the gradient.

    Batch norm is in training mode, as moving statistics say nothing in the first steps; there is
    no augmentation, no weight decay, no label smoothing. All of it is float32, sums over batches
    float64. Vectors are float64, with the weights in the order of the network.

    Args:
      network: in float32, without random layers.
      task: what the examples are of.
      examples: its images, in memory.
      state: the weights.
      mask: what remains; the rest is no coordinate, and zero in every vector.
      count: how many examples: the first of the training split, each in the positions in which the
        task evaluates it.
      batch: how many at a time; what does not fill a batch is left out, but of the only one.

    Attributes:
      kept: 1 where a coordinate is a weight that remains, 0 where it is pruned.
      size: entries of a vector.
    """

    def __init__(
        self,
        network: Network,
        task: Task,
        examples: Examples,
        state: State,
        mask: Arrays,
        count: int,
        batch: int,
    ) -> None:
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
        self.kept = _flat({**ones, **mask}, network)
        self.size = self.kept.size
        self._first, self._second = tf.function(self._gradient), tf.function(self._product)

    def gradient(self) -> np.ndarray:
        """Returns the gradient of the mean loss over all examples."""
        return self._mean(self._first)

    def product(self, vector: np.ndarray) -> np.ndarray:
        """Returns H v."""
        parts, first = {}, 0
        for name in self._network.weight_names:
            shape = self._network.shapes[name]
            last = first + int(np.prod(shape))
            parts[name] = tf.constant((vector * self.kept)[first:last].reshape(shape), tf.float32)
            first = last
        return self._mean(self._second, parts)

    def _mean(self, function: Any, *arguments: Any) -> np.ndarray:
        found = np.zeros(self.size)
        for images, labels in self._batches:
            derivatives = function(tf.constant(images), tf.constant(labels), *arguments)
            found += _flat({n: each.numpy() for n, each in derivatives.items()}, self._network)
        return found * self.kept / len(self._batches)

    def _loss(self, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        inputs = evaluation_inputs(self._task, images)
        passed = (self._weights, self._statistics, None, inputs, True)
        logits, _ = self._network.apply(*passed)
        expected = tf.one_hot(evaluation_labels(self._task, labels), logits.shape[-1])
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(expected, logits))

    def _gradient(self, images: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._weights)
            loss = self._loss(images, labels)
        return _slopes(tape, loss, self._weights)

    def _product(
        self, images: tf.Tensor, labels: tf.Tensor, vector: dict[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._weights)
            gradient = self._gradient(images, labels)
            slope = tf.add_n([tf.reduce_sum(gradient[n] * v) for n, v in vector.items()])
        return _slopes(tape, slope, self._weights)


def _slopes(tape: tf.GradientTape, of: tf.Tensor, weights: Any) -> dict[str, tf.Tensor]:
    """Derivatives by every weight, zero where there is no dependence."""
    zero = tf.UnconnectedGradients.ZERO
    found: dict[str, tf.Tensor] = tape.gradient(of, weights, unconnected_gradients=zero)
    return found


def _flat(arrays: Arrays, network: Network) -> np.ndarray:
    return np.concatenate([arrays[n].astype(np.float64).ravel() for n in network.weight_names])
