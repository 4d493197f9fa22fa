"""Convolutions of tiny images as matrix products, which CPUs compute several times faster."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

# oneDNN's convolutions of 3x3 kernels lose to a matrix product up to 4x4 pixels, and win from 8x8.
MOST_PIXELS = 16


@keras.saving.register_keras_serializable(package="lth_tf")
class TinyImageConv2D(keras.layers.Conv2D):
    """keras.layers.Conv2D where `is_faster_as_product` holds: the same up to rounding.

    Every pixel's neighbourhood becomes a row, and the kernel a matrix. On accelerators it is
    Keras' own convolution.
    """

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        if on_accelerator():
            return super().convolution_op(inputs, kernel)
        kernel = tf.convert_to_tensor(kernel)
        height, width, channels = inputs.shape[1:]
        taps = kernel.shape[0] * kernel.shape[1]
        rows = _patches(inputs, _neighbours(height, width, *kernel.shape[:2]))
        matrix = tf.reshape(kernel, [taps * channels, self.filters])
        outputs = tf.reshape(rows, [-1, taps * channels]) @ matrix
        return tf.reshape(outputs, [-1, height, width, self.filters])


def on_accelerator() -> bool:
    """Whether this process has a GPU or a TPU."""
    return any(tf.config.list_logical_devices(kind) for kind in ("GPU", "TPU"))


def is_faster_as_product(layer: keras.layers.Conv2D, image_shape: tuple[int | None, ...]) -> bool:
    """Whether a convolution is of a kind that TinyImageConv2D takes, and of tiny images.

    Args:
      image_shape: height, width, channels of its input; None where not known.
    """
    height, width = image_shape[:2]
    return (
        layer.padding == "same"
        and layer.data_format == "channels_last"
        and {layer.strides, layer.dilation_rate} == {(1, 1)}
        and layer.groups == 1
        and layer.kernel_size != (1, 1)
        and height is not None
        and width is not None
        and height * width <= MOST_PIXELS
    )


def _neighbours(height: int, width: int, rows: int, columns: int) -> np.ndarray:
    """The pixels under a kernel centred on each pixel, int32 [height * width, rows * columns].

    Pixels are counted from 1 in reading order; 0 stands for the zeros around the image.
    """
    # As 'same' has it: of an even kernel, the larger half lies below and to the right.
    above, left = (rows - 1) // 2, (columns - 1) // 2
    padded = np.zeros((height + rows - 1, width + columns - 1), np.int32)
    numbers = np.arange(1, height * width + 1).reshape(height, width)
    padded[above : above + height, left : left + width] = numbers
    windows = np.lib.stride_tricks.sliding_window_view(padded, (rows, columns))
    return windows.reshape(height * width, rows * columns)


def _patches(images: tf.Tensor, neighbours: np.ndarray) -> tf.Tensor:
    """Every pixel's neighbourhood, [batch, pixels, taps, channels], of [batch, ..., channels].

    It is linear; `_fold`, its adjoint, is its gradient, and the other way round.
    """

    @tf.custom_gradient
    def patches(images: tf.Tensor) -> Any:
        pixels = tf.reshape(images, [-1, neighbours.shape[0], images.shape[-1]])
        zero = tf.pad(pixels, [[0, 0], [1, 0], [0, 0]])
        shape = [-1, *images.shape[1:]]
        return tf.gather(zero, neighbours, axis=1), lambda d: tf.reshape(
            _fold(d, neighbours), shape
        )

    return patches(images)


def _fold(rows: tf.Tensor, neighbours: np.ndarray) -> tf.Tensor:
    """The sum of what each pixel is in all neighbourhoods: [batch, pixels, channels]."""
    pixels, taps = neighbours.shape
    # A pixel is the neighbour at tap t of the pixel that is its own neighbour at the opposite tap.
    sources = np.zeros((pixels, taps), np.int32)
    for place, tap in zip(*np.nonzero(neighbours), strict=True):
        sources[neighbours[place, tap] - 1, tap] = 1 + place * taps + tap

    @tf.custom_gradient
    def fold(rows: tf.Tensor) -> Any:
        flat = tf.reshape(rows, [-1, pixels * taps, rows.shape[-1]])
        found = tf.gather(tf.pad(flat, [[0, 0], [1, 0], [0, 0]]), sources, axis=1)
        return tf.reduce_sum(found, axis=2), lambda upstream: _patches(upstream, neighbours)

    return fold(rows)
