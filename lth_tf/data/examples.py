"""A task's examples: in memory or streamed, in a fixed order, with the task's changes."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lth_tf.data import example_scores
from lth_tf.data.builders import DataError, data_folder, fingerprint, prepared, reason, varies
from lth_tf.data.metadata import check_images, image_shape
from lth_tf.data.selection import LabelNoise, MeasuredSubset, Subset, select
from lth_tf.data.task import TURNS, Task

if TYPE_CHECKING:  # It loads TensorFlow.
    from lth_tf.data.stream import Stream

# A few megabytes of small images at a time on their way from TFDS into the arrays.
READ_BATCH = 1000


@dataclass(frozen=True, eq=False)
class Examples:
    """A task's images, uint8 [N, height, width, channels], and labels, int32 [N], in memory.

    Labels are from 0 to classes - 1. The arrays are read-only.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    classes: int


@dataclass(frozen=True, eq=False)
class Streams:
    """A task's images and labels on disk, decoded as they are needed."""

    train: "Stream"
    test: "Stream"
    classes: int


def load(
    task: Task, data_dir: str | None, measure: example_scores.Measure | None = None
) -> "Examples | Streams":
    """Returns the task's examples; a second call in the same process is free.

    Images of one size are decoded into memory; those that vary in size are streamed. The order is
    that of the dataset's files and is always the same; a subset keeps it.

    Args:
      measure: gives the numbers of a measurement, which a MeasuredSubset needs.

    Raises:
      DataError: as for `facts`; or the data are not those that the task was bound to; or examples
        have no label.
      RecipeError: as for `facts`; or a class is too small for the subset.
    """
    folder = data_folder(data_dir)
    stored, examples = _read(_as_stored(task), folder)
    if task.fingerprint not in ("", stored):
        raise DataError(
            f"the task was bound to {task.dataset} with fingerprint {task.fingerprint}, "
            f"but {folder} holds other data, {stored}"
        )
    if isinstance(examples, Streams):
        check_images(task, examples.train.image_shape)
        return examples
    check_images(task, examples.train_images.shape[1:])
    subset = example_scores.bind(task.subset, folder, len(examples.train_labels))
    if not isinstance(subset, MeasuredSubset):
        measure = None
    return _changed(examples, subset, task.label_noise, task.blur, task.rotation, folder, measure)


def _as_stored(task: Task) -> Task:
    """Returns a task with the fields that decide the examples read from disk, and no others."""
    names = ("dataset", "train_split", "test_split", "image_size", "resize", "test_crop")
    return Task(**{name: getattr(task, name) for name in (*names, "channels")})


@functools.lru_cache(maxsize=4)
def _changed(
    examples: Examples,
    subset: Subset | None,
    label_noise: LabelNoise | None,
    factor: int,
    rotation: bool,
    folder: str,
    measure: example_scores.Measure | None,
) -> Examples:
    """Returns a task's examples with its changes; the same object if there are none.

    The images of the rotation task stand upright before they are turned: their label is 0.
    """
    if not (subset or label_noise or rotation or factor > 1):
        return examples
    from lth_tf.data.images import blur

    labels, test_labels = examples.train_labels, examples.test_labels
    values = example_scores.read(subset, folder, len(labels), measure)
    indices, labels = select(subset, label_noise, labels, examples.classes, values)
    images = examples.train_images[indices] if subset else examples.train_images
    if rotation:
        labels, test_labels = np.zeros_like(labels), np.zeros_like(test_labels)
    classes = TURNS if rotation else examples.classes
    test_images = blur(examples.test_images, factor)
    changed = (blur(images, factor), labels, test_images, test_labels)
    for array in changed:
        array.setflags(write=False)
    return Examples(*changed, classes)


@functools.lru_cache(maxsize=4)
def _read(task: Task, folder: str) -> "tuple[str, Examples | Streams]":
    """Returns the fingerprint and the examples of one dataset."""
    builder = prepared(task, folder)
    classes = builder.info.features["label"].num_classes
    splits = (task.train_split, task.test_split)
    if varies(builder.info.features):
        from lth_tf.data.stream import Stream

        streams = [Stream(task, builder, split) for split in splits]
        return fingerprint(builder), Streams(streams[0], streams[1], classes)
    train, test = (_decode(builder, task, split) for split in splits)
    return fingerprint(builder), Examples(*train, *test, classes)


def _decode(builder: Any, task: Task, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the images and labels of one split, in the order of the files.

    TFDS checks that there are as many as there should be, and each record has a checksum.
    """
    import tensorflow as tf
    import tensorflow_datasets as tfds

    from lth_tf.data.images import in_channels, resized

    count = builder.info.splits[split].num_examples
    shape = image_shape(task, builder.info.features)
    images, labels = np.empty((count, *shape), np.uint8), np.empty(count, np.int32)
    stream = builder.as_dataset(
        split=split,
        shuffle_files=False,
        decoders=tfds.decode.PartialDecoding({"image": True, "label": True}),
        read_config=tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1),
    )
    start = 0
    try:
        for batch in tfds.as_numpy(stream.batch(READ_BATCH)):
            stop = start + len(batch["label"])
            pixels = resized(batch["image"], shape[:2], task.resize)
            images[start:stop] = in_channels(pixels, shape[2])
            labels[start:stop] = batch["label"]
            start = stop
    except tf.errors.OpError as error:
        where = f"split {split!r} of {task.dataset}, in {builder.data_path},"
        raise DataError(f"{where} cannot be read: {reason(error)}") from None
    if labels.min() < 0:
        raise DataError(f"split {split!r} of {task.dataset} has examples without a label")
    for array in (images, labels):
        array.setflags(write=False)
    return images, labels
