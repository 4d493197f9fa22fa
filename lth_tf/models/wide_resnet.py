"""Wide residual networks for CIFAR-10 (Zagoruyko & Komodakis 2016, table 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.models.blocks import Initializer, convolution, norm, pooled_logits
from lth_tf.models.lazy import keras
from lth_tf.recipes import Model, require


@dataclass(frozen=True, eq=False, repr=False)
class WideResnet(Model):
    """WRN-depth-widening: a 3x3 stem, three stages of pre-activation blocks, pooling, logits.

    A block is batch norm, ReLU, 3x3 convolution, batch norm, ReLU, 3x3 convolution, plus its
    input; where it changes the number of channels, plus a 1x1 convolution, without batch norm, of
    its input after the first ReLU (as in the authors' code). There is no dropout. Stages are 1, 2
    and 4 times widening * width channels wide; the second and third halve the image. Batch norm and
    ReLU follow the last one.

    Attributes:
      depth: 6n + 4, with n blocks a stage: 10, 16, 22, 28, 40, ...
      widening: the factor k by which it is wider than a ResNet.
      width: channels of the stem.
      kernel_initializer: see lth_tf.models.blocks.initializer.
      norm_scale: batch norm's gamma at the start: 'ones' (the authors' Torch code), or 'uniform' in
        [0, 1) (their PyTorch code, and open_lth's default).
    """

    depth: int = 16
    widening: int = 8
    width: int = 16
    classes: int = 10
    image_shape: tuple[int, ...] = (32, 32, 3)
    kernel_initializer: Initializer = "kaiming_normal"
    norm_scale: Literal["ones", "uniform"] = "ones"

    def check(self) -> None:
        require(self.depth >= 10 and self.depth % 6 == 4, self, "depth", "6n + 4: 10, 16, 22, ...")
        require(self.widening > 0, self, "widening", "1 or more")
        require(self.width > 0, self, "width", "1 or more")
        self.check_sizes()

    @property
    def title(self) -> str:
        narrow = f" width {self.width}" if self.width != 16 else ""
        return f"WRN-{self.depth}-{self.widening}{narrow}"

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(f"{name}_out" for name, _, _ in self._plan())

    def _plan(self) -> Iterator[tuple[str, int, int]]:
        """Yields name, channels and stride of every residual block."""
        for stage in (1, 2, 3):
            for block in range(1, (self.depth - 4) // 6 + 1):
                stride = 2 if stage > 1 and block == 1 else 1
                yield f"stage{stage}_{block}", self.widening * self.width * 2 ** (stage - 1), stride

    def build(self) -> "keras.Model":
        inputs = keras.Input(self.image_shape, name="images")
        x = self._convolution(inputs, self.width, 3, 1, "stem")
        for name, channels, stride in self._plan():
            x = self._block(x, channels, stride, name)
        x = self._activation(x, "last")
        x = pooled_logits(x, self.classes, self.kernel_initializer)
        return keras.Model(inputs, x, name="wide_resnet")

    def _block(self, x: Any, channels: int, stride: int, name: str) -> Any:
        activated = self._activation(x, f"{name}_first")
        y = self._convolution(activated, channels, 3, stride, f"{name}_first")
        y = self._activation(y, f"{name}_second")
        y = self._convolution(y, channels, 3, 1, f"{name}_second")
        if x.shape[-1] != channels:
            x = self._convolution(activated, channels, 1, stride, f"{name}_shortcut")
        return keras.layers.Add(name=f"{name}_out")([x, y])

    def _activation(self, x: Any, name: str) -> Any:
        return keras.layers.ReLU(name=f"{name}_relu")(norm(x, name, self.norm_scale))

    def _convolution(self, x: Any, channels: int, size: int, stride: int, name: str) -> Any:
        return convolution(x, channels, size, stride, name, self.kernel_initializer)
