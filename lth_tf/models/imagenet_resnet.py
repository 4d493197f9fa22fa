"""Residual networks for ImageNet (He et al. 2016, table 1), and their form for small images."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.models.blocks import Initializer, convolution, norm, pooled_logits
from lth_tf.models.lazy import keras
from lth_tf.recipes import Model, require

# Residual blocks in each of the four stages, by depth.
STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


@dataclass(frozen=True, eq=False, repr=False)
class ImagenetResnet(Model):
    """ResNet-18, 34 or 50: a stem, four stages of residual blocks, pooling, logits.

    Stages are width, 2, 4 and 8 times width channels wide; all but the first halve the image. The
    blocks of ResNet-18 and 34 are two 3x3 convolutions; those of ResNet-50 are bottlenecks: 1x1,
    3x3 and 1x1, the last with four times the channels. Where a block changes the shape, its
    shortcut is a strided 1x1 convolution with batch norm; otherwise the identity (He et al.,
    option B; torchvision. Google's TPU code projects in the first block of every stage, which
    differs in ResNet-18 and 34 only, which the papers do not take from it).

    The form of Google's TPU code (tensorflow/tpu, models/official/resnet, ResNet-50), which lmc and
    stabilizing cite, is stride_on='3x3', pool_padding='same', kernel_initializer='lecun_normal',
    logits_initializer='normal', norm_scale='last_zero'; see gin/models/resnet50.gin.

    Attributes:
      depth: layers with weights, shortcuts not counted.
      stem: 'imagenet', a 7x7 convolution and a 3x3 max-pooling, each of stride 2; 'cifar', a 3x3
        convolution of stride 1 and no pooling.
      width: channels of the first stage.
      stride_on: the convolution of a bottleneck that carries the stride: '3x3' (Google's TPU code,
        torchvision), or the first '1x1' (He et al., keras.applications). ResNet-50 only.
      pool_padding: of the stem's max-pooling: 'symmetric', one pixel on each side (PyTorch,
        keras.applications); 'same', TensorFlow's, which pads even images below and on the right
        only (Google's TPU code).
      kernel_initializer: of convolutions; see lth_tf.models.blocks.initializer.
      logits_initializer: of the dense layer; its bias starts at 0.
      norm_scale: batch norm's gamma at the start: 'ones'; 'uniform' in [0, 1) (open_lth's
        default); 'last_zero', 0 in the last batch norm of every block and 1 elsewhere (Goyal et
        al. 2017; Google's TPU code).
    """

    depth: Literal[18, 34, 50] = 50
    stem: Literal["imagenet", "cifar"] = "imagenet"
    width: int = 64
    classes: int = 1000
    image_shape: tuple[int, ...] = (224, 224, 3)
    stride_on: Literal["3x3", "1x1"] = "3x3"
    pool_padding: Literal["symmetric", "same"] = "symmetric"
    kernel_initializer: Initializer = "kaiming_normal"
    logits_initializer: Initializer = "kaiming_normal"
    norm_scale: Literal["ones", "uniform", "last_zero"] = "ones"

    def check(self) -> None:
        require(self.width > 0, self, "width", "1 or more")
        self.check_sizes()
        strides_ok = self.depth == 50 or self.stride_on == "3x3"
        require(strides_ok, self, "stride_on", "'3x3' unless the depth is 50")
        pool_ok = self.stem == "imagenet" or self.pool_padding == "symmetric"
        require(pool_ok, self, "pool_padding", "'symmetric' where the stem does not pool")

    @property
    def title(self) -> str:
        stem = ", CIFAR stem" if self.stem == "cifar" else ""
        return f"ResNet-{self.depth}{stem}" + (f" width {self.width}" if self.width != 64 else "")

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(f"{name}_out" for name, _, _ in self._plan())

    def _plan(self) -> Iterator[tuple[str, int, int]]:
        """Yields name, channels and stride of every residual block."""
        for stage, blocks in enumerate(STAGES[self.depth], start=1):
            for block in range(1, blocks + 1):
                stride = 2 if stage > 1 and block == 1 else 1
                yield f"stage{stage}_{block}", self.width * 2 ** (stage - 1), stride

    def build(self) -> "keras.Model":
        inputs = keras.Input(self.image_shape, name="images")
        x = self._stem(inputs)
        for name, channels, stride in self._plan():
            x = self._block(x, channels, stride, name)
        x = pooled_logits(x, self.classes, self.logits_initializer)
        return keras.Model(inputs, x, name="imagenet_resnet")

    def _stem(self, x: Any) -> Any:
        size, stride = (7, 2) if self.stem == "imagenet" else (3, 1)
        x = self._conv_norm(x, self.width, size, stride, "stem")
        x = keras.layers.ReLU(name="stem_relu")(x)
        if self.stem == "cifar":
            return x
        layers, channels_last = keras.layers, {"data_format": "channels_last"}
        padding = "same"
        if self.pool_padding == "symmetric":
            # After a ReLU, zeros are never the largest unless all are.
            x = layers.ZeroPadding2D(1, **channels_last, name="stem_pool_pad")(x)
            padding = "valid"
        return layers.MaxPooling2D(3, 2, padding, **channels_last, name="stem_pool")(x)

    def _block(self, x: Any, channels: int, stride: int, name: str) -> Any:
        """Applies convolutions with norms, ReLU between them, plus the shortcut, ReLU."""
        y, convolutions = x, self._convolutions(channels, stride)
        places = ("first", "second", "third")
        for place, (width, size, step) in zip(places, convolutions, strict=False):
            last = place == places[len(convolutions) - 1]
            y = self._conv_norm(y, width, size, step, f"{name}_{place}", last)
            y = y if last else keras.layers.ReLU(name=f"{name}_{place}_relu")(y)
        if stride > 1 or width != x.shape[-1]:
            x = self._conv_norm(x, width, 1, stride, f"{name}_shortcut")
        x = keras.layers.Add(name=f"{name}_add")([x, y])
        return keras.layers.ReLU(name=f"{name}_out")(x)

    def _convolutions(self, channels: int, stride: int) -> list[tuple[int, int, int]]:
        """Returns channels, size and stride of a block's convolutions."""
        if self.depth < 50:
            return [(channels, 3, stride), (channels, 3, 1)]
        first, second = (stride, 1) if self.stride_on == "1x1" else (1, stride)
        return [(channels, 1, first), (channels, 3, second), (4 * channels, 1, 1)]

    def _conv_norm(
        self, x: Any, channels: int, size: int, stride: int, name: str, last: bool = False
    ) -> Any:
        x = convolution(x, channels, size, stride, name, self.kernel_initializer)
        zero_or_one = "zeros" if last else "ones"
        gamma = zero_or_one if self.norm_scale == "last_zero" else self.norm_scale
        return norm(x, name, gamma)
