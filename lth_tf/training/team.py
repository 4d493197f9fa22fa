"""A team of processes: the chief decides and broadcasts, the others do the same.

Only the chief knows the store. The others get the state that training starts from, and then the
numbers of steps to take.
"""

import contextlib
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.errors import UserError

# 16-bit numbers sent at a time. As float32 they, and their sums with zeros, are exact on every
# device and with every implementation of a sum over workers.
PIECE = 2**22

_LOST = (
    *(tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError),
    *(tf.errors.DeadlineExceededError, tf.errors.InternalError, tf.errors.FailedPreconditionError),
)


class Team:
    """The processes of a strategy: usually this one alone."""

    def __init__(self, strategy: tf.distribute.Strategy) -> None:
        self.is_alone = not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)
        self._strategy = strategy
        signature = [tf.TensorSpec([None], tf.float32)]
        self._sum = tf.function(self._sum_over_workers, signature, autograph=False)

    def broadcast(self, message: Any) -> None:
        """Sends every other process an object; for the chief to call. It raises as `together`."""
        if not self.is_alone:
            data = pickle.dumps(message)
            numbers = np.frombuffer(data + b"\0" * (len(data) % 2), np.uint16)
            with self.together():
                self._exchange(np.array([len(numbers)], np.uint64).view(np.uint16))
                self._exchange(numbers)

    def receive(self) -> Any:
        """Returns the object that the chief broadcasts next; for the others to call."""
        with self.together():
            (length,) = self._exchange(np.zeros(4, np.uint16)).view(np.uint64)
            return pickle.loads(self._exchange(np.zeros(int(length), np.uint16)).tobytes())

    def leave(self) -> None:
        """Waits until every process calls this: one that ends earlier may fail the last sum."""
        if not self.is_alone:
            with contextlib.suppress(*_LOST):
                self._exchange(np.zeros(1, np.uint16))

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Raises UserError if a process is lost in this context, in which all work together."""
        try:
            yield
        except _LOST as error:
            if self.is_alone:
                raise
            raise UserError(
                "another worker is gone, so that this one ends too: start all of them again, the "
                f"same command goes on from the last checkpoint ({type(error).__name__})"
            ) from error

    def _exchange(self, own: np.ndarray) -> np.ndarray:
        """Returns the sum over all processes of their numbers, uint16 of the same length."""
        pieces = [own[i : i + PIECE] for i in range(0, len(own), PIECE)]
        sums = [self._sum(tf.constant(piece.astype(np.float32))).numpy() for piece in pieces]
        return np.concatenate(sums).astype(np.uint16)

    def _sum_over_workers(self, numbers: tf.Tensor) -> tf.Tensor:
        def first_replicas(numbers: tf.Tensor) -> tf.Tensor:
            context = tf.distribute.get_replica_context()
            # A worker gives its numbers once, however many devices it has.
            local_replicas = len(self._strategy.extended.worker_devices)
            first = tf.equal(context.replica_id_in_sync_group % local_replicas, 0)
            own = tf.where(first, numbers, tf.zeros_like(numbers))
            return context.all_reduce(tf.distribute.ReduceOp.SUM, own)

        summed = self._strategy.run(first_replicas, (numbers,))
        return self._strategy.experimental_local_results(summed)[0]
