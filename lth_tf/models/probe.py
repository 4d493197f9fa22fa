"""A linear probe: a network up to the end of a block, and a linear layer on what it puts out."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lth_tf.models.blocks import initializer
from lth_tf.recipes import Model, require

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False, repr=False)
class Probe(Model):
    """A network up to a block, the mean over the pixels, logits (Alain & Bengio 2017).

    The layers below have the names that they have in the network, so that they take its weights
    (lth_tf.recipes.NewHead). The logits start as PyTorch's linear layer does.

    Attributes:
      of: the network.
      block: the number of the block, from 1, of the network's `blocks`.
      classes: number of logits.
      image_shape: height, width, channels of an image, which may be of another size than the
        network's own where its layers allow it.
    """

    of: Model
    block: int
    classes: int
    image_shape: tuple[int, ...]

    def check(self) -> None:
        self.check_sizes()
        count = len(self.of.blocks)
        allowed = f"from 1 to {count}, the blocks that {self.of.title} names"
        require(1 <= self.block <= count, self, "block", allowed)

    @property
    def title(self) -> str:
        return f"{self.of.title}, probe after block {self.block}"

    def build(self) -> "keras.Model":
        """Returns the network as a Keras model from images to logits, without masks."""
        import keras

        whole = dataclasses.replace(self.of, image_shape=self.image_shape).build()  # type: ignore
        x = whole.get_layer(self.of.blocks[self.block - 1]).output
        if len(x.shape) == 4:
            pool = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="pixels")
            x = pool(x)
        start = initializer("pytorch_default")
        logits = keras.layers.Dense(self.classes, kernel_initializer=start, name="logits")
        return keras.Model(whole.inputs[0], logits(x), name="probe")
