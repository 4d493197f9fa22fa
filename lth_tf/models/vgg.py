"""VGG in its form for CIFAR-10 (Simonyan & Zisserman 2015, with batch norm and one dense layer)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lth_tf.models.blocks import convolution_and_norm, kaiming
from lth_tf.recipes import Model, require

if TYPE_CHECKING:
    import keras

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
      classes: number of logits.
      image_shape: height, width, channels of an image; at least 16 pixels each way.
      kernel_initializer: 'kaiming_normal', a Gaussian of variance 2 / fan-in (He et al. 2015,
        open_lth); 'he_normal', Keras' version of it, truncated at two standard deviations.
      norm_scale: batch norm's gamma at the start: 'ones', or 'uniform' in [0, 1) (open_lth's
        default).
    """

    depth: Literal[11, 13, 16, 19] = 16
    width: int = 64
    classes: int = 10
    image_shape: tuple[int, ...] = (32, 32, 3)
    kernel_initializer: Literal["kaiming_normal", "he_normal"] = "kaiming_normal"
    norm_scale: Literal["ones", "uniform"] = "ones"

    def check(self) -> None:
        require(self.width > 0, self, "width", "1 or more")
        require(self.classes > 1, self, "classes", "2 or more")
        shape_ok = len(self.image_shape) == 3 and min(self.image_shape[:2]) >= 16
        allowed = "height, width, channels; height and width 16 or more"
        require(shape_ok and self.image_shape[2] > 0, self, "image_shape", allowed)

    @property
    def title(self) -> str:
        return f"VGG-{self.depth}" + (f" width {self.width}" if self.width != 64 else "")

    def build(self) -> "keras.Model":
        """Returns the network as a Keras model from images to logits, without masks."""
        import keras

        inputs = keras.Input(self.image_shape, name="images")
        x = inputs
        for stage, layers in enumerate(STAGES[self.depth]):
            if stage:
                x = keras.layers.MaxPooling2D(data_format="channels_last", name=f"pool{stage}")(x)
            for layer in range(1, layers + 1):
                x = self._layer(x, self.width * 2 ** min(stage, 3), f"stage{stage + 1}_{layer}")
        x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="pool")(x)
        initializer = kaiming(self.kernel_initializer)
        dense = keras.layers.Dense(self.classes, kernel_initializer=initializer, name="logits")
        return keras.Model(inputs, dense(x), name="vgg")

    def _layer(self, x: Any, channels: int, name: str) -> Any:
        import keras

        initializer = kaiming(self.kernel_initializer)
        x = convolution_and_norm(x, channels, 3, 1, name, initializer, self.norm_scale)
        return keras.layers.ReLU(name=f"{name}_relu")(x)
