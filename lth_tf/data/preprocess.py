"""Preprocessing of a batch of images on the device: augmentation, rotation, normalization.

All are tensor functions with static shapes (images are uint8 [batch, height, width, channels]),
which give the same to the last bit eagerly, in a tf.function, in a tf.while_loop and under XLA.
"""

import numpy as np
import tensorflow as tf

from lth_tf.data.builders import DataError
from lth_tf.data.metadata import per_channel
from lth_tf.data.task import TURNS, Task

# Far outside every image: stays negative when a pixel's number is added to it, even twice over.
OUTSIDE = -(2**30)


def training_batch(
    task: Task, images: tf.Tensor, labels: tf.Tensor, draws: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns inputs to train on, float32 of the images' shape, and labels, int32 [batch].

    The draws are int32 [batch, 4], or [0, 4], as from `order.draws`.
    """
    images = augment(task, tf.convert_to_tensor(images), draws)
    if task.rotation:
        images, labels = turn(images, draws[:, 3]), labels + draws[:, 3]
    return normalize(task, images), labels


def evaluation_inputs(task: Task, images: tf.Tensor) -> tf.Tensor:
    """Returns inputs to evaluate on, float32 [views * batch, height, width, channels].

    The rotation task has each image in all four positions (task.views), all images in one position
    before all in the next: an exact error, without noise.
    """
    images = tf.convert_to_tensor(images)
    if task.rotation:
        turns = np.repeat(np.arange(TURNS, dtype=np.int32), images.shape[0])
        images = turn(tf.concat([images] * TURNS, axis=0), turns)
    return normalize(task, images)


def evaluation_labels(task: Task, labels: tf.Tensor) -> tf.Tensor:
    """Returns the labels of `evaluation_inputs`, int32 [views * batch], from the images' own."""
    return tf.concat([labels + turns for turns in range(task.views)], axis=0)


def turn(images: tf.Tensor, turns: tf.Tensor) -> tf.Tensor:
    """Returns each image, a square, after its quarter turns counter-clockwise, as np.rot90 does."""
    batch, height, width, channels = images.shape
    places = np.arange(height * width, dtype=np.int32).reshape(height, width)
    sources = np.stack([np.rot90(places, turns) for turns in range(TURNS)])
    first = tf.range(batch)[:, None, None] * (height * width)
    return tf.gather(tf.reshape(images, [-1, channels]), first + tf.gather(sources, turns))


def normalize(task: Task, images: tf.Tensor) -> tf.Tensor:
    """Returns (images / 255 - mean) / std, float32 of the same shape.

    Computed as (images - 255 mean) * (1 / (255 std)) with both constants rounded to float32: a
    subtraction before a multiplication cannot be fused, so every compiler rounds it the same way.

    Raises:
      DataError: `mean` or `std` has neither one number nor one per channel.
    """
    shape = images.shape[1:]
    pixels = shape[0] * shape[1]
    offset = np.tile(255 * per_channel(task, "mean", shape[2]), pixels).astype(np.float32)
    scale = np.tile(1 / (255 * per_channel(task, "std", shape[2])), pixels).astype(np.float32)
    # Whole images as rows: broadcasting along three channels takes three times as long.
    rows = tf.reshape(tf.cast(images, tf.float32), [-1, shape.num_elements()])
    return tf.reshape((rows - offset) * scale, [-1, *shape])


def augment(task: Task, images: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
    """Returns the images augmented on the device as the task says, same shape and type.

    'resized_crop_and_flip' is done where images are decoded; here it changes nothing.

    'crop_and_flip' pads the raw image with black (zero) pixels, crops it at (dy, dx) back to its
    size, and then flips it left to right. That the padding comes before normalization is as in
    open_lth and torchvision; zeros after it, the mean color, would be other images.
    """
    if task.augmentation != "crop_and_flip":
        return images
    channels = images.shape[-1]
    # Pixel 0 is the black one that everything outside an image is taken from.
    black = tf.zeros([1, channels], images.dtype)
    pixels = tf.concat([black, tf.reshape(images, [-1, channels])], axis=0)
    return tf.gather(pixels, _source_pixels(images.shape, draws, task.padding))


def _source_pixels(shape: tf.TensorShape, draws: tf.Tensor, padding: int) -> tf.Tensor:
    """Returns the source of each pixel of the augmented images, int32 [batch, height, width].

    Pixels of the batch are counted from 1 in reading order; 0 stands for the padding.
    """
    batch, height, width, _ = shape
    if batch * height * width >= -OUTSIDE:
        raise DataError(f"a batch of {batch} images of {height} x {width} is too large to augment")
    dy, dx, flip = (draws[:, i, None] for i in range(3))
    rows = tf.range(height) + dy - padding
    columns = tf.range(width)
    columns = tf.where(flip > 0, width - 1 - columns, columns) + dx - padding
    image = tf.range(batch)[:, None] * (height * width)
    above = tf.where((rows >= 0) & (rows < height), 1 + image + rows * width, OUTSIDE)
    left = tf.where((columns >= 0) & (columns < width), columns, OUTSIDE)
    return tf.maximum(above[:, :, None] + left[:, None, :], 0)
