"""VGG in its form for CIFAR-10 (Simonyan & Zisserman 2015, with batch norm and one dense layer)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lth_tf.models.blocks import Initializer, convolution, norm, pooled_logits
from lth_tf.models.lazy import keras
from lth_tf.recipes import Model, require

# 3x3 convolutions in each of the five stages, by depth (Simonyan & Zisserman 2015, table 1).
STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


@dataclass(frozen=True, eq=False, repr=False)
class Vgg(Model):
    """Five stages of 3x3 convolutions, each followed by batch norm and ReLU; pooling; logits.

    Stages are width, 2, 4, 8 and 8 times width channels wide, with 2x2 max-pooling between them and
    global average pooling at the end, as in open_lth. VGG-16 with the defaults has 14,724,042
    trained numbers in 13 convolutions and one dense layer (lmc table 1: 14.7M). Convolutions have
    no bias: batch norm takes it off again.

    Attributes:
      depth: layers with weights in the original network, which had two dense ones more.
      width: channels of the first stage.
      image_shape: at least 16 pixels each way.
      kernel_initializer: see lth_tf.models.blocks.initializer.
      norm_scale: batch norm's gamma at the start: 'ones', or 'uniform' in [0, 1) (open_lth's
        default).
    """

    depth: Literal[11, 13, 16, 19] = 16
    width: int = 64
    classes: int = 10
    image_shape: tuple[int, ...] = (32, 32, 3)
    kernel_initializer: Initializer = "kaiming_normal"
    norm_scale: Literal["ones", "uniform"] = "ones"

    def check(self) -> None:
        require(self.width > 0, self, "width", "1 or more")
        self.check_sizes(16)

    @property
    def title(self) -> str:
        return f"VGG-{self.depth}" + (f" width {self.width}" if self.width != 64 else "")

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(f"{name}_relu" for stage in self._stages() for name, _ in stage)

    def _stages(self) -> Iterator[list[tuple[str, int]]]:
        """Yields name and channels of every convolution, by stage."""
        for stage, layers in enumerate(STAGES[self.depth], start=1):
            channels = self.width * 2 ** min(stage - 1, 3)
            yield [(f"stage{stage}_{layer}", channels) for layer in range(1, layers + 1)]

    def build(self) -> "keras.Model":
        inputs = keras.Input(self.image_shape, name="images")
        x = inputs
        for number, stage in enumerate(self._stages()):
            if number:
                x = keras.layers.MaxPooling2D(data_format="channels_last", name=f"pool{number}")(x)
            for name, channels in stage:
                x = convolution(x, channels, 3, 1, name, self.kernel_initializer)
                x = keras.layers.ReLU(name=f"{name}_relu")(norm(x, name, self.norm_scale))
        x = pooled_logits(x, self.classes, self.kernel_initializer)
        return keras.Model(inputs, x, name="vgg")
