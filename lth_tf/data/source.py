"""From a task to its examples: TFDS datasets, read once into memory, or streamed; in a fixed order.

Nothing is ever downloaded here. A dataset must have been prepared in the data directory; only
`digits`, which comes with the package, is prepared on first use. TFDS and TensorFlow are imported
inside the functions: `bind` needs TFDS alone (about half a second), `load` needs both.
"""

import dataclasses
import difflib
import functools
import hashlib
import json
import re
import shlex
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lth_tf.data.task import Task
from lth_tf.errors import UserError

if TYPE_CHECKING:  # It loads TensorFlow.
    from lth_tf.data.stream import Stream

DIGITS = "digits"
TINY_IMAGENET = "tiny_imagenet"
# TFDS's file format in which every record can be reached by its number.
RANDOM_ACCESS = "array_record"
# A few megabytes of small images at a time on their way from TFDS into the arrays.
READ_BATCH = 1000


class DataError(UserError, ValueError):
    """A dataset that cannot be used: one line saying what is wrong and what to do about it."""


class NotPrepared(DataError):
    """A dataset that is known and of use, but not there yet: one line with how to prepare it."""


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
    """What is known of a task's examples before any is read."""

    train_examples: int
    test_examples: int
    image_shape: tuple[int, ...]
    classes: int


def facts(task: Task, data_dir: str | None) -> Facts:
    """Returns the facts of a task, decoding nothing.

    Raises:
      DataError: as for `bind`.
    """
    builder = _prepared(task, _folder(data_dir))
    splits = (task.train_split, task.test_split)
    for split in splits:
        _check_split(builder, task.dataset, split)
    features = builder.info.features
    train, test = (builder.info.splits[split].num_examples for split in splits)
    return Facts(train, test, _image_shape(task, features), features["label"].num_classes)


def _image_shape(task: Task, features: Any) -> tuple[int, ...]:
    """Height, width and channels of the images that the network sees."""
    shape = tuple(features["image"].shape)
    return (task.image_size, task.image_size, shape[2]) if task.image_size else shape


def bind(task: Task, data_dir: str | None) -> Task:
    """Returns the task with `fingerprint` saying which bytes its dataset is, decoding nothing.

    The fingerprint is taken from the prepared dataset's metadata: name, config, version, and of
    each split the examples, bytes and shard lengths. A copy of a dataset under the same name with
    other image files, such as JPEG in place of PNG, has another number of bytes.

    Args:
      data_dir: where TFDS datasets lie; None for $TFDS_DATA_DIR or else ~/tensorflow_datasets.

    Raises:
      DataError: the dataset is unknown, not prepared, or unfit for image classification.
    """
    builder = _prepared(task, _folder(data_dir))
    for split in (task.train_split, task.test_split):
        _check_split(builder, task.dataset, split)
    _check_apart(builder, task)
    return dataclasses.replace(task, fingerprint=_fingerprint(builder))


def load(task: Task, data_dir: str | None) -> "Examples | Streams":
    """Returns the task's examples; a second call in the same process is free.

    Images of one size are decoded into memory; those that vary in size are streamed. The order is
    that of the dataset's files and is always the same.

    Args:
      data_dir: as for `bind`.

    Raises:
      DataError: as for `bind`; or the data are not those that the task was bound to; or examples
        have no label; or `mean` or `std` do not fit the channels.
    """
    folder = _folder(data_dir)
    found, examples = _read(_as_read(task), folder)
    if task.fingerprint not in ("", found):
        raise DataError(
            f"the task was bound to {task.dataset} with fingerprint {task.fingerprint}, "
            f"but {folder} holds other data, {found}"
        )
    channels = 3 if isinstance(examples, Streams) else examples.train_images.shape[-1]
    for name in ("mean", "std"):
        per_channel(task, name, channels)
    return examples


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
def _read(task: Task, folder: str) -> "tuple[str, Examples | Streams]":
    """The fingerprint and the examples of one dataset."""
    builder = _prepared(task, folder)
    for split in (task.train_split, task.test_split):
        _check_split(builder, task.dataset, split)
    classes = builder.info.features["label"].num_classes
    if _varies(builder.info.features):
        from lth_tf.data.stream import Stream

        train, test = (Stream(task, builder, s) for s in (task.train_split, task.test_split))
        return _fingerprint(builder), Streams(train, test, classes)
    train_images, train_labels = _decode(builder, task, task.train_split)
    test_images, test_labels = _decode(builder, task, task.test_split)
    examples = Examples(train_images, train_labels, test_images, test_labels, classes)
    return _fingerprint(builder), examples


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


def _folder(data_dir: str | None) -> str:
    """The absolute path of the data directory.

    Raises:
      DataError: there is something else than a folder at that path.
    """
    import tensorflow_datasets as tfds

    # TFDS's own path type, so that buckets (gs://) work as they do in TFDS.
    path = tfds.core.Path(data_dir or tfds.core.constants.DATA_DIR).expanduser().resolve()
    if path.exists() and not path.is_dir():
        raise DataError(f"data_dir {path} is not a folder")
    return str(path)


def _name(dataset: str) -> str:
    """The name without config and version: 'cifar10' of 'cifar10:3.0.2'."""
    return dataset.split(":")[0].split("/")[0]


def _prepared(task: Task, folder: str) -> Any:
    """The TFDS builder of an image-classification dataset that is ready to be read."""
    dataset = task.dataset
    if _name(dataset) == DIGITS:
        from lth_tf.data import digits

        digits.prepare(folder)
    builder = _builder(dataset, folder)
    _check_features(dataset, builder.info.features)
    _check_size(task, builder.info)
    if not is_prepared(builder):
        manual = " ".join((builder.MANUAL_DOWNLOAD_INSTRUCTIONS or "").split())
        first = f"{manual} (manual_dir is {folder}/downloads/manual) Then" if manual else "to do so"
        command = _python(_preparing(dataset, builder.info.features, folder))
        raise NotPrepared(f"dataset {dataset!r} is not prepared in {folder}; {first}: {command}")
    if _varies(builder.info.features) and builder.info.file_format.value != RANDOM_ACCESS:
        command = _python(_preparing(dataset, builder.info.features, folder))
        raise DataError(
            f"dataset {dataset!r} is prepared as {builder.info.file_format.value} files, in which "
            f"no single image can be reached; remove {builder.data_path}, then: {command}"
        )
    return builder


def _preparing(dataset: str, features: Any, folder: str) -> str:
    """The Python code that prepares a dataset as the package reads it."""
    modules = "import tensorflow_datasets as tfds"
    if _name(dataset) == TINY_IMAGENET:
        modules = f"import lth_tf.data.tiny_imagenet; {modules}"
    arguments = f"{json.dumps(dataset)}, data_dir={json.dumps(folder)}"
    if _varies(features):
        arguments += f", file_format={json.dumps(RANDOM_ACCESS)}"
    return f"{modules}; tfds.builder({arguments}).download_and_prepare()"


def prepare(dataset: str, data_dir: str | None) -> None:
    """Downloads and prepares a dataset, as the error says that tells of its lack."""
    folder = _folder(data_dir)
    exec(_preparing(dataset, _builder(dataset, folder).info.features, folder), {})


def is_prepared(builder: Any) -> bool:
    """Whether a TFDS builder's data are there; asked before there is a folder, TFDS would warn."""
    return builder.data_path.exists() and builder.is_prepared()


def _builder(dataset: str, folder: str) -> Any:
    """The TFDS builder of that name, its data prepared or not."""
    import tensorflow_datasets as tfds

    # This shuts out TFDS's namespaces too, such as huggingface:, which download as they please.
    if not re.fullmatch(r"\w+(/[^:\s]+)?(:[\d.*]+)?", dataset):
        raise DataError(f"dataset {dataset!r} is not a name as NAME, NAME/CONFIG or NAME:VERSION")
    if _name(dataset) == TINY_IMAGENET:
        import lth_tf.data.tiny_imagenet  # noqa: F401, registers it with TFDS
    try:
        return tfds.builder(dataset, data_dir=folder)
    except tfds.core.DatasetNotFoundError:
        raise DataError(_unknown(dataset, folder)) from None
    # TFDS reports a wrong config or version in any of these ways, some over many lines.
    except (ValueError, AssertionError, ImportError, TypeError) as error:
        reason = textwrap.shorten(str(error).rpartition('}": ')[2], 300)
        raise DataError(f"dataset {dataset!r} cannot be used: {reason}") from None


def _unknown(dataset: str, folder: str) -> str:
    """What to say about a name that is not a dataset's: what there is instead."""
    import tensorflow_datasets as tfds

    path = tfds.core.Path(folder)
    here = [p.name for p in path.iterdir() if p.is_dir()] if path.is_dir() else []
    prepared = sorted({DIGITS, *here} - {"downloads"})
    known = sorted(
        {DIGITS, TINY_IMAGENET, *here, *tfds.list_builders(with_community_datasets=False)}
    )
    closest = difflib.get_close_matches(_name(dataset), known, n=3)
    command = _python("import tensorflow_datasets as tfds; print(*tfds.list_builders())")
    return (
        f"there is no dataset {dataset!r}; ready to use in {folder}: {', '.join(prepared)}; "
        + (f"closest among those of TFDS: {', '.join(closest)}; " if closest else "")
        + f"all of them: {command}"
    )


def _python(code: str) -> str:
    """A shell command that runs the code in this Python. The `tfds` script is no alternative: it
    needs Apache Beam just to start."""
    return shlex.join([sys.executable, "-c", code])


def _check_features(dataset: str, features: Any) -> None:
    """Raises DataError unless examples are uint8 images, each with a class."""
    import tensorflow_datasets as tfds

    named = dict(features.items()) if isinstance(features, tfds.features.FeaturesDict) else {}
    image, label = named.get("image"), named.get("label")
    if not (
        isinstance(image, tfds.features.Image)
        and isinstance(label, tfds.features.ClassLabel)
        and label.num_classes
    ):
        raise DataError(
            f"dataset {dataset!r} is not for image classification: it needs the features 'image' "
            f"(an image) and 'label' (a class), and has {', '.join(map(repr, named))}"
        )
    if np.dtype(image.np_dtype) != np.uint8:
        raise DataError(
            f"the images of dataset {dataset!r} are {np.dtype(image.np_dtype)}; "
            "only 8-bit images are supported"
        )


def _varies(features: Any) -> bool:
    """Whether the images differ in size, so that they have to be streamed."""
    return None in features["image"].shape


def _check_size(task: Task, info: Any) -> None:
    """Raises DataError unless the task says what is needed of images as large as these."""
    if not _varies(info.features):
        if task.augmentation == "resized_crop_and_flip":
            raise DataError(
                "Task.augmentation 'resized_crop_and_flip' is for images that vary in size; those "
                f"of {task.dataset!r} do not: 'crop_and_flip' or 'none'"
            )
        return
    shape = " x ".join("?" if n is None else str(n) for n in info.features["image"].shape)
    if task.image_size == 0:
        raise DataError(
            f"the images of dataset {task.dataset!r} vary in size ({shape}); say with "
            "Task.image_size what height and width the network sees, such as 224"
        )
    if info.features["image"].shape[2] != 3:
        raise DataError(f"the images of dataset {task.dataset!r} are not in colour ({shape})")


def _check_split(builder: Any, dataset: str, split: str) -> None:
    """Raises DataError unless the dataset has that split with at least one example."""
    try:
        count = builder.info.splits[split].num_examples
    except (KeyError, ValueError, AssertionError):
        there = ", ".join(map(repr, builder.info.splits))
        raise DataError(
            f"dataset {dataset!r} has no split {split!r}; it has {there}, and parts "
            "of them such as 'train[:90%]'"
        ) from None
    if count == 0:
        raise DataError(f"split {split!r} of dataset {dataset!r} holds no examples")


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


def _fingerprint(builder: Any) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the prepared dataset's metadata."""
    info = builder.info
    splits = {
        name: [split.num_examples, split.num_bytes, list(split.shard_lengths)]
        for name, split in info.splits.items()
    }
    document = [info.name, info.config_name or "", str(info.version), splits]
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]
