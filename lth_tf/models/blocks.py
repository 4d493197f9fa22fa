"""Building blocks of convolutional networks."""

from typing import Any, Literal

from lth_tf.models.lazy import keras

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


def output_of(layer: Any) -> Any:
    """Returns what a layer's first call puts out; a nested model's own `output` is inside it."""
    return keras.Operation.output.fget(layer)


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
    if kind == "normal":
        return keras.initializers.RandomNormal(0.0, 0.01)
    return keras.initializers.VarianceScaling(*_SCALINGS[kind])


def convolution(
    x: Any, channels: int, size: int, stride: int, name: str, kernel_initializer: Initializer
) -> Any:
    """Applies a convolution without bias; NHWC.

    Strided kernels larger than 1 pad size // 2 pixels on each side, as PyTorch, open_lth and
    Google's TPU code ("fixed padding") do; Keras' own 'same' pads strided convolutions of even
    images on the right and bottom more than on the left and top. The layers are <name>_conv and,
    where there is one, <name>_pad.
    """
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
        kernel_initializer=initializer(kernel_initializer),
        name=f"{name}_conv",
    )(x)


def norm(x: Any, name: str, gamma: str, **options: Any) -> Any:
    """Applies batch norm, in a layer called <name>_norm.

    Args:
      gamma: its value at the start: 'ones', 'zeros', or 'uniform' in [0, 1).
      options: further arguments of BatchNorm.
    """
    from lth_tf.models.layers import BatchNorm

    start = keras.initializers.RandomUniform(0, 1) if gamma == "uniform" else gamma
    return BatchNorm(gamma_initializer=start, name=f"{name}_norm", **options)(x)


def pooled_logits(x: Any, classes: int, kernel_initializer: Initializer) -> Any:
    """Applies the mean over an image's pixels, then a dense layer: layers `pool` and `logits`."""
    x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="pool")(x)
    kernel = initializer(kernel_initializer)
    return keras.layers.Dense(classes, kernel_initializer=kernel, name="logits")(x)
