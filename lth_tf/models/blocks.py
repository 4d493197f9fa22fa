"""What convolutional networks are built from. Keras is imported inside: recipes need none."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def convolution_and_norm(
    x: Any,
    channels: int,
    size: int,
    stride: int,
    name: str,
    initializer: "keras.initializers.Initializer",
    norm_scale: str,
) -> Any:
    """A convolution without bias, then batch norm; NHWC.

    Strided kernels larger than 1 pad one pixel on each side, as in PyTorch and open_lth; Keras' own
    'same' pads strided convolutions on the right and bottom only.

    Args:
      name: of the layers: <name>_conv, <name>_norm and, where there is one, <name>_pad.
      norm_scale: batch norm's gamma at the start: 'ones', or 'uniform' in [0, 1).
    """
    import keras

    from lth_tf.models.layers import BatchNorm

    padding = "same"
    if size > 1 and stride > 1:
        x = keras.layers.ZeroPadding2D(1, data_format="channels_last", name=f"{name}_pad")(x)
        padding = "valid"
    x = keras.layers.Conv2D(
        channels,
        size,
        strides=stride,
        padding=padding,
        data_format="channels_last",
        use_bias=False,
        kernel_initializer=initializer,
        name=f"{name}_conv",
    )(x)
    scale = keras.initializers.RandomUniform(0, 1) if norm_scale == "uniform" else "ones"
    return BatchNorm(gamma_initializer=scale, name=f"{name}_norm")(x)


def kaiming(kind: str) -> "keras.initializers.Initializer":
    """A Gaussian of variance 2 / fan-in: 'kaiming_normal', or 'he_normal', which is truncated."""
    import keras

    distribution = "truncated_normal" if kind == "he_normal" else "untruncated_normal"
    return keras.initializers.VarianceScaling(2.0, "fan_in", distribution)
