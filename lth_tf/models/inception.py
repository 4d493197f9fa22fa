"""Inception-v3 (Szegedy et al. 2016) as TF-slim and the reference TPU code build it."""

from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.models.blocks import norm
from lth_tf.models.lazy import keras
from lth_tf.recipes import Model, require

# The blocks (Szegedy et al. 2016, section 6; names of TF-slim) are branches side by side; a branch
# is a sequence of convolutions (channels, height, width), poolings of 3x3, and pairs of
# convolutions side by side.
AVERAGE, MAX = "average", "max"
PAIR = ((384, 1, 3), (384, 3, 1))


def _mixed_5(pooled: int) -> tuple:
    """Returns a block of the 35x35 grid (fig. 5, the first 3x3 still a 5x5)."""
    return (
        ((64, 1, 1),),
        ((48, 1, 1), (64, 5, 5)),
        ((64, 1, 1), (96, 3, 3), (96, 3, 3)),
        (AVERAGE, (pooled, 1, 1)),
    )


def _mixed_6(n: int) -> tuple:
    """Returns a block of the 17x17 grid (fig. 6)."""
    return (
        ((192, 1, 1),),
        ((n, 1, 1), (n, 1, 7), (192, 7, 1)),
        ((n, 1, 1), (n, 7, 1), (n, 1, 7), (n, 7, 1), (192, 1, 7)),
        (AVERAGE, (192, 1, 1)),
    )


# A block of the 8x8 grid (fig. 7).
MIXED_7 = (
    ((320, 1, 1),),
    ((384, 1, 1), PAIR),
    ((448, 1, 1), (384, 3, 3), PAIR),
    (AVERAGE, (192, 1, 1)),
)
# The last part of each branch of these halves the image, without padding (fig. 10).
REDUCTIONS = ("mixed_6a", "mixed_7a")
BLOCKS = {
    "mixed_5b": _mixed_5(32),
    "mixed_5c": _mixed_5(64),
    "mixed_5d": _mixed_5(64),
    "mixed_6a": (((384, 3, 3),), ((64, 1, 1), (96, 3, 3), (96, 3, 3)), (MAX,)),
    "mixed_6b": _mixed_6(128),
    "mixed_6c": _mixed_6(160),
    "mixed_6d": _mixed_6(160),
    "mixed_6e": _mixed_6(192),
    "mixed_7a": (
        ((192, 1, 1), (320, 3, 3)),
        ((192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3)),
        (MAX,),
    ),
    "mixed_7b": MIXED_7,
    "mixed_7c": MIXED_7,
}


@dataclass(frozen=True, eq=False, repr=False)
class InceptionV3(Model):
    """Inception-v3 with its auxiliary head on the 17x17 grid.

    Its second output is the auxiliary head's logits, for Hparams.auxiliary_weight. With the
    defaults 27,143,152 numbers are trained, and 27,179,376 there are with the moving statistics
    (lmc table 1: 27.1M, hence with the head). Blocks are named as in TF-slim.

    The papers do not say whether the head is pruned. Here its kernels are prunable like all others,
    as it is trained like them; MaskSearch.exclude = ('auxiliary_1_conv/kernel',
    'auxiliary_2_conv/kernel', 'auxiliary_logits/kernel') leaves them whole.

    Convolutions have no bias and are followed by batch norm and ReLU. Kernels are drawn from a
    Gaussian of variance 2 / fan-in, truncated at two standard deviations; the auxiliary head's
    last two layers from truncated Gaussians of 0.01 and 0.001, as in TF-slim. Unlike it, nothing
    is dropped out before the logits (it drops a fifth), and no average over the weights of past
    steps is kept for evaluation (it keeps one with decay 0.995).

    Attributes:
      classes: TF-slim's 1001 have one for the background.
      image_shape: at least 75 pixels each way. In images of less than 299 the auxiliary head's 5x5
        pooling and convolution shrink to what there is.
      width_multiplier: on the channels of every convolution, of which at least 16 remain (TF-slim's
        depth_multiplier).
      norm_scale: batch norm's gamma: 'none' trained, as in TF-slim and keras.applications; 'ones',
        trained from 1 on; or 'uniform', from numbers in [0, 1).
      norm_momentum: of batch norm's moving statistics: 0.996 in the reference TPU code, 0.99 in
        keras.applications. Its epsilon is 0.001 in both.
    """

    classes: int = 1000
    image_shape: tuple[int, ...] = (299, 299, 3)
    width_multiplier: float = 1.0
    norm_scale: Literal["none", "ones", "uniform"] = "none"
    norm_momentum: float = 0.996

    def check(self) -> None:
        self.check_sizes(75)
        require(self.width_multiplier > 0, self, "width_multiplier", "greater than 0")
        require(0 <= self.norm_momentum < 1, self, "norm_momentum", "at least 0 and less than 1")

    @property
    def title(self) -> str:
        wider = f" width {self.width_multiplier:g}" if self.width_multiplier != 1 else ""
        return "Inception-v3" + wider

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(BLOCKS)

    @property
    def has_auxiliary_head(self) -> bool:
        return True

    def build(self) -> "keras.Model":
        inputs = keras.Input(self.image_shape, name="images")
        x, auxiliary = self._stem(inputs), None
        for name, branches in BLOCKS.items():
            x = self._block(x, branches, name)
            auxiliary = self._auxiliary_head(x) if name == "mixed_6e" else auxiliary
        x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="pool")(x)
        logits = self._logits(x, "he_normal", "logits")
        return keras.Model(inputs, [logits, auxiliary], name="inception_v3")

    def _stem(self, x: Any) -> Any:
        x = self._convolution(x, (32, 3, 3), "conv_1a", stride=2)
        x = self._convolution(x, (32, 3, 3), "conv_2a", padding="valid")
        x = self._convolution(x, (64, 3, 3), "conv_2b")
        x = _pool(x, MAX, "pool_3a", stride=2)
        x = self._convolution(x, (80, 1, 1), "conv_3b")
        x = self._convolution(x, (192, 3, 3), "conv_4a", padding="valid")
        return _pool(x, MAX, "pool_5a", stride=2)

    def _block(self, x: Any, branches: tuple, name: str) -> Any:
        last_stride = 2 if name in REDUCTIONS else 1
        ends = []
        for number, branch in enumerate(branches):
            y = x
            for place, part in enumerate(branch):
                stride = last_stride if place == len(branch) - 1 else 1
                y = self._part(y, part, f"{name}_branch{number}_{place}", stride)
            ends.append(y)
        return keras.layers.Concatenate(name=name)(ends)

    def _part(self, x: Any, part: Any, name: str, stride: int) -> Any:
        if part in (AVERAGE, MAX):
            return _pool(x, part, name, stride)
        if part is not PAIR:
            return self._convolution(x, part, name, stride)
        first, second = part
        sides = [self._convolution(x, first, f"{name}a"), self._convolution(x, second, f"{name}b")]
        return keras.layers.Concatenate(name=name)(sides)

    def _convolution(
        self,
        x: Any,
        part: tuple[int, int, int],
        name: str,
        stride: int = 1,
        padding: str = "same",
        initializer: Any = "he_normal",
    ) -> Any:
        """Applies convolution, batch norm, ReLU; without padding if strided."""
        channels, *size = part
        x = keras.layers.Conv2D(
            max(16, int(channels * self.width_multiplier)),
            size,
            strides=stride,
            padding="valid" if stride > 1 else padding,
            data_format="channels_last",
            use_bias=False,
            kernel_initializer=initializer,
            name=f"{name}_conv",
        )(x)
        has_scale = self.norm_scale != "none"
        gamma = self.norm_scale if has_scale else "ones"
        x = norm(x, name, gamma, momentum=self.norm_momentum, epsilon=0.001, scale=has_scale)
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    def _auxiliary_head(self, x: Any) -> Any:
        layers, channels_last = keras.layers, {"data_format": "channels_last"}
        normal = keras.initializers.TruncatedNormal
        x = layers.AveragePooling2D(_at_most_5(x), 3, **channels_last, name="auxiliary_pool")(x)
        x = self._convolution(x, (128, 1, 1), "auxiliary_1")
        second = (768, *_at_most_5(x))
        x = self._convolution(x, second, "auxiliary_2", 1, "valid", normal(stddev=0.01))
        x = layers.GlobalAveragePooling2D(**channels_last, name="auxiliary_end")(x)
        return self._logits(x, normal(stddev=0.001), "auxiliary_logits")

    def _logits(self, x: Any, initializer: Any, name: str) -> Any:
        return keras.layers.Dense(self.classes, kernel_initializer=initializer, name=name)(x)


def _pool(x: Any, kind: str, name: str, stride: int = 1) -> Any:
    """Applies 3x3 pooling; without padding if strided, and over no padding otherwise."""
    layer = keras.layers.MaxPooling2D if kind == MAX else keras.layers.AveragePooling2D
    padding = "valid" if stride > 1 else "same"
    return layer(3, stride, padding, data_format="channels_last", name=name)(x)


def _at_most_5(x: Any) -> tuple[int, int]:
    """Returns the height and width of a window of 5x5, or of its part that fits an image."""
    return min(5, x.shape[1]), min(5, x.shape[2])
