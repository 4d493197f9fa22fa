"""Streams of images, read from disk and decoded as they are needed, in any order, on many threads.

A dataset whose images vary in size, as ImageNet's, does not fit in memory as arrays. It is
prepared as ArrayRecord files, in which every record can be reached by its number: training goes on
from any step without reading the examples before.
"""

import os
import resource
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf.data import crops
from lth_tf.data.builders import DataError, reason
from lth_tf.data.images import resized
from lth_tf.data.task import Task


@dataclass(eq=False)
class Pending:
    """Images that are being decoded, uint8 [examples, size, size, 3], and labels, int32."""

    images: np.ndarray
    labels: np.ndarray
    _futures: list[Future] = field(default_factory=list)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Waits for all; returns images and labels.

        Raises:
          DataError: one of them cannot be decoded.
        """
        try:
            for future in self._futures:
                future.result()
        except BaseException:
            self.cancel()
            raise
        return self.images, self.labels

    def cancel(self) -> None:
        """Cancels the work that has not begun, and waits for the rest: nothing is filled then."""
        wait([future for future in self._futures if not future.cancel()])


class Stream:
    """One split of a dataset on disk, its images in the size that the task asks for.

    Args:
      builder: TFDS builder of a dataset that is prepared as ArrayRecord files.
      split: TFDS split, such as 'train[:90%]'.
      threads: the number of images decoded at once, an attribute, too; None for as many as this
        process should. It changes no number.
    """

    def __init__(self, task: Task, builder: Any, split: str, threads: int | None = None) -> None:
        import tensorflow_datasets as tfds

        self._task, self._split = task, split
        decoders = {"image": tfds.decode.SkipDecoding()}
        self._source = builder.as_data_source(split=split, decoders=decoders)
        self._files = builder.info.splits[split].file_instructions
        _allow_open_files()
        self.threads = threads or _threads()
        self._pool = ThreadPoolExecutor(self.threads, "decode")

    def __len__(self) -> int:
        return len(self._source)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a decoded image."""
        return self._task.image_size, self._task.image_size, 3

    def decode(
        self, indices: np.ndarray, draws: np.ndarray | None = None, room: Pending | None = None
    ) -> Pending:
        """Begins to decode examples, which are counted in the order of the files.

        Args:
          draws: float64 [examples, NUMBERS], from `crops.crop_draws`; None for central crops.
          room: the arrays to fill; None for new ones.
        """
        shape = (len(indices), *self.image_shape)
        pending = room or Pending(np.empty(shape, np.uint8), np.empty(shape[0], np.int32))
        for place, index in enumerate(indices.tolist()):
            draw = None if draws is None else draws[place]
            work = self._pool.submit(self._decode_into, pending, place, index, draw)
            pending._futures.append(work)
        return pending

    def pieces(self, count: int, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the first `count` examples, with central crops, `size` at a time.

        The last piece is padded with black images with label -1. While one piece is in use, the
        next is being decoded.
        """
        size = min(size, count)
        pending = self.decode(np.arange(size))
        try:
            for begin in range(0, count, size):
                images, labels = pending.result()
                pending = self.decode(np.arange(begin + size, min(begin + 2 * size, count)))
                missing = size - len(labels)
                yield (
                    np.pad(images, [(0, missing), (0, 0), (0, 0), (0, 0)]),
                    np.pad(labels, (0, missing), constant_values=-1),
                )
        finally:  # The caller may want no more.
            pending.cancel()

    def _decode_into(self, pending: Pending, place: int, index: int, draw: Any) -> None:
        example = self._read(index)
        try:
            pending.images[place] = decoded(self._task, example["image"], draw)
        except tf.errors.InvalidArgumentError as error:
            problem = f"cannot be decoded as JPEG: {reason(error)}"
            raise DataError(f"{self._name(index)} {problem}") from None
        if example["label"] < 0:
            raise DataError(
                f"split {self._split!r} of {self._task.dataset} has examples without a label"
            )
        pending.labels[place] = example["label"]

    def _read(self, index: int) -> dict[str, Any]:
        """Returns an example as it is stored, its image as the bytes of a file."""
        try:
            example: dict[str, Any] = self._source[index]
            # The missing end of a file that is cut at a multiple of 64 KiB reads as empty records.
            if not example["image"]:
                raise ValueError("the record is empty")
        # array_record raises these for a file that is damaged, too short, gone, or none of its own.
        except (RuntimeError, ValueError, IndexError) as error:
            raise DataError(f"{self._name(index)} cannot be read: {error}") from None
        return example

    def _name(self, index: int) -> str:
        """Returns the name of an example in an error, with the file that it is in."""
        place, files = index, iter(self._files)
        while place >= (file := next(files)).take:
            place -= file.take
        return (
            f"example {index} of split {self._split!r} of {self._task.dataset}, in {file.filename},"
        )


def _threads() -> int:
    """Returns Hparams.threads where the CPU trains, and one a core beside a GPU or TPU.

    A sweep counts by Hparams.threads how many workers the cores have room for.
    """
    cores = len(os.sched_getaffinity(0))
    if any(tf.config.list_physical_devices(kind) for kind in ("GPU", "TPU")):
        return cores
    return min(tf.config.threading.get_intra_op_parallelism_threads() or cores, cores)


def _allow_open_files() -> None:
    """Lets this process open as many files as it may: ImageNet's 1,024 of a split stay open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def decoded(task: Task, data: bytes, draw: np.ndarray | None) -> np.ndarray:
    """Returns the part of a JPEG file that a draw stands for, in the task's size, uint8 [s, s, 3].

    Only that part is decoded: the central square of Task.test_crop if the draw is None.

    Raises:
      tf.errors.InvalidArgumentError: it is no JPEG file.
    """
    with tf.device("/cpu:0"):
        height, width, _ = tf.io.extract_jpeg_shape(data).numpy().tolist()
        if draw is None:
            window, flip = crops.central_window(task.test_crop, height, width), False
        else:
            window, flip = crops.random_window(draw, height, width)
        image = tf.io.decode_and_crop_jpeg(
            data, window, channels=3, dct_method="INTEGER_ACCURATE", fancy_upscaling=True
        )
        image = resized(image[None], (task.image_size, task.image_size), task.resize)[0]
    return image[:, ::-1] if flip else image
