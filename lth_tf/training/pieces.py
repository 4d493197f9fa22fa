"""Examples to evaluate on, whether they lie in memory or are streamed from disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from lth_tf.data.stream import Stream


class Pieces(Protocol):
    """Examples to evaluate on, some at a time: an iterable, always of the same, and its length.

    Yields images, uint8 [examples, height, width, channels], and labels, int32 [examples]; those of
    label -1 only fill a piece up, and do not count in the length.
    """

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[Any, Any]]: ...


@dataclass(frozen=True)
class WholeSplit:
    """Examples in memory: one piece."""

    images: np.ndarray | tf.Tensor
    labels: np.ndarray | tf.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        yield self.images, self.labels


@dataclass(frozen=True)
class StreamedSplit:
    """The first examples on disk: each piece is one batch, decoded while the last is in use."""

    stream: Stream
    count: int
    batch_size: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self.stream.pieces(self.count, self.batch_size)
