"""How examples come to the compiled steps: from the device's memory, or decoded while it computes.

The compiled loop is the same for both: it gathers each step's batch from some images by index.
Resident images are all there are; streamed ones are those of the steps that one call takes.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams
from lth_tf.data.stream import Pending
from lth_tf.training.batches import CAPACITY, Batches

# Images that are held for one call, in bytes; twice that much, as the next call's are decoded.
STREAMED_BYTES = 2**28

Supply = tuple[Any, Any, np.ndarray]


class Feed(Protocol):
    """Where training examples come from.

    Attributes:
      examples: how many there are.
      capacity: steps that one call of the compiled loop can take.
    """

    examples: int
    capacity: int

    def supply(self, batches: Batches) -> Supply:
        """Images and labels on the devices, and where each step's are: int32 [steps, batch]."""

    def expect(self, ahead: Callable[[], Batches]) -> None:
        """Told how to find out what will be supplied next, to have it ready."""


class ResidentFeed:
    """All examples lie on the device, or on every replica's, from the start.

    Args:
      place: puts an array there.
    """

    capacity = CAPACITY

    def __init__(self, examples: Examples, place: Callable[[np.ndarray], Any]) -> None:
        self.examples = len(examples.train_labels)
        self.images, self.labels = place(examples.train_images), place(examples.train_labels)

    def supply(self, batches: Batches) -> Supply:
        return self.images, self.labels, batches.indices

    def expect(self, ahead: Callable[[], Batches]) -> None:
        """Nothing to do."""


class StreamedFeed:
    """Examples are read from disk and decoded for the steps of a call, and ahead for the next.

    A process decodes only what its own replicas train on.

    Args:
      strategy: None where there is one device.
    """

    def __init__(
        self, streams: Streams, batch_size: int, strategy: tf.distribute.Strategy | None
    ) -> None:
        self._stream, self._strategy = streams.train, strategy
        self.examples = len(streams.train)
        replicas = strategy.num_replicas_in_sync if strategy else 1
        self._share = batch_size // replicas
        step_bytes = batch_size * int(np.prod(self._stream.image_shape))
        self.capacity = int(np.clip(STREAMED_BYTES // step_bytes, 1, CAPACITY))
        # Which places of a batch each replica of this process takes.
        here = np.array(_local_replicas(strategy))[:, None]
        self._places = here * self._share + np.arange(self._share)
        # Every replica has its own share of all steps, and finds a step's at the same rows of it.
        rows = np.arange(self.capacity * self._share, dtype=np.int32)
        self._rows = np.tile(rows.reshape(self.capacity, self._share), (1, replicas))
        self._coming: dict[tuple[bytes, bytes], Pending] = {}

    def supply(self, batches: Batches) -> Supply:
        decoding = self._decode(batches)
        self._forget()
        replicas = len(self._places)
        labels = np.zeros((replicas, self.capacity, self._share), np.int32)
        images = np.zeros((*labels.shape, *self._stream.image_shape), np.uint8)
        try:
            for i, step in enumerate(decoding):
                found = step.result()
                images[:, i] = found[0].reshape(images[:, i].shape)
                labels[:, i] = found[1].reshape(labels[:, i].shape)
        except BaseException:  # Ctrl-C, too: the process would wait for what is left to decode
            for step in decoding:
                step.cancel()
            raise
        placed = self._place(images), self._place(labels)
        return *placed, self._rows[: len(batches)]

    def expect(self, ahead: Callable[[], Batches]) -> None:
        batches = ahead()
        self._coming = dict(zip(_steps(batches), self._decode(batches), strict=True))

    def _decode(self, batches: Batches) -> list[Pending]:
        """For each step what this process needs of it: as expected, or begun now."""
        places, drawn = self._places.ravel(), batches.crops.shape[1]
        found = []
        for i, step in enumerate(_steps(batches)):
            if step in self._coming:
                found.append(self._coming.pop(step))
            else:
                crops = batches.crops[i, places] if drawn else None
                found.append(self._stream.decode(batches.indices[i, places], crops))
        return found

    def _forget(self) -> None:
        """Gives up what was expected and is not wanted."""
        for pending in self._coming.values():
            pending.cancel()
        self._coming = {}

    def _place(self, shares: np.ndarray) -> Any:
        """Each replica's share of all steps, end to end, on its device."""
        flat = iter(shares.reshape(len(shares), -1, *shares.shape[3:]))
        if not self._strategy:
            return tf.constant(next(flat))
        place = self._strategy.experimental_distribute_values_from_function
        return place(lambda context: tf.constant(next(flat)))


def _local_replicas(strategy: tf.distribute.Strategy | None) -> list[int]:
    """The numbers of this process's replicas among all."""
    found: list[int] = []

    def note(context: Any) -> tf.Tensor:
        found.append(context.replica_id_in_sync_group)
        return tf.constant(0)

    if strategy:
        strategy.experimental_distribute_values_from_function(note)
    return found or [0]


def _steps(batches: Batches) -> list[tuple[bytes, bytes]]:
    """What tells each step's images from all others': which, and what part of them."""
    rows = zip(batches.indices, batches.crops, strict=True)
    return [(indices.tobytes(), crops.tobytes()) for indices, crops in rows]
