"""TFDS builders of the datasets that tasks name: prepared, and fit for the task, or an error.

Nothing is ever downloaded. A dataset must have been prepared in the data directory; only `digits`,
which comes with the package, is prepared on first use. TFDS is imported inside the functions, as
importing it takes half a second.
"""

import difflib
import hashlib
import importlib
import json
import re
import shlex
import sys
import textwrap
from typing import Any

import numpy as np

from lth_tf.data.task import Task
from lth_tf.errors import UserError

DIGITS = "digits"
# Datasets that TFDS does not have, and the modules that register their builders with it.
OWN_BUILDERS = {"tiny_imagenet": "lth_tf.data.tiny_imagenet"}
# TFDS's file format in which every record can be reached by its number.
RANDOM_ACCESS = "array_record"


class DataError(UserError, ValueError):
    """A dataset cannot be used: one line naming the reason and the remedy."""


class NotPrepared(DataError):
    """A dataset is known and usable, but not prepared yet: one line with the command that does."""


def reason(error: Any) -> str:
    """Returns the message of an error of TensorFlow in one line, without names of operations."""
    lines: list[str] = error.message.splitlines()
    return re.sub(r"\{\{.*?\}\} | \[Op:.*", "", lines[0])


def data_folder(data_dir: str | None) -> str:
    """Returns the absolute path of the data directory; DataError if it is no folder."""
    import tensorflow_datasets as tfds

    # TFDS's own path type, so that buckets (gs://) work as they do in TFDS.
    path = tfds.core.Path(data_dir or tfds.core.constants.DATA_DIR).expanduser().resolve()
    if path.exists() and not path.is_dir():
        raise DataError(f"data_dir {path} is not a folder")
    return str(path)


def _name(dataset: str) -> str:
    """Returns a dataset's name without config and version: 'cifar10' of 'cifar10:3.0.2'."""
    return dataset.split(":")[0].split("/")[0]


def prepared(task: Task, folder: str) -> Any:
    """Returns the TFDS builder of an image-classification dataset that is ready to be read."""
    dataset = task.dataset
    if _name(dataset) == DIGITS:
        from lth_tf.data import digits

        digits.prepare(folder)
    builder = _builder(dataset, folder)
    _check_features(dataset, builder.info.features)
    _check_size(task, builder.info)
    command = _preparing_command(dataset, builder, folder)
    if not is_prepared(builder):
        manual = " ".join((builder.MANUAL_DOWNLOAD_INSTRUCTIONS or "").split())
        first = f"{manual} (manual_dir is {folder}/downloads/manual) Then" if manual else "to do so"
        raise NotPrepared(f"dataset {dataset!r} is not prepared in {folder}; {first}: {command}")
    file_format = builder.info.file_format.value
    if varies(builder.info.features) and file_format != RANDOM_ACCESS:
        raise DataError(
            f"dataset {dataset!r} is prepared as {file_format} files, in which no single image can "
            f"be reached; remove {builder.data_path}, then: {command}"
        )
    for split in (task.train_split, task.test_split):
        _check_split(builder, dataset, split)
    return builder


def _preparing_command(dataset: str, builder: Any, folder: str) -> str:
    """Returns the shell command that prepares a dataset as the package reads it."""
    modules, own = "import tensorflow_datasets as tfds", type(builder).__module__
    if not own.startswith("tensorflow_datasets."):  # it registers the builder with TFDS
        modules = f"import {own}; {modules}"
    arguments = f"{json.dumps(dataset)}, data_dir={json.dumps(folder)}"
    if varies(builder.info.features):
        arguments += f", file_format={json.dumps(RANDOM_ACCESS)}"
    return _python(f"{modules}; tfds.builder({arguments}).download_and_prepare()")


def is_prepared(builder: Any) -> bool:
    """Returns whether a builder's data are there. TFDS would warn where there is no folder."""
    return builder.data_path.exists() and builder.is_prepared()


def _builder(dataset: str, folder: str) -> Any:
    """Returns the TFDS builder of a name, its data prepared or not."""
    import tensorflow_datasets as tfds

    # This shuts out TFDS's namespaces too, such as huggingface:, which download as they please.
    if not re.fullmatch(r"\w+(/[^:\s]+)?(:[\d.*]+)?", dataset):
        raise DataError(f"dataset {dataset!r} is not a name as NAME, NAME/CONFIG or NAME:VERSION")
    if module := OWN_BUILDERS.get(_name(dataset)):
        importlib.import_module(module)
    try:
        return tfds.builder(dataset, data_dir=folder)
    except tfds.core.DatasetNotFoundError:
        raise DataError(_unknown(dataset, folder)) from None
    # TFDS reports a wrong config or version in any of these ways, some over many lines.
    except (ValueError, AssertionError, ImportError, TypeError) as error:
        reason = textwrap.shorten(str(error).rpartition('}": ')[2], 300)
        raise DataError(f"dataset {dataset!r} cannot be used: {reason}") from None


def _unknown(dataset: str, folder: str) -> str:
    """Returns the message about a name that is no dataset's, with datasets of similar names."""
    import tensorflow_datasets as tfds

    path = tfds.core.Path(folder)
    here = {DIGITS, *(p.name for p in path.iterdir() if p.is_dir())} if path.is_dir() else {DIGITS}
    known = {*OWN_BUILDERS, *here, *tfds.list_builders(with_community_datasets=False)}
    closest = difflib.get_close_matches(_name(dataset), sorted(known), n=3)
    command = _python("import tensorflow_datasets as tfds; print(*tfds.list_builders())")
    return (
        f"there is no dataset {dataset!r}; ready to use in {folder}: "
        f"{', '.join(sorted(here - {'downloads'}))}; "
        + (f"closest among those of TFDS: {', '.join(closest)}; " if closest else "")
        + f"all of them: {command}"
    )


def _python(code: str) -> str:
    """Returns a shell command that runs the code; TFDS's own needs Apache Beam just to start."""
    return shlex.join([sys.executable, "-c", code])


def _check_features(dataset: str, features: Any) -> None:
    """Raises DataError unless examples are uint8 images, each with a class."""
    import tensorflow_datasets as tfds

    by_name = dict(features.items()) if isinstance(features, tfds.features.FeaturesDict) else {}
    image, label = by_name.get("image"), by_name.get("label")
    if not (
        isinstance(image, tfds.features.Image)
        and isinstance(label, tfds.features.ClassLabel)
        and label.num_classes
    ):
        raise DataError(
            f"dataset {dataset!r} is not for image classification: it needs the features 'image' "
            f"(an image) and 'label' (a class), and has {', '.join(map(repr, by_name))}"
        )
    if np.dtype(image.np_dtype) != np.uint8:
        raise DataError(
            f"the images of dataset {dataset!r} are {np.dtype(image.np_dtype)}; "
            "only 8-bit images are supported"
        )


def varies(features: Any) -> bool:
    """Returns whether the images differ in size, so that they have to be streamed."""
    return None in features["image"].shape


def _check_size(task: Task, info: Any) -> None:
    """Raises DataError unless the task's fields allow images of these sizes."""
    if not varies(info.features):
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
        raise DataError(f"the images of dataset {task.dataset!r} are not in color ({shape})")
    for name in ("subset", "label_noise", "blur", "rotation"):
        if getattr(task, name) != getattr(Task, name):
            raise DataError(
                f"Task.{name} is for images of one size, in memory; those of {task.dataset!r} vary "
                "in size and are streamed"
            )


def _check_split(builder: Any, dataset: str, split: str) -> None:
    """Raises DataError unless the dataset has that split with at least one example."""
    try:
        taken = [file.take for file in builder.info.splits[split].file_instructions]
    except (KeyError, ValueError, AssertionError):
        splits = ", ".join(map(repr, builder.info.splits))
        raise DataError(
            f"dataset {dataset!r} has no split {split!r}; it has {splits}, and parts of them such "
            "as 'train[:90%]'"
        ) from None
    if any(number < 0 for number in taken):  # as of 'train[5:3]'
        raise DataError(f"split {split!r} of dataset {dataset!r} ends before it begins")
    if sum(taken) == 0:
        raise DataError(f"split {split!r} of dataset {dataset!r} holds no examples")


def fingerprint(builder: Any) -> str:
    """Returns 16 hexadecimal digits of the SHA-256 of the prepared dataset's metadata."""
    info = builder.info
    splits = {
        name: [split.num_examples, split.num_bytes, list(split.shard_lengths)]
        for name, split in info.splits.items()
    }
    document = [info.name, info.config_name or "", str(info.version), splits]
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]
