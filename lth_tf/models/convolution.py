"""Convolutions of tiny images, and convolutions that skip pixels, in another way on CPUs.

Tiny images are convolved faster with the batch as an axis of space. oneDNN computes rows of pixels,
padding included. Rows of 4 are too short for that, and a third of their products are with padding.
So the batch becomes one volume, as deep and high as an image is high and wide, and as wide as there
are examples, which a kernel of width 1 convolves. Its rows are long, and products with padding are
left out.
"""

from typing import Any

import keras
import tensorflow as tf

# From 8x8 pixels on, oneDNN is as fast with images as they are.
MOST_PIXELS = 16


@keras.saving.register_keras_serializable(package="lth_tf")
class TinyImageConv2D(keras.layers.Conv2D):
    """keras.layers.Conv2D of tiny images as a volume: the same up to rounding.

    On accelerators it is Keras' own convolution.
    """

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        if on_accelerator():
            return super().convolution_op(inputs, kernel)
        return _convolution(inputs, tf.convert_to_tensor(kernel))


@keras.saving.register_keras_serializable(package="lth_tf")
class SkippingConv2D(keras.layers.Conv2D):
    """keras.layers.Conv2D with strides and a kernel of one pixel: it drops skipped pixels first.

    TensorFlow 2.21's gradient of such a kernel on the CPU writes beyond its memory where there are
    few channels (4 at 128 x 128 pixels, 8 at 64 x 64), and the process dies, if it is lucky.
    """

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        if on_accelerator():
            return super().convolution_op(inputs, kernel)
        rows, columns = self.strides
        return tf.nn.conv2d(inputs[:, ::rows, ::columns], kernel, 1, "VALID")


def on_accelerator() -> bool:
    """Returns whether this process has a GPU or a TPU."""
    return any(tf.config.list_logical_devices(kind) for kind in ("GPU", "TPU"))


def adapted(layer: keras.Layer, image_shape: tuple[int | None, ...]) -> type[keras.Layer]:
    """Returns the class that computes a layer on any device: its own, or one of this module.

    Args:
      image_shape: height, width, channels of its input; None where not known.
    """
    if type(layer) is not keras.layers.Conv2D or layer.data_format != "channels_last":
        return type(layer)
    if layer.kernel_size == (1, 1):
        return keras.layers.Conv2D if layer.strides == (1, 1) else SkippingConv2D
    return TinyImageConv2D if _is_faster_as_volume(layer, image_shape) else keras.layers.Conv2D


def _is_faster_as_volume(layer: keras.layers.Conv2D, image_shape: tuple[int | None, ...]) -> bool:
    height, width = image_shape[:2]
    return (
        layer.padding == "same"
        and {layer.strides, layer.dilation_rate} == {(1, 1)}
        and layer.groups == 1
        and height is not None
        and width is not None
        and height * width <= MOST_PIXELS
    )


@tf.custom_gradient
def _convolution(images: tf.Tensor, kernel: tf.Tensor) -> Any:
    """Maps images [batch, height, width, channels] to outputs [batch, height, width, filters]."""
    volume = _to_volume(images)
    deep = kernel[:, :, None]  # [rows, columns, 1, channels, filters]
    outputs = tf.nn.conv3d(volume, deep, [1] * 5, "SAME")

    def gradients(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        d_volume = tf.raw_ops.Conv3DBackpropInputV2(
            input_sizes=tf.shape(volume),
            filter=deep,
            out_backprop=_to_volume(upstream),
            strides=[1] * 5,
            padding="SAME",
        )
        return _from_volume(d_volume), _kernel_gradient(images, upstream, *kernel.shape[:2])

    return _from_volume(outputs), gradients


def _to_volume(images: tf.Tensor) -> tf.Tensor:
    """Makes [batch, height, width, channels] one volume [1, height, width, batch, channels]."""
    return tf.transpose(images, [1, 2, 0, 3])[None]


def _from_volume(volume: tf.Tensor) -> tf.Tensor:
    return tf.transpose(volume[0], [2, 0, 1, 3])


def _kernel_gradient(images: tf.Tensor, upstream: tf.Tensor, rows: int, columns: int) -> tf.Tensor:
    """Returns the kernel's gradient: for each tap, a product over the pixels that it reads.

    oneDNN's own, of a single volume, takes two to three times as long in float32.
    """
    _, height, width, channels = images.shape
    filters = upstream.shape[-1]
    # Pixels before examples, columns first: all but the slices of rows are views.
    pixels, slopes = (tf.transpose(t, [2, 1, 0, 3]) for t in (images, upstream))
    products = []
    for row in range(rows):
        read, written = _overlap(height, rows, row)
        x, d = pixels[:, read], slopes[:, written]
        for column in range(columns):
            read, written = _overlap(width, columns, column)
            left, right = tf.reshape(x[read], [-1, channels]), tf.reshape(d[written], [-1, filters])
            products.append(tf.matmul(left, right, transpose_a=True))
    return tf.reshape(tf.stack(products), [rows, columns, channels, filters])


def _overlap(size: int, taps: int, tap: int) -> tuple[slice, slice]:
    """Returns the pixels of a row of `size` that a tap of a kernel reads, and those it adds to."""
    # As 'same' has it: of an even kernel, the larger half lies below and to the right.
    shift = tap - (taps - 1) // 2
    length = max(0, size - abs(shift))
    first = max(0, shift)
    return slice(first, first + length), slice(first - shift, first - shift + length)
