"""Residual networks for CIFAR-10 (He et al. 2016, section 4.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.models.blocks import Initializer, convolution, norm, pooled_logits
from lth_tf.models.lazy import keras
from lth_tf.recipes import Model, require


@dataclass(frozen=True, eq=False, repr=False)
class Resnet(Model):
    """ResNet of depth 6n + 2: a 3x3 stem, three stages of n basic blocks, pooling, logits.

    Stages are width, 2 * width and 4 * width channels wide; the second and third halve the image.
    ResNet-20 with the defaults has 274,042 numbers (lmc table 1: 274K), 272,474 of them trained,
    the others batch-norm statistics.

    Attributes:
      depth: layers with weights, shortcuts not counted: 8, 14, 20, 32, 44, 56, 110, ...
      width: channels of the first stage.
      shortcut: of blocks that change the shape: 'projection', a strided 1x1 convolution with batch
        norm (open_lth); 'padding', every second pixel and zeros for new channels (He et al.,
        option A; 269,722 trained in ResNet-20).
      kernel_initializer: see lth_tf.models.blocks.initializer.
      norm_scale: batch norm's gamma at the start: 'ones' (He et al.), or 'uniform' in [0, 1)
        (open_lth's default).
    """

    depth: int = 20
    width: int = 16
    classes: int = 10
    image_shape: tuple[int, ...] = (32, 32, 3)
    shortcut: Literal["projection", "padding"] = "projection"
    kernel_initializer: Initializer = "kaiming_normal"
    norm_scale: Literal["ones", "uniform"] = "ones"

    def check(self) -> None:
        require(self.depth >= 8 and self.depth % 6 == 2, self, "depth", "6n + 2: 8, 14, 20, ...")
        require(self.width > 0, self, "width", "1 or more")
        self.check_sizes()

    @property
    def title(self) -> str:
        return f"ResNet-{self.depth}" + (f" width {self.width}" if self.width != 16 else "")

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(f"{name}_out" for name, _, _ in self._plan())

    def _plan(self) -> Iterator[tuple[str, int, int]]:
        """Yields name, channels and stride of every residual block."""
        for stage in (1, 2, 3):
            for block in range(1, (self.depth - 2) // 6 + 1):
                stride = 2 if stage > 1 and block == 1 else 1
                yield f"stage{stage}_{block}", self.width * 2 ** (stage - 1), stride

    def build(self) -> "keras.Model":
        inputs = keras.Input(self.image_shape, name="images")
        x = self._conv_norm(inputs, self.width, 3, 1, "stem")
        x = keras.layers.ReLU(name="stem_relu")(x)
        for name, channels, stride in self._plan():
            x = self._block(x, channels, stride, name)
        x = pooled_logits(x, self.classes, self.kernel_initializer)
        return keras.Model(inputs, x, name="resnet")

    def _block(self, x: Any, channels: int, stride: int, name: str) -> Any:
        """Applies a basic block: conv, norm, relu, conv, norm, plus the shortcut, relu."""
        y = self._conv_norm(x, channels, 3, stride, f"{name}_first")
        y = keras.layers.ReLU(name=f"{name}_relu")(y)
        y = self._conv_norm(y, channels, 3, 1, f"{name}_second")
        if stride > 1 and self.shortcut == "projection":
            x = self._conv_norm(x, channels, 1, stride, f"{name}_shortcut")
        elif stride > 1:
            from lth_tf.models.layers import PaddedShortcut

            x = PaddedShortcut(channels, stride, name=f"{name}_shortcut")(x)
        x = keras.layers.Add(name=f"{name}_add")([x, y])
        return keras.layers.ReLU(name=f"{name}_out")(x)

    def _conv_norm(self, x: Any, channels: int, size: int, stride: int, name: str) -> Any:
        x = convolution(x, channels, size, stride, name, self.kernel_initializer)
        return norm(x, name, self.norm_scale)
