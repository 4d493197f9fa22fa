"""Data order and augmentation as functions of (noise seed, step): NumPy only, nothing consumed.

A run can be stopped, resumed or forked at any step without its SGD noise changing.
"""

import functools
from collections.abc import Callable

import numpy as np

from lth_tf import noise as addressed
from lth_tf.data.builders import DataError
from lth_tf.data.task import TURNS, Task

# Augmentation is drawn for this many steps at once: per step, a generator of its own would cost
# ten times as much.
BLOCK = 256


def steps_per_epoch(examples: int, batch_size: int, remainder: str) -> float:
    """Returns the number of steps that visit each example once.

    Args:
      remainder: 'drop', a whole number: the last examples % batch_size of each epoch's order are
        left out; or 'carry', not always whole: they begin the next epoch's first batch.

    Raises:
      DataError: a batch has more examples than the dataset, or none; unknown remainder.
    """
    if not 1 <= batch_size <= examples:
        raise DataError(
            f"batch_size is {batch_size}; it must be from 1 to the number of training "
            f"examples, {examples}"
        )
    if remainder not in ("drop", "carry"):
        raise DataError(f"remainder is {remainder!r}; allowed: 'drop', 'carry'")
    return examples // batch_size if remainder == "drop" else examples / batch_size


def batches(
    noise: int, first_step: int, steps: int, examples: int, batch_size: int, remainder: str
) -> np.ndarray:
    """Returns the indices of the examples in each batch, int32 [steps, batch_size].

    Row i is for step first_step + i of training, counted from 0. Epoch e's order is the
    permutation drawn at the address ('data order', noise, e). Remainder and errors are those of
    `steps_per_epoch`.
    """
    per_epoch = steps_per_epoch(examples, batch_size, remainder)
    used = int(per_epoch) * batch_size if remainder == "drop" else examples
    # `used` examples of each epoch's order, end to end, are one stream that is cut into batches.
    rows = np.empty(steps * batch_size, np.int32)
    filled = 0
    while filled < len(rows):
        epoch, start = divmod(first_step * batch_size + filled, used)
        piece = _epoch_order(noise, epoch, examples)[start:used][: len(rows) - filled]
        rows[filled : filled + len(piece)] = piece
        filled += len(piece)
    return rows.reshape(steps, batch_size)


def batches_at(
    noise: int, steps: np.ndarray, examples: int, batch_size: int, remainder: str
) -> np.ndarray:
    """Returns the rows of `batches` for some steps, int [steps], which rise, such as a record's."""
    first, count = (int(steps[0]), int(steps[-1] - steps[0]) + 1) if len(steps) else (0, 0)
    return batches(noise, first, count, examples, batch_size, remainder)[steps - first]


def draws(task: Task, noise: int, first_step: int, steps: int, batch_size: int) -> np.ndarray:
    """Returns the draws for a task's training images on the device, int32 [steps, batch_size, 4].

    The last axis is (dy, dx, flip, turn), 0 where the task does not draw one. A task that draws
    nothing has the shape [steps, 0, 4].
    """
    augmented = task.augmentation == "crop_and_flip"
    values = np.zeros((steps, batch_size if augmented or task.rotation else 0, 4), np.int32)
    if augmented:
        values[..., :3] = augmentation_draws(noise, first_step, steps, batch_size, task.padding)
    if task.rotation:
        values[..., 3] = rotation_draws(noise, first_step, steps, batch_size)
    return values


def augmentation_draws(
    noise: int, first_step: int, steps: int, batch_size: int, padding: int
) -> np.ndarray:
    """Returns the augmentation of each example of each batch, int32 [steps, batch_size, 3].

    The last axis is (dy, dx, flip): the crop's first row and column in the padded image, each
    uniform in 0..2 * padding, and 1 for a left-right flip, 0 for none, with equal probability.
    Drawn at the addresses ('augmentation', noise, step // 256).
    """
    draw = functools.partial(_augmentation_block, noise, batch_size=batch_size, padding=padding)
    return _cut(draw, first_step, steps)


def rotation_draws(noise: int, first_step: int, steps: int, batch_size: int) -> np.ndarray:
    """Returns the number of quarter turns of each example of each batch, int32 [steps, batch_size].

    Uniform in 0..3 (early_phase sec. 6.2), drawn at the addresses ('rotation', noise, step // 256).
    """
    draw = functools.partial(_integers, "rotation", noise, limit=TURNS, shape=(batch_size,))
    return _cut(draw, first_step, steps)


def layer_seeds(noise: int, first_step: int, steps: int, generators: int) -> np.ndarray | None:
    """Returns the seeds of a network's random layers, int32 [steps, generators, 2]; None for none.

    They are in the range of Keras' own, drawn at the addresses ('layer seeds', noise, step // 256).
    """
    if not generators:
        return None
    limit, shape = 2**31 - 2, (generators, 2)
    draw = functools.partial(_integers, "layer seeds", noise, limit=limit, shape=shape)
    return _cut(draw, first_step, steps)


def _cut(draw: Callable[[int], np.ndarray], first_step: int, steps: int) -> np.ndarray:
    """Returns the draws of some steps, cut out of the blocks that the steps lie in."""
    first, start = divmod(first_step, BLOCK)
    last = (first_step + max(steps, 1) - 1) // BLOCK
    return np.concatenate([draw(i) for i in range(first, last + 1)])[start : start + steps]


@functools.lru_cache(maxsize=4)
def _epoch_order(noise: int, epoch: int, examples: int) -> np.ndarray:
    """Returns the order of the examples in one epoch, int32 [examples]."""
    order = addressed.generator("data order", noise, epoch).permutation(examples).astype(np.int32)
    order.setflags(write=False)
    return order


@functools.lru_cache(maxsize=4)
def _augmentation_block(noise: int, block: int, batch_size: int, padding: int) -> np.ndarray:
    """Returns the augmentation of BLOCK steps, int32 [BLOCK, batch_size, 3]."""
    generator = addressed.generator("augmentation", noise, block)
    draws = np.empty((BLOCK, batch_size, 3), np.int32)
    draws[..., :2] = generator.integers(2 * padding + 1, size=(BLOCK, batch_size, 2))
    draws[..., 2] = generator.integers(2, size=(BLOCK, batch_size))
    draws.setflags(write=False)
    return draws


@functools.lru_cache(maxsize=8)
def _integers(
    purpose: str, noise: int, block: int, limit: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Returns integers below a limit for BLOCK steps, int32 [BLOCK, *shape]."""
    generator = addressed.generator(purpose, noise, block)
    values = generator.integers(limit, size=(BLOCK, *shape), dtype=np.int32)
    values.setflags(write=False)
    return values
