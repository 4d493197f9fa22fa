"""Examples on their way to the device: to train on, in feeds, and to evaluate on, in pieces.

The compiled loop of training gathers each step's batch from some images by index. Resident images
are all there are; streamed ones are those of the steps that one call takes, decoded meanwhile.
"""

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakValueDictionary

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams
from lth_tf.data.stream import Pending, Stream
from lth_tf.training.batches import CAPACITY, Batches

# Streamed images evaluated at a time; they are large. See engine.EVALUATION_BATCH.
STREAMED_BATCH = 250
# Images that are held for one call, in bytes. That much is there twice: on the device, and where
# the next call's are decoded meanwhile; for a moment a third time, on its way to the device.
STREAMED_BYTES = 2**28

Supply = tuple[Any, Any, np.ndarray]
# The identity of a step's images: their indices, and the crops taken of them.
Step = tuple[bytes, bytes]


@dataclass(frozen=True)
class WholeSplit:
    """Examples in memory, or in the memory of every replica: one piece."""

    images: Any
    labels: Any

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        yield self.images, self.labels


_PLACED: WeakValueDictionary[tuple, WholeSplit] = WeakValueDictionary()


def placed(
    examples: Examples,
    split: Literal["train", "test"],
    strategy: tf.distribute.Strategy | None = None,
) -> WholeSplit:
    """Returns a split in the memory of the device: one copy, as long as anything uses it.

    Each replica of a strategy gets one; the strategy is None where there is one device.
    """
    key = (examples, split, strategy)
    if (on_device := _PLACED.get(key)) is None:
        arrays = getattr(examples, f"{split}_images"), getattr(examples, f"{split}_labels")
        copies = (on_replicas(itertools.repeat(array), strategy) for array in arrays)
        on_device = _PLACED[key] = WholeSplit(*copies)
    return on_device


def on_replicas(arrays: Iterator[np.ndarray], strategy: tf.distribute.Strategy | None) -> Any:
    """Puts the next array on the device, or one on each of a strategy's replicas."""
    if not strategy:
        return tf.constant(next(arrays))
    place = strategy.experimental_distribute_values_from_function
    return place(lambda _: tf.constant(next(arrays)))


@dataclass(frozen=True)
class StreamedSplit:
    """The first examples on disk; each piece is one batch, decoded while the last is in use."""

    stream: Stream
    count: int
    batch_size: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self.stream.pieces(self.count, self.batch_size)


# Examples to evaluate on, always the same ones; the length is their number. An iteration yields
# images, uint8 [examples, height, width, channels], and labels, int32 [examples]; those of label -1
# are padding, and do not count in the length.
Pieces = WholeSplit | StreamedSplit


def evaluated_splits(examples: Examples | Streams, first: int) -> dict[str, Pieces]:
    """Returns both splits as they are evaluated: of the training examples, the first (0: all)."""
    if isinstance(examples, Examples):
        train = placed(examples, "train")
        if 0 < first < len(train):
            train = WholeSplit(train.images[:first], train.labels[:first])
        return {"train": train, "test": placed(examples, "test")}
    count = min(first or len(examples.train), len(examples.train))
    return {
        "train": StreamedSplit(examples.train, count, STREAMED_BATCH),
        "test": StreamedSplit(examples.test, len(examples.test), STREAMED_BATCH),
    }


class ResidentFeed:
    """A feed whose examples all lie on the device, or on every replica's, from the start.

    Attributes:
      examples: the number of examples.
      capacity: the number of steps that one call of the compiled loop can take.
    """

    capacity = CAPACITY

    def __init__(self, examples: Examples, strategy: tf.distribute.Strategy | None) -> None:
        self.examples = len(examples.train_labels)
        self._split = placed(examples, "train", strategy)
        self.images, self.labels = self._split.images, self._split.labels

    def supply(self, batches: Batches) -> Supply:
        """Returns images, labels and each step's places among them, int32 [steps, batch]."""
        return self.images, self.labels, batches.indices

    def expect(self, ahead: Callable[[], Batches]) -> None:
        """Prepares the batches that `ahead` returns, which come next: all examples are ready."""


class StreamedFeed:
    """A feed that reads and decodes examples for the steps of a call, and ahead for the next.

    A process decodes only the examples of its own replicas. The steps that are being decoded are a
    queue, in a ring buffer of as many as a call can take. The whole ring goes to the device; the
    rows say which of its steps a call takes. The others stay for the next call. Arguments,
    attributes and methods are those of ResidentFeed.
    """

    def __init__(
        self, streams: Streams, batch_size: int, strategy: tf.distribute.Strategy | None
    ) -> None:
        self._stream, self._strategy = streams.train, strategy
        self.examples = len(streams.train)
        replicas = strategy.num_replicas_in_sync if strategy else 1
        step_bytes = batch_size * int(np.prod(self._stream.image_shape))
        self.capacity = int(np.clip(STREAMED_BYTES // step_bytes, 1, CAPACITY))
        share = batch_size // replicas
        # The places of a batch that each replica of this process takes.
        first = np.array(_local_replicas(strategy))[:, None] * share
        self._places = first + np.arange(share)
        # Every replica has its own share of all steps, and finds a step's at the same rows of it.
        rows = np.arange(self.capacity * share, dtype=np.int32).reshape(self.capacity, share)
        self._rows = np.tile(rows, (1, replicas))
        self._coming: deque[tuple[Step, Pending]] = deque()
        self._ring: tuple[np.ndarray, np.ndarray] | None = None
        self._head = 0  # where in the ring the first step of the queue is

    def supply(self, batches: Batches) -> Supply:
        self._begin(batches)
        taken = (self._head + np.arange(len(batches))) % self.capacity
        try:
            for _ in taken:
                self._coming.popleft()[1].result()
        except BaseException:  # Ctrl-C, too: the process would wait for what is left to decode
            self._forget(0)
            raise
        self._head = (self._head + len(batches)) % self.capacity
        images, labels = map(self._place, self._room())
        return images, labels, self._rows[taken]

    def expect(self, ahead: Callable[[], Batches]) -> None:
        """Begins to decode the batches that come next; with none, frees the ring's memory."""
        self._begin(ahead())
        if not self._coming:
            self._ring = None

    def _room(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns the ring: images and labels of [steps, replicas, share], allocated if needed."""
        if self._ring is None:
            shape = (self.capacity, *self._places.shape)
            images = np.zeros((*shape, *self._stream.image_shape), np.uint8)
            self._ring = images, np.zeros(shape, np.int32)
        return self._ring

    def _begin(self, batches: Batches) -> None:
        """Puts these steps at the head of the queue; drops those of another run there."""
        places, images, labels = self._places.ravel(), *self._room()
        for i, (indices, crops) in enumerate(zip(batches.indices, batches.crops, strict=True)):
            step = indices.tobytes(), crops.tobytes()
            if i < len(self._coming) and self._coming[i][0] != step:
                self._forget(i)
            if i == len(self._coming):
                slot = (self._head + i) % self.capacity
                flat = images[slot].reshape(-1, *self._stream.image_shape)
                room = Pending(flat, labels[slot].ravel())
                drawn = crops[places] if len(crops) else None
                self._coming.append((step, self._stream.decode(indices[places], drawn, room)))

    def _forget(self, kept: int) -> None:
        """Drops all but the first steps of the queue."""
        while len(self._coming) > kept:
            self._coming.pop()[1].cancel()

    def _place(self, ring: np.ndarray) -> Any:
        """Puts each replica's share of the ring, end to end, on its device."""
        shares = (share.reshape(-1, *share.shape[2:]) for share in ring.swapaxes(0, 1))
        return on_replicas(shares, self._strategy)


def open_feed(
    examples: Examples | Streams, batch_size: int, strategy: tf.distribute.Strategy | None
) -> ResidentFeed | StreamedFeed:
    """Returns the feed of a task's examples; the strategy is None where there is one device."""
    if isinstance(examples, Examples):
        return ResidentFeed(examples, strategy)
    return StreamedFeed(examples, batch_size, strategy)


def _local_replicas(strategy: tf.distribute.Strategy | None) -> list[int]:
    """Returns the numbers of this process's replicas among all."""
    numbers: list[int] = []

    def note(context: Any) -> tf.Tensor:
        numbers.append(context.replica_id_in_sync_group)
        return tf.constant(0)

    if strategy:
        strategy.experimental_distribute_values_from_function(note)
    return numbers or [0]
