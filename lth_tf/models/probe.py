"""Linear probes: a network, and a linear layer on what each of some of its blocks puts out."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lth_tf.models.blocks import initializer, output_of
from lth_tf.models.lazy import keras
from lth_tf.recipes import Model, require


@dataclass(frozen=True, eq=False, repr=False)
class Probes(Model):
    """A network up to its last probed block, and logits after each (Alain & Bengio 2017).

    A probe sees the mean over the pixels of its block. The layers below have the names that they
    have in the network, so that they take its weights (lth_tf.recipes.NewHead). Logits start as
    PyTorch's linear layer does. Where the probes alone are trained, each learns what it would
    without the others: no weight is shared, and the loss is the sum of theirs. A record of the run
    has that sum, and which examples the first probe classified correctly.

    Attributes:
      network: the network that is probed.
      blocks_probed: the numbers of the blocks, rising, from 1, of the network's `blocks`.
      image_shape: it may be of another size than the network's own where its layers allow it.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"network": "of"}

    network: Model
    blocks_probed: tuple[int, ...]
    classes: int
    image_shape: tuple[int, ...]

    def check(self) -> None:
        self.check_sizes()
        count, probed = len(self.network.blocks), self.blocks_probed
        allowed = f"rising, from 1 to {count}, the blocks that {self.network.title} names"
        rising = len(probed) > 0 and list(probed) == sorted({*probed})
        require(rising and probed[0] >= 1 and probed[-1] <= count, self, "blocks_probed", allowed)

    @property
    def heads(self) -> int:
        return len(self.blocks_probed)

    @property
    def title(self) -> str:
        several = "s" if self.heads > 1 else ""
        blocks = ", ".join(map(str, self.blocks_probed))
        return f"{self.network.title}, probe{several} after block{several} {blocks}"

    def build(self) -> "keras.Model":
        network = dataclasses.replace(self.network, image_shape=self.image_shape).build()  # type: ignore
        start, logits = initializer("pytorch_default"), []
        for number in self.blocks_probed:
            x = output_of(network.get_layer(self.network.blocks[number - 1]))
            if len(x.shape) == 4:
                pool = keras.layers.GlobalAveragePooling2D
                x = pool(data_format="channels_last", name=f"pixels_{number}")(x)
            name = f"logits_{number}"
            logits.append(keras.layers.Dense(self.classes, kernel_initializer=start, name=name)(x))
        return keras.Model(network.inputs[0], logits, name="probes")
