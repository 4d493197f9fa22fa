"""SqueezeNet 1.0 (Iandola et al. 2016) as the reference TPU code builds it."""

from dataclasses import dataclass
from typing import Any

from lth_tf.models.lazy import keras
from lth_tf.recipes import Model

# Of each fire module, by number: the channels of the squeeze and of both expansions (table 1).
FIRES = {
    2: (16, 64), 3: (16, 64), 4: (32, 128), 5: (32, 128), 6: (48, 192), 7: (48, 192),
    8: (64, 256), 9: (64, 256),
}  # fmt: skip
POOLED_AFTER = (4, 8)


@dataclass(frozen=True, eq=False, repr=False)
class SqueezeNet(Model):
    """A 7x7 convolution, eight fire modules with max-pooling between, and a 1x1 convolution.

    With the defaults 1,248,424 numbers are trained. There is no batch norm, every convolution has a
    bias and ReLU, the last, whose averages over the image are the logits, too. As in the reference
    TPU code (tensorflow/tpu, squeezenet_model.py), convolutions pad ('same') and pooling does not,
    kernels are Glorot-uniform, and nothing is dropped out: the paper drops half of fire 9's output,
    but the reference calls tf.layers.dropout without training=True, which does nothing.

    Attributes:
      classes: the reference's 1001 have one for the background.
      image_shape: at least 29 pixels each way.
    """

    classes: int = 1000
    image_shape: tuple[int, ...] = (224, 224, 3)

    def check(self) -> None:
        self.check_sizes(29)

    @property
    def title(self) -> str:
        return "SqueezeNet"

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(f"fire{number}" for number in FIRES)

    def build(self) -> "keras.Model":
        inputs = keras.Input(self.image_shape, name="images")
        x = _convolution(inputs, 96, 7, "conv1", stride=2)
        x = _pool(x, "pool1")
        for number, channels in FIRES.items():
            x = _fire(x, *channels, f"fire{number}")
            x = _pool(x, f"pool{number}") if number in POOLED_AFTER else x
        x = _convolution(x, self.classes, 1, "conv10")
        x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="logits")(x)
        return keras.Model(inputs, x, name="squeezenet")


def _fire(x: Any, squeezed: int, expanded: int, name: str) -> Any:
    """Applies a 1x1 convolution to few channels, then 1x1 and 3x3 ones, side by side."""
    x = _convolution(x, squeezed, 1, f"{name}_squeeze")
    sides = [_convolution(x, expanded, n, f"{name}_expand{n}x{n}") for n in (1, 3)]
    return keras.layers.Concatenate(name=name)(sides)


def _convolution(x: Any, channels: int, size: int, name: str, stride: int = 1) -> Any:
    x = keras.layers.Conv2D(
        channels,
        size,
        strides=stride,
        padding="same",
        data_format="channels_last",
        kernel_initializer="glorot_uniform",
        name=f"{name}_conv",
    )(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x)


def _pool(x: Any, name: str) -> Any:
    return keras.layers.MaxPooling2D(3, 2, data_format="channels_last", name=name)(x)
