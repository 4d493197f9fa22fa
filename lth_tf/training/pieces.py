"""Examples to evaluate on, whether they lie in memory or are streamed from disk."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakValueDictionary

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams
from lth_tf.data.stream import Stream

# Streamed images evaluated at a time; they are large. See engine.EVALUATION_BATCH.
STREAMED_BATCH = 250


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
