"""From a task to its examples: TFDS datasets, read once into memory, or streamed; in a fixed order.

Nothing is ever downloaded here. A dataset must have been prepared in the data directory; only
`digits`, which comes with the package, is prepared on first use. TFDS and TensorFlow are imported
inside the functions: `bind` needs TFDS alone (about half a second), `load` needs both.
"""

import dataclasses
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lth_tf.data import scores
from lth_tf.data.builders import (
    DataError,
    check_split,
    data_folder,
    fingerprint,
    prepared,
    varies,
)
from lth_tf.data.selection import LabelNoise, Subset, select, size
from lth_tf.data.task import TURNS, Task

if TYPE_CHECKING:  # It loads TensorFlow.
    from lth_tf.data.stream import Stream

# A few megabytes of small images at a time on their way from TFDS into the arrays.
READ_BATCH = 1000


@dataclass(frozen=True, eq=False)
class Examples:
    """A task's images and labels in memory, read-only.

    Attributes:
      train_images: uint8 [N, height, width, channels].
      train_labels: int32 [N], from 0 to classes - 1.
      test_images: uint8 [M, height, width, channels].
      test_labels: int32 [M].
      classes: how many classes there are.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    classes: int


@dataclass(frozen=True, eq=False)
class Streams:
    """A task's images and labels on disk, decoded as they are needed.

    Attributes:
      train, test: the two splits.
      classes: how many classes there are.
    """

    train: "Stream"
    test: "Stream"
    classes: int


@dataclass(frozen=True)
class Facts:
    """What is known of a task's examples, of its subset and its classes, before any is read."""

    train_examples: int
    test_examples: int
    image_shape: tuple[int, ...]
    classes: int


def facts(task: Task, data_dir: str | None) -> Facts:
    """Returns the facts of a task, decoding nothing.

    Raises:
      DataError: as for `bind`; or the images cannot be turned or blurred; or `mean` or `std` do not
        fit the channels.
      RecipeError: the subset would leave a class without an example.
    """
    builder = prepared(task, data_folder(data_dir))
    for split in (task.train_split, task.test_split):
        check_split(builder, task.dataset, split)
    features = builder.info.features
    shape, classes = _image_shape(task, features), features["label"].num_classes
    _check_channels(task, shape[2])
    _check_alterable(task, shape)
    train = size(task.subset, _count(builder, task), classes)
    test = builder.info.splits[task.test_split].num_examples
    return Facts(train, test, shape, TURNS if task.rotation else classes)


def _image_shape(task: Task, features: Any) -> tuple[int, ...]:
    """Height, width and channels of the images that the network sees."""
    shape = tuple(features["image"].shape)
    return (task.image_size, task.image_size, shape[2]) if task.image_size else shape


def class_names(task: Task, data_dir: str | None) -> list[str]:
    """Returns the names of the dataset's classes, in the order of their labels.

    Raises:
      DataError: as for `bind`.
    """
    names: list[str] = prepared(task, data_folder(data_dir)).info.features["label"].names
    return names


def bind(task: Task, data_dir: str | None) -> Task:
    """Returns the task with fingerprints of its dataset and its scores, decoding nothing.

    The dataset's is taken from the prepared dataset's metadata: name, config, version, and of
    each split the examples, bytes and shard lengths. A copy of a dataset under the same name with
    other image files, such as JPEG in place of PNG, has another number of bytes.

    Args:
      data_dir: where TFDS datasets lie; None for $TFDS_DATA_DIR or else ~/tensorflow_datasets.

    Raises:
      DataError: the dataset is unknown, not prepared, or unfit for image classification.
      RecipeError: there is no score for each training example.
    """
    folder = data_folder(data_dir)
    builder = prepared(task, folder)
    for split in (task.train_split, task.test_split):
        check_split(builder, task.dataset, split)
    _check_apart(builder, task)
    subset = scores.bind(task.subset, folder, _count(builder, task))
    return dataclasses.replace(task, subset=subset, fingerprint=fingerprint(builder))


def load(task: Task, data_dir: str | None) -> "Examples | Streams":
    """Returns the task's examples; a second call in the same process is free.

    Images of one size are decoded into memory; those that vary in size are streamed. The order is
    that of the dataset's files and is always the same; a subset keeps it.

    Args:
      data_dir: as for `bind`.

    Raises:
      DataError: as for `facts`; or the data are not those that the task was bound to; or examples
        have no label.
      RecipeError: as for `facts`; or a class is too small for the subset.
    """
    folder = data_folder(data_dir)
    found, examples = _read(_as_read(task), folder)
    if task.fingerprint not in ("", found):
        raise DataError(
            f"the task was bound to {task.dataset} with fingerprint {task.fingerprint}, "
            f"but {folder} holds other data, {found}"
        )
    channels = 3 if isinstance(examples, Streams) else examples.train_images.shape[-1]
    _check_channels(task, channels)
    if isinstance(examples, Streams):
        return examples
    _check_alterable(task, examples.train_images.shape[1:])
    subset = scores.bind(task.subset, folder, len(examples.train_labels))
    return _altered(examples, subset, task.label_noise, task.blur, task.rotation, folder)


def _as_read(task: Task) -> Task:
    """A task that has the same examples, the same for all tasks that do."""
    names = ("dataset", "train_split", "test_split", "image_size", "resize", "test_crop")
    return Task(**{name: getattr(task, name) for name in names})


def per_channel(task: Task, name: str, channels: int) -> np.ndarray:
    """Returns the task's `mean` or `std` as float64 [channels].

    Raises:
      DataError: it has neither one number nor one per channel.
    """
    values = getattr(task, name)
    if len(values) not in (1, channels):
        raise DataError(
            f"Task.{name} has {len(values)} numbers, but the images of {task.dataset} have "
            f"{channels} channel{'s' * (channels > 1)}; give one number or one per channel"
        )
    return np.broadcast_to(np.array(values, np.float64), (channels,))


@functools.lru_cache(maxsize=4)
def _altered(
    examples: Examples,
    subset: Subset | None,
    label_noise: LabelNoise | None,
    factor: int,
    rotation: bool,
    folder: str,
) -> Examples:
    """The examples as a task has them; the very same if it changes nothing.

    Before they are turned the images of the rotation task all stand upright: their label is 0.
    """
    if not (subset or label_noise or rotation or factor > 1):
        return examples
    from lth_tf.data.blur import blur

    labels, test_labels = examples.train_labels, examples.test_labels
    values = scores.read(subset, folder, len(labels))
    indices, labels = select(subset, label_noise, labels, examples.classes, values)
    images = examples.train_images[indices] if subset else examples.train_images
    if rotation:
        labels, test_labels = np.zeros_like(labels), np.zeros_like(test_labels)
    classes = TURNS if rotation else examples.classes
    test_images = blur(examples.test_images, factor)
    made = Examples(blur(images, factor), labels, test_images, test_labels, classes)
    for array in (made.train_images, made.train_labels, made.test_images, made.test_labels):
        array.setflags(write=False)
    return made


@functools.lru_cache(maxsize=4)
def _read(task: Task, folder: str) -> "tuple[str, Examples | Streams]":
    """The fingerprint and the examples of one dataset."""
    builder = prepared(task, folder)
    for split in (task.train_split, task.test_split):
        check_split(builder, task.dataset, split)
    classes = builder.info.features["label"].num_classes
    if varies(builder.info.features):
        from lth_tf.data.stream import Stream

        train, test = (Stream(task, builder, s) for s in (task.train_split, task.test_split))
        return fingerprint(builder), Streams(train, test, classes)
    train_images, train_labels = _decode(builder, task, task.train_split)
    test_images, test_labels = _decode(builder, task, task.test_split)
    examples = Examples(train_images, train_labels, test_images, test_labels, classes)
    return fingerprint(builder), examples


def _decode(builder: Any, task: Task, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of one split, in the order of the files, decoded on all cores."""
    import tensorflow_datasets as tfds

    from lth_tf.data.stream import resized

    count = builder.info.splits[split].num_examples
    shape = _image_shape(task, builder.info.features)
    images, labels = np.empty((count, *shape), np.uint8), np.empty(count, np.int32)
    stream = builder.as_dataset(
        split=split,
        shuffle_files=False,
        decoders=tfds.decode.PartialDecoding({"image": True, "label": True}),
        read_config=tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1),
    )
    start = 0
    for batch in tfds.as_numpy(stream.batch(READ_BATCH)):
        stop = start + len(batch["label"])
        images[start:stop] = resized(batch["image"], shape[:2], task.resize)
        labels[start:stop] = batch["label"]
        start = stop
    if labels.min() < 0:
        raise DataError(f"split {split!r} of {task.dataset} has examples without a label")
    for array in (images, labels):
        array.setflags(write=False)
    return images, labels


def _count(builder: Any, task: Task) -> int:
    """How many training examples there are before a subset is taken."""
    return int(builder.info.splits[task.train_split].num_examples)


def _check_channels(task: Task, channels: int) -> None:
    for name in ("mean", "std"):
        per_channel(task, name, channels)


def _check_alterable(task: Task, shape: tuple[int, ...]) -> None:
    """Raises DataError if images of a shape cannot be turned or blurred as the task asks."""
    images = f"the images of {task.dataset} are {shape[0]} x {shape[1]}"
    if task.rotation and shape[0] != shape[1]:
        raise DataError(f"Task.rotation is True; it takes square images, and {images}")
    if shape[0] % task.blur or shape[1] % task.blur:
        raise DataError(f"Task.blur is {task.blur}; it must divide the sizes of images: {images}")


def _check_apart(builder: Any, task: Task) -> None:
    """Raises DataError if a test example is a training example too."""

    def places(split: str) -> list[tuple[str, int, int]]:
        """File, first and last example (exclusive), counted within the file."""
        found = builder.info.splits[split].file_instructions
        return [(i.filename, i.skip, i.skip + i.take) for i in found]

    for file, first, last in places(task.train_split):
        for other, begin, end in places(task.test_split):
            if file == other and first < end and begin < last:
                raise DataError(
                    f"Task.train_split {task.train_split!r} and Task.test_split "
                    f"{task.test_split!r} of {task.dataset!r} share examples; they must be apart"
                )
