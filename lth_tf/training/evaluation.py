"""Error and loss along a line of networks, all its points compiled into one pass over the data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.data import Task
from lth_tf.data.preprocess import evaluation_inputs, evaluation_labels
from lth_tf.models.network import Network
from lth_tf.state import Arrays, State
from lth_tf.training.feed import Pieces


@dataclass(frozen=True)
class Scores:
    """Error (fraction) and mean cross-entropy (nats) at each point, float64 [points]."""

    error: np.ndarray
    loss: np.ndarray


class Evaluator:
    """Errors and losses of many networks that are mixed from some, such as those along a line.

    The data are read and normalized once a batch for all points; no mixed network is kept, so that
    memory does not grow with their number.

    Args:
      batch_size: images at a time; each view of an image counts.
    """

    def __init__(self, network: Network, task: Task, xla: bool, batch_size: int) -> None:
        self._network, self._task, self._batch = network, task, batch_size
        self._score = tf.function(self._score_combinations, jit_compile=xla)
        self._score_heads = tf.function(self._score_every_head, jit_compile=xla)
        self._moments = tf.function(self._batch_moments, jit_compile=xla)
        self._predict = tf.function(self._predict_batches, jit_compile=xla)

    def line(
        self,
        first: State,
        second: State,
        alphas: np.ndarray,
        examples: Pieces,
        reestimated_on: Pieces | None = None,
    ) -> Scores:
        """Returns the scores of the networks alpha * first + (1 - alpha) * second (lmc section 2).

        Args:
          alphas: float [points]. At 0 and 1 the network is exactly one of the two.
          examples: the examples that the networks are scored on.
          reestimated_on: the examples over whose full batches the batch statistics are averaged,
            which depends on the size of the batches; None to interpolate batch norm's statistics
            like the weights.
        """
        alphas = np.asarray(alphas, np.float32)
        weights = [dict(first.weights), dict(second.weights)]
        shares = np.stack([alphas, 1 - alphas], axis=1)
        ends = [first.statistics, second.statistics]
        moments = {n: np.stack([combined(ends, n, both) for both in shares]) for n in ends[0]}
        if reestimated_on is not None and moments:
            moments = self._reestimated(weights, moments, shares, reestimated_on)
        return self._scores(self._score, (weights, moments, shares, shares), examples)

    def combinations(
        self, states: Sequence[State], kernels: np.ndarray, others: np.ndarray, examples: Pieces
    ) -> Scores:
        """Returns the scores of linear combinations of networks.

        Args:
          kernels: float [points, states], how much of each is in the prunable weights of a point.
          others: float [points, states], how much is in all other weights and in the statistics.
        """
        weights = [dict(state.weights) for state in states]
        statistics = [dict(state.statistics) for state in states]
        shares = np.asarray(kernels, np.float32), np.asarray(others, np.float32)
        return self._scores(self._score, (weights, statistics, *shares), examples)

    def heads(self, state: State, examples: Pieces) -> Scores:
        """Returns the scores of every head of one network, in one pass over the examples."""
        heads = np.arange(self._network.heads)
        networks = (dict(state.weights), dict(state.statistics), heads)
        return self._scores(self._score_heads, networks, examples)

    def _scores(self, score: Callable[..., Any], networks: tuple, examples: Pieces) -> Scores:
        """Returns the scores of networks, the last of which says how many points there are."""
        error, loss = np.zeros(len(networks[-1])), np.zeros(len(networks[-1]))
        for images, labels in examples:
            wrong, losses = score(*networks, images, labels)
            error += wrong.numpy().sum(0, dtype=np.float64)
            loss += losses.numpy().sum(0, dtype=np.float64)
        answers = len(examples) * self._task.views
        return Scores(error / answers, loss / answers)

    def predict(self, state: State, examples: Pieces) -> tuple[np.ndarray, np.ndarray]:
        """Returns the class that one network gives each example, and its loss (nats).

        Returns:
          uint16 and float32 [views * examples]; of a task with several views, all of the first
          view come first.
        """
        weights, statistics = dict(state.weights), dict(state.statistics)
        results: list[list[np.ndarray]] = []
        for images, labels in examples:
            real = np.asarray(labels) >= 0
            parts = self._predict(weights, statistics, images, labels)
            results.append([_joined(part.numpy(), len(real))[:, real] for part in parts])
        classes, losses = (
            np.concatenate(parts, axis=1).ravel() for parts in zip(*results, strict=True)
        )
        return classes.astype(np.uint16), losses

    @property
    def traces(self) -> int:
        """The number of times that the line was traced: once for a number of points and images."""
        return self._score.experimental_get_tracing_count()

    def _reestimated(
        self, weights: list, moments: Arrays, shares: np.ndarray, examples: Pieces
    ) -> dict[str, np.ndarray]:
        totals, count = {name: np.zeros(value.shape) for name, value in moments.items()}, 0
        for images, labels in examples:
            if np.any(np.asarray(labels) < 0):
                continue  # It is not a full batch.
            means = self._moments(weights, moments, shares, images, tf.constant(count))
            batches = images.shape[0] // self._size(images)
            for name, mean in means.items():
                totals[name] += batches * mean.numpy()
            count += batches
        return {name: (total / count).astype(np.float32) for name, total in totals.items()}

    def _size(self, images: Any) -> int:
        """Returns the number of images that are taken at a time."""
        return int(min(-(-self._batch // self._task.views), images.shape[0]))

    def _score_combinations(self, weights, statistics, kernels, others, images, labels):  # type: ignore[no-untyped-def]
        """Returns what `_score_answers` does; statistics are a list by network, or by point."""
        prunable = set(self._network.prunable)

        def logits_at(inputs, a):  # type: ignore[no-untyped-def]
            shares = {name: (kernels if name in prunable else others)[a] for name in weights[0]}
            mixture = {name: combined(weights, name, share) for name, share in shares.items()}
            if isinstance(statistics, Mapping):
                at_point = {name: value[a] for name, value in statistics.items()}
            else:
                at_point = {n: combined(statistics, n, others[a]) for n in statistics[0]}
            return self._network.apply(mixture, at_point, None, inputs, False)[0]

        points = kernels.shape[0]
        return self._score_answers(lambda x: lambda a: logits_at(x, a), points, images, labels)

    def _score_every_head(self, weights, statistics, heads, images, labels):  # type: ignore[no-untyped-def]
        def all_heads(inputs):  # type: ignore[no-untyped-def]
            logits, _ = self._network.all_logits(weights, statistics, None, inputs, False)
            stacked = tf.stack(logits[: self._network.heads])
            return lambda head: stacked[head]

        return self._score_answers(all_heads, heads.shape[0], images, labels)

    def _score_answers(self, logits_of, points, images, labels):  # type: ignore[no-untyped-def]
        """Returns wrong answers and losses, [batches, points].

        Args:
          logits_of: a function from a batch's inputs to a function from a point to its logits.
        """
        size = self._size(images)
        count = -(-images.shape[0] // size)
        wrong = tf.TensorArray(tf.int32, count, element_shape=(points,))
        losses = tf.TensorArray(tf.float32, count, element_shape=(points,))
        for b in tf.range(count):
            inputs, expected, fresh = self._batch_at(b, size, images, labels)
            logits_at = logits_of(inputs)
            batch_wrong = tf.TensorArray(tf.int32, points, element_shape=())
            batch_loss = tf.TensorArray(tf.float32, points, element_shape=())
            for a in tf.range(points):
                logits = logits_at(a)
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(expected, logits)
                miss = tf.argmax(logits, 1, tf.int32) != expected
                batch_wrong = batch_wrong.write(a, tf.reduce_sum(tf.cast(miss & fresh, tf.int32)))
                batch_loss = batch_loss.write(a, tf.reduce_sum(tf.where(fresh, loss, 0.0)))
            wrong = wrong.write(b, batch_wrong.stack())
            losses = losses.write(b, batch_loss.stack())
        return wrong.stack(), losses.stack()

    def _predict_batches(self, weights, statistics, images, labels):  # type: ignore[no-untyped-def]
        size = self._size(images)
        count = -(-images.shape[0] // size)
        shape = (self._task.views, size)
        classes = tf.TensorArray(tf.int32, count, element_shape=shape)
        losses = tf.TensorArray(tf.float32, count, element_shape=shape)
        for b in tf.range(count):
            inputs, expected, _ = self._batch_at(b, size, images, labels)
            logits, _ = self._network.apply(weights, statistics, None, inputs, False)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(expected, logits)
            classes = classes.write(b, tf.reshape(tf.argmax(logits, 1, tf.int32), shape))
            losses = losses.write(b, tf.reshape(loss, shape))
        return classes.stack(), losses.stack()

    @tf.autograph.experimental.do_not_convert
    def _batch_at(self, b, size, images, labels):  # type: ignore[no-untyped-def]
        """Returns inputs and labels of a batch, view by view, and which of them count.

        The last batch is moved back to be full; examples that it shares with the one before are
        not counted twice. Labels of -1 are padding.
        """
        begin = tf.minimum(b * size, images.shape[0] - size)
        own = tf.slice(labels, [begin], [size])
        fresh = tf.tile((tf.range(size) >= b * size - begin) & (own >= 0), [self._task.views])
        batch = tf.slice(images, [begin, 0, 0, 0], [size, -1, -1, -1])
        inputs = evaluation_inputs(self._task, batch)
        return inputs, evaluation_labels(self._task, tf.maximum(own, 0)), fresh

    def _batch_moments(self, weights, statistics, shares, images, first_batch):  # type: ignore[no-untyped-def]
        """Returns the mean of each batch-norm layer's moments over all full batches, by point.

        Layers that draw random numbers do so by the number of the batch, from `first_batch` on.
        """
        size = self._size(images)
        count = images.shape[0] // size
        totals = {name: tf.zeros_like(value) for name, value in statistics.items()}
        for b in tf.range(count):
            batch = tf.slice(images, [b * size, 0, 0, 0], [size, -1, -1, -1])
            inputs = evaluation_inputs(self._task, batch)
            for a in tf.range(shares.shape[0]):
                mixture = {name: combined(weights, name, shares[a]) for name in weights[0]}
                moments = self._network.batch_moments(mixture, inputs, first_batch + b)
                totals = {
                    name: tf.tensor_scatter_nd_add(total, [[a]], moments[name][None] / count)
                    for name, total in totals.items()
                }
        return totals


def combined(terms: list, name: str, shares: Any) -> Any:
    """Returns the weighted sum of the arrays of a name; exactly one of them at shares 0 and 1."""
    total = shares[0] * terms[0][name]
    for i, term in enumerate(terms[1:], start=1):
        total += shares[i] * term[name]
    return total


def _joined(batches: np.ndarray, examples: int) -> np.ndarray:
    """Joins values of batches, [count, views, size], the last moved back to be full: [views, N]."""
    *before, last = batches
    new = examples - len(before) * last.shape[1]
    return np.concatenate([*before, last[:, -new:]], axis=1)
