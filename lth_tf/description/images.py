"""A task as a picture: its images, as trained on, and as evaluated."""

import dataclasses
from pathlib import Path

import numpy as np

from lth_tf import config, data, messages
from lth_tf.data import Examples, Streams, Task, crops, order
from lth_tf.data.task import TURNS
from lth_tf.figures import images as pictures
from lth_tf.figures import style
from lth_tf.figures.images import Strip

# Steps of training whose augmentation is shown.
STEPS = 3


def show(
    gin_files: list[str],
    bindings: list[str],
    data_dir: str | None,
    noise: int,
    count: int,
    out: Path,
) -> list[str]:
    """Draws the task that gin files and bindings describe; returns lines about it.

    Args:
      noise: seed of the SGD noise that augments and turns the training images.
      count: the number of images of each split, the first ones.
      out: the path of the picture.

    Raises:
      UserError: the task cannot be, or its data are not there; or the picture cannot be written.
    """
    with messages.without_chatter():
        task = data.bind(config.load_task(gin_files, bindings), data_dir)
        data.facts(task, data_dir)
        examples = data.load(task, data_dir)
        own = _own_labels(task, data_dir)
        names = data.class_names(task, data_dir)
        if task.rotation:
            names = [f"{90 * turns}°" for turns in range(TURNS)]
        if isinstance(examples, Streams):
            visits = [_visit(task, examples, noise, step, count) for step in range(STEPS)]
            lines = [
                f"{len(examples.train):,} training and {len(examples.test):,} test images, "
                f"{examples.classes:,} classes, streamed"
            ]
            examples = _first(examples, count)
        else:
            visits = [examples.train_images[:count]] * STEPS
            lines = _facts(task, examples, own)
        strips = _strips(task, examples, visits, own, names, noise, count)
    with style.context():
        style.save(pictures.draw(strips, task.title, lines), out)
    return lines


def _first(streams: Streams, count: int) -> Examples:
    """Returns the first images of both splits, as they are evaluated."""
    train, test = (
        stream.decode(np.arange(min(count, len(stream)))).result()
        for stream in (streams.train, streams.test)
    )
    return Examples(*train, *test, streams.classes)


def _visit(task: Task, streams: Streams, noise: int, step: int, count: int) -> np.ndarray:
    """Returns the first training images as a step decodes them that takes just them."""
    indices = np.arange(min(count, len(streams.train)))
    parts = None
    if task.augmentation == "resized_crop_and_flip":
        parts = crops.crop_draws(noise, step, 1, len(indices))[0]
    return streams.train.decode(indices, parts).result()[0]


def _own_labels(task: Task, data_dir: str | None) -> np.ndarray | None:
    """Returns the dataset's own labels, int32 [examples], where a task changes all of them.

    None if it does not; or if it takes a subset, which depends on the labels it gives.
    """
    if task.label_noise is None or task.subset is not None:
        return None
    examples = data.load(dataclasses.replace(task, label_noise=None), data_dir)
    assert isinstance(examples, Examples)
    return examples.train_labels


def _strips(
    task: Task,
    examples: Examples,
    visits: list[np.ndarray],
    own: np.ndarray | None,
    names: list[str],
    noise: int,
    count: int,
) -> list[Strip]:
    """Returns the first images of both splits, from 0 to 1 in place of normalized.

    Args:
      visits: the training images as each of STEPS steps finds them, before it augments them.
    """
    from lth_tf.data.preprocess import evaluation_inputs, evaluation_labels, training_batch

    task = dataclasses.replace(task, mean=(0.0,), std=(1.0,))
    images, labels = examples.train_images[:count], examples.train_labels[:count]
    wrong = np.zeros(len(labels), bool) if own is None else own[:count] != labels

    def strip(title: str, images: np.ndarray, labels: np.ndarray, marked: np.ndarray) -> Strip:
        return Strip(title, np.asarray(images), [names[n] for n in np.asarray(labels)], marked)

    strips = [strip("Training images", images / 255, labels, wrong)]
    for step, draws in enumerate(order.draws(task, noise, 0, STEPS, len(images))):
        batch = training_batch(task, visits[step], labels, draws)
        strips.append(strip(f"as trained on, visit {step + 1}", *batch, wrong))
    inputs = evaluation_inputs(task, examples.test_images[:count])
    expected = evaluation_labels(task, examples.test_labels[:count])
    views = zip(np.split(inputs, task.views), np.split(expected, task.views), strict=True)
    for view in views:
        strips.append(strip("Test images, as evaluated", *view, np.zeros(len(view[1]), bool)))
    return strips


def _facts(task: Task, examples: Examples, own: np.ndarray | None) -> list[str]:
    """Returns lines about all of a task's training images."""
    labels = examples.train_labels
    lines = [
        f"{len(labels):,} training and {len(examples.test_labels):,} test images, "
        f"{examples.classes} classes"
    ]
    if own is not None:
        wrong = np.count_nonzero(own != labels)
        lines.append(f"{wrong:,} labels ({wrong / len(labels):.1%}, red) are not the dataset's")
    channels = examples.train_images.shape[-1]
    pixels = examples.train_images.reshape(-1, channels)
    counts = np.stack([np.bincount(pixels[:, c], minlength=256) for c in range(channels)])
    values = np.arange(256) / 255
    means = counts @ values / len(pixels)
    stds = np.sqrt(np.maximum(counts @ values**2 / len(pixels) - means**2, 0))
    scale = data.per_channel(task, "std", channels)
    offset = data.per_channel(task, "mean", channels)
    mean, std = ((means - offset) / scale).round(2), (stds / scale).round(2)
    lines.append(f"normalized, before augmentation: mean {_listed(mean)}, std {_listed(std)}")
    return lines


def _listed(numbers: np.ndarray) -> str:
    return " ".join(f"{number + 0:.2f}" for number in numbers)
