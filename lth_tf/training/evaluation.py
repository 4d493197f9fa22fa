"""Error and loss along a line of networks, all its points compiled into one pass over the data."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import tensorflow as tf

from lth_tf.data import Task
from lth_tf.data.preprocess import evaluation_inputs, evaluation_labels
from lth_tf.models.network import Network
from lth_tf.training.state import State


@dataclass(frozen=True)
class Scores:
    """Error (fraction) and mean cross-entropy (nats) at each point, float64 [points]."""

    error: np.ndarray
    loss: np.ndarray


class Evaluator:
    """Evaluates alpha * first + (1 - alpha) * second for many alphas.

    The data are read and normalised once per batch for all alphas; no interpolated network is
    kept, so memory does not grow with their number.

    Args:
      batch_size: images at a time, those in other positions counted.
    """

    def __init__(self, network: Network, task: Task, xla: bool, batch_size: int) -> None:
        self._network, self._task, self._batch = network, task, batch_size
        self._score = tf.function(self._score_batches, jit_compile=xla)
        self._moments = tf.function(self._batch_moments, jit_compile=xla)

    def line(
        self,
        first: State,
        second: State,
        alphas: np.ndarray,
        images: np.ndarray | tf.Tensor,
        labels: np.ndarray | tf.Tensor,
        statistics: Literal["interpolate", "reestimate"] = "interpolate",
        training_images: np.ndarray | tf.Tensor | None = None,
    ) -> Scores:
        """Scores of the networks alpha * first + (1 - alpha) * second (lmc section 2).

        Args:
          alphas: float [points]. At 0 and 1 the network is exactly one of the two.
          images: uint8 [examples, height, width, channels]; labels: int32 [examples].
          statistics: how batch-norm statistics between the ends come about: 'interpolate' like
            the weights, or 'reestimate' by averaging them over one pass over `training_images`.
        """
        alphas = np.asarray(alphas, np.float32)
        ends = [[dict(s.weights), dict(s.statistics)] for s in (first, second)]
        kept = _interpolated(ends[0][1], ends[1][1], alphas)
        if statistics == "reestimate" and kept:
            kept = self._reestimated(ends, alphas, training_images, kept)
        wrong, losses = self._score(ends[0][0], ends[1][0], kept, alphas, images, labels)
        answers = len(labels) * self._task.views
        return Scores(
            error=wrong.numpy().sum(0, dtype=np.float64) / answers,
            loss=losses.numpy().sum(0, dtype=np.float64) / answers,
        )

    @property
    def traces(self) -> int:
        """How often the line has been traced: once per number of points and of examples."""
        return self._score.experimental_get_tracing_count()

    def _reestimated(self, ends: list, alphas: np.ndarray, images: object, kept: dict) -> dict:
        moments = self._moments(ends[0][0], ends[1][0], kept, alphas, images)
        return {name: np.asarray(value) for name, value in moments.items()}

    def _score_batches(self, first, second, statistics, alphas, images, labels):  # type: ignore[no-untyped-def]
        examples, views = images.shape[0], self._task.views
        size = min(-(-self._batch // views), examples)
        count = -(-examples // size)
        points = alphas.shape[0]
        wrong = tf.TensorArray(tf.int32, count, element_shape=(points,))
        losses = tf.TensorArray(tf.float32, count, element_shape=(points,))
        for b in tf.range(count):
            # The last batch is moved back to be full; what it shares with the one before is not
            # counted twice.
            begin = tf.minimum(b * size, examples - size)
            fresh = tf.tile(tf.range(size) >= b * size - begin, [views])
            batch = tf.slice(images, [begin, 0, 0, 0], [size, -1, -1, -1])
            inputs = evaluation_inputs(self._task, batch)
            expected = evaluation_labels(self._task, tf.slice(labels, [begin], [size]))
            batch_wrong = tf.TensorArray(tf.int32, points, element_shape=())
            batch_loss = tf.TensorArray(tf.float32, points, element_shape=())
            for a in tf.range(points):
                weights = _mix(first, second, alphas[a])
                here = {name: value[a] for name, value in statistics.items()}
                logits, _ = self._network.apply(weights, here, None, inputs, False)
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(expected, logits)
                miss = tf.argmax(logits, 1, tf.int32) != expected
                batch_wrong = batch_wrong.write(a, tf.reduce_sum(tf.cast(miss & fresh, tf.int32)))
                batch_loss = batch_loss.write(a, tf.reduce_sum(tf.where(fresh, loss, 0.0)))
            wrong = wrong.write(b, batch_wrong.stack())
            losses = losses.write(b, batch_loss.stack())
        return wrong.stack(), losses.stack()

    def _batch_moments(self, first, second, statistics, alphas, images):  # type: ignore[no-untyped-def]
        """The mean over all full batches of each batch-norm layer's batch moments, per alpha."""
        size = min(-(-self._batch // self._task.views), images.shape[0])
        count = images.shape[0] // size
        points = alphas.shape[0]
        totals = {name: tf.zeros_like(value) for name, value in statistics.items()}
        for b in tf.range(count):
            inputs = tf.slice(images, [b * size, 0, 0, 0], [size, -1, -1, -1])
            inputs = evaluation_inputs(self._task, inputs)
            for a in tf.range(points):
                weights = _mix(first, second, alphas[a])
                moments = self._network.batch_moments(weights, inputs)
                totals = {
                    name: tf.tensor_scatter_nd_add(total, [[a]], moments[name][None] / count)
                    for name, total in totals.items()
                }
        return totals


def _mix(first: dict, second: dict, alpha: tf.Tensor) -> dict:
    """alpha * first + (1 - alpha) * second; exactly one of them at 1 and 0."""
    return {name: alpha * first[name] + (1 - alpha) * second[name] for name in first}


def _interpolated(first: dict, second: dict, alphas: np.ndarray) -> dict:
    return {
        name: np.stack(
            [np.float32(a) * first[name] + np.float32(1 - a) * second[name] for a in alphas]
        )
        for name in first
    }
