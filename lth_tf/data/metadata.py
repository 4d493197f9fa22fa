"""Facts about a task from the metadata of its dataset, which TFDS reads; nothing is decoded."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from lth_tf.data import example_scores
from lth_tf.data.builders import DataError, data_folder, fingerprint, prepared, varies
from lth_tf.data.selection import size
from lth_tf.data.task import TURNS, Task


@dataclass(frozen=True)
class Facts:
    """Numbers of a task's examples and classes, and the images' shape, before any is read.

    Attributes:
      streamed: whether images are decoded as they are needed, as they differ in size.
    """

    train_examples: int
    test_examples: int
    image_shape: tuple[int, ...]
    classes: int
    streamed: bool = dataclasses.field(default=False, repr=False)


def facts(task: Task, data_dir: str | None) -> Facts:
    """Returns the facts of a task, decoding nothing.

    Raises:
      DataError: as for `bind`; or the images cannot be turned or blurred; or `mean` or `std` do not
        fit the channels.
      RecipeError: the subset would leave a class without an example.
    """
    builder = prepared(task, data_folder(data_dir))
    features = builder.info.features
    shape, classes = image_shape(task, features), features["label"].num_classes
    check_images(task, shape)
    splits = builder.info.splits
    train = size(task.subset, splits[task.train_split].num_examples, classes)
    test = splits[task.test_split].num_examples
    classes = TURNS if task.rotation else classes
    return Facts(train, test, shape, classes, varies(features))


def class_names(task: Task, data_dir: str | None) -> list[str]:
    """Returns the names of the dataset's classes, in the order of their labels."""
    return list(prepared(task, data_folder(data_dir)).info.features["label"].names)


def bind(task: Task, data_dir: str | None) -> Task:
    """Returns the task with fingerprints of its dataset and its scores, decoding nothing.

    The dataset's is one of its metadata: name, config, version, and of each split the examples,
    bytes and shard lengths, which differ where image files do, as JPEG and PNG.

    Args:
      data_dir: the folder of TFDS datasets; None for $TFDS_DATA_DIR or else ~/tensorflow_datasets.

    Raises:
      DataError: the dataset is unknown, not prepared, or unfit for image classification.
      RecipeError: there is no score for each training example.
    """
    folder = data_folder(data_dir)
    builder = prepared(task, folder)
    _check_apart(builder, task)
    subset = example_scores.bind(
        task.subset, folder, builder.info.splits[task.train_split].num_examples
    )
    return dataclasses.replace(task, subset=subset, fingerprint=fingerprint(builder))


def image_shape(task: Task, features: Any) -> tuple[int, ...]:
    """Returns height, width and channels of the images that the network sees."""
    height, width, channels = features["image"].shape
    if task.image_size:
        height = width = task.image_size
    if task.channels not in (0, channels) and (channels not in (1, 3) or varies(features)):
        raise DataError(
            f"Task.channels is {task.channels}; it must be 0 or {channels or 3}, as the images of "
            f"{task.dataset} are streamed or neither gray nor colored"
        )
    return height, width, task.channels or channels


def check_images(task: Task, shape: tuple[int, ...]) -> None:
    """Raises DataError if images of a shape cannot be normalized, turned or blurred as asked."""
    for name in ("mean", "std"):
        per_channel(task, name, shape[2])
    images = f"the images of {task.dataset} are {shape[0]} x {shape[1]}"
    if task.rotation and shape[0] != shape[1]:
        raise DataError(f"Task.rotation is True; it takes square images, and {images}")
    if shape[0] % task.blur or shape[1] % task.blur:
        raise DataError(f"Task.blur is {task.blur}; it must divide the sizes of images: {images}")


def per_channel(task: Task, name: str, channels: int) -> np.ndarray:
    """Returns the task's `mean` or `std` as float64 [channels], of as many numbers or of one."""
    values = getattr(task, name)
    if len(values) not in (1, channels):
        raise DataError(
            f"Task.{name} has {len(values)} numbers, but the images of {task.dataset} have "
            f"{channels} channel{'s' * (channels > 1)}; give one number or one per channel"
        )
    return np.broadcast_to(np.array(values, np.float64), (channels,))


def _check_apart(builder: Any, task: Task) -> None:
    """Raises DataError if a test example is a training example too."""

    def places(split: str) -> list[tuple[str, int, int]]:
        """Returns file, first and last example (exclusive), counted within the file."""
        files = builder.info.splits[split].file_instructions
        return [(file.filename, file.skip, file.skip + file.take) for file in files]

    for file, first, last in places(task.train_split):
        for other, begin, end in places(task.test_split):
            if file == other and first < end and begin < last:
                raise DataError(
                    f"Task.train_split {task.train_split!r} and Task.test_split "
                    f"{task.test_split!r} of {task.dataset!r} share examples; they must be apart"
                )
