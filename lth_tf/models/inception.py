"""Inception-v3 (Szegedy et al. 2016) as TF-slim and the reference TPU code build it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lth_tf.models.inception_blocks import AVERAGE, BLOCKS, MAX, PAIR, REDUCTIONS
from lth_tf.recipes import Model, require

if TYPE_CHECKING:
    import keras


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
      classes: number of logits. TF-slim's 1001 have one for the background.
      image_shape: height, width, channels of an image; at least 75 pixels each way. In images of
        less than 299 the auxiliary head's 5x5 pooling and convolution shrink to what there is.
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
        import keras

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
        import keras

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
        import keras

        if part in (AVERAGE, MAX):
            return _pool(x, part, name, stride)
        if part is not PAIR:
            return self._convolution(x, part, name, stride)
        both = [
            self._convolution(x, side, f"{name}{i}") for i, side in zip("ab", part, strict=True)
        ]
        return keras.layers.Concatenate(name=name)(both)

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
        import keras

        from lth_tf.models.layers import BatchNorm

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
        x = BatchNorm(
            momentum=self.norm_momentum,
            epsilon=0.001,
            scale=self.norm_scale != "none",
            gamma_initializer=(
                keras.initializers.RandomUniform(0, 1) if self.norm_scale == "uniform" else "ones"
            ),
            name=f"{name}_norm",
        )(x)
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    def _auxiliary_head(self, x: Any) -> Any:
        import keras

        normal = keras.initializers.TruncatedNormal
        x = keras.layers.AveragePooling2D(
            _at_most(5, x), strides=3, data_format="channels_last", name="auxiliary_pool"
        )(x)
        x = self._convolution(x, (128, 1, 1), "auxiliary_1")
        size = _at_most(5, x)
        second = (768, *size)
        x = self._convolution(x, second, "auxiliary_2", 1, "valid", normal(stddev=0.01))
        x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="auxiliary_end")(
            x
        )
        return self._logits(x, normal(stddev=0.001), "auxiliary_logits")

    def _logits(self, x: Any, initializer: Any, name: str) -> Any:
        import keras

        return keras.layers.Dense(self.classes, kernel_initializer=initializer, name=name)(x)


def _pool(x: Any, kind: str, name: str, stride: int = 1) -> Any:
    """Applies pooling of 3x3: over the pixels that there are; without padding if strided."""
    import keras

    layer = keras.layers.MaxPooling2D if kind == MAX else keras.layers.AveragePooling2D
    padding = "valid" if stride > 1 else "same"
    return layer(3, stride, padding, data_format="channels_last", name=name)(x)


def _at_most(size: int, x: Any) -> tuple[int, int]:
    """Returns the height and width of a square of a size, or of its part that fits an image."""
    return min(size, x.shape[1]), min(size, x.shape[2])
