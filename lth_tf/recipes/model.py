"""The base of every network architecture."""

import dataclasses
from typing import Any

from lth_tf.recipes.recipe import Recipe, require


class Model(Recipe):
    """Base of every network architecture; see lth_tf/models.

    Attributes:
      classes: the number of logits.
      image_shape: height, width, channels of an image.
    """

    classes: int
    image_shape: tuple[int, ...]

    def check_sizes(self, pixels: int = 1) -> None:
        """Raises RecipeError unless it has classes, and images of so many pixels each way."""
        require(self.classes > 1, self, "classes", "2 or more")
        shape = self.image_shape
        fits = len(shape) == 3 and min(shape[:2]) >= pixels and shape[2] >= 1
        allowed = f"height, width, channels; height and width {pixels} or more"
        require(fits, self, "image_shape", allowed)

    def with_classes(self, classes: int) -> "Model":
        """Returns the same network with another number of logits.

        Raises:
          RecipeError: it is not described by its fields alone.
        """
        return dataclasses.replace(self, classes=classes)  # type: ignore[type-var]

    def build(self) -> Any:
        """Returns the network as a Keras model from images to logits, without masks."""
        raise NotImplementedError(f"{type(self).__name__} has no method build")

    @property
    def title(self) -> str:
        """The network's name in tables and figures, such as 'ResNet-20'."""
        return str(self)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The layers whose outputs end a block, in order, for probes; () where none are named."""
        return ()

    @property
    def prunable(self) -> tuple[str, ...]:
        """The weights that have masks, by name; () for every kernel (lth_tf.models.naming)."""
        return ()

    @property
    def heads(self) -> int:
        """The number of outputs that are trained and evaluated each for itself, as of probes."""
        return 1

    @property
    def has_auxiliary_head(self) -> bool:
        """Whether it has a second output, logits that serve nothing but the loss of training."""
        return False
