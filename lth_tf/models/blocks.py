"""Building blocks of convolutional networks. Keras is imported inside: recipes need none."""

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import keras

# Initializers of kernels, by the names of their sources.
Initializer = Literal[
    "kaiming_normal",
    "kaiming_normal_fan_out",
    "he_normal",
    "lecun_normal",
    "pytorch_default",
    "normal",
]
# Scale, fan and distribution of each as a variance scaling; 'normal' is none.
_SCALINGS = {
    "kaiming_normal": (2.0, "fan_in", "untruncated_normal"),
    "kaiming_normal_fan_out": (2.0, "fan_out", "untruncated_normal"),
    "he_normal": (2.0, "fan_in", "truncated_normal"),
    "lecun_normal": (1.0, "fan_in", "truncated_normal"),
    "pytorch_default": (1 / 3, "fan_in", "uniform"),
}


def initializer(kind: Initializer) -> "keras.initializers.Initializer":
    """Returns the Keras initializer of a kernel.

    Args:
      kind: 'kaiming_normal', a Gaussian of variance 2 / fan-in (He et al. 2015; open_lth, Composer,
        and Zagoruyko & Komodakis' PyTorch code); 'kaiming_normal_fan_out', the same with fan-out
        (torchvision's ResNets, and Zagoruyko & Komodakis' Torch code); 'he_normal', Keras' version
        of the first, truncated at two standard deviations; 'lecun_normal', truncated, of variance
        1 / fan-in (tf.variance_scaling_initializer() of Google's TPU code); 'pytorch_default',
        uniform within 1 / sqrt(fan-in) of 0 (torch.nn.Conv2d and Linear, unless told otherwise);
        'normal', a Gaussian of standard deviation 0.01 (logits of Google's TPU code).
    """
    import keras

    if kind == "normal":
        return keras.initializers.RandomNormal(0.0, 0.01)
    return keras.initializers.VarianceScaling(*_SCALINGS[kind])


def convolution(
    x: Any,
    channels: int,
    size: int,
    stride: int,
    name: str,
    kernel_initializer: "keras.initializers.Initializer",
) -> Any:
    """Applies a convolution without bias; NHWC.

    Strided kernels larger than 1 pad size // 2 pixels on each side, as PyTorch, open_lth and
    Google's TPU code ("fixed padding") do; Keras' own 'same' pads strided convolutions of even
    images on the right and bottom more than on the left and top.

    Args:
      name: of the layers: <name>_conv and, where there is one, <name>_pad.
    """
    import keras

    padding = "same"
    if size > 1 and stride > 1:
        pad = keras.layers.ZeroPadding2D(size // 2, data_format="channels_last", name=f"{name}_pad")
        x, padding = pad(x), "valid"
    return keras.layers.Conv2D(
        channels,
        size,
        strides=stride,
        padding=padding,
        data_format="channels_last",
        use_bias=False,
        kernel_initializer=kernel_initializer,
        name=f"{name}_conv",
    )(x)


def norm(x: Any, name: str, scale: str) -> Any:
    """Applies batch norm, in a layer called <name>_norm.

    Args:
      scale: batch norm's gamma at the start: 'ones', 'zeros', or 'uniform' in [0, 1).
    """
    import keras

    from lth_tf.models.layers import BatchNorm

    gamma = keras.initializers.RandomUniform(0, 1) if scale == "uniform" else scale
    return BatchNorm(gamma_initializer=gamma, name=f"{name}_norm")(x)


def convolution_and_norm(
    x: Any,
    channels: int,
    size: int,
    stride: int,
    name: str,
    kernel_initializer: "keras.initializers.Initializer",
    norm_scale: str,
) -> Any:
    """Applies `convolution`, then `norm`."""
    return norm(convolution(x, channels, size, stride, name, kernel_initializer), name, norm_scale)


def pooled_logits(
    x: Any, classes: int, kernel_initializer: "keras.initializers.Initializer"
) -> Any:
    """Applies the mean over an image's pixels, then a dense layer: layers `pool` and `logits`."""
    import keras

    x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="pool")(x)
    return keras.layers.Dense(classes, kernel_initializer=kernel_initializer, name="logits")(x)
