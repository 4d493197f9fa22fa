"""The bases of recipes whose artifacts are weights or masks."""

import functools
from abc import abstractmethod
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from lth_tf.recipes.maker import ArtifactMaker
from lth_tf.recipes.model import Model
from lth_tf.recipes.recipe import Recipe
from lth_tf.state import State

if TYPE_CHECKING:
    from lth_tf.recipes.training import Init, Train


class Weights(Recipe):
    """Base of recipes whose artifact is a state: weights, statistics, optimizer slots, step.

    Attributes:
      HAS_SLOTS: whether its states have optimizer slots.
    """

    MADE: ClassVar[bool] = True
    HAS_SLOTS: ClassVar[bool] = False

    # Attributes of every subclass, where they may be fields or properties.
    if TYPE_CHECKING:

        @property
        def model(self) -> Model:
            """The network."""

        @property
        def step(self) -> int:
            """The training step that they are taken at."""

        @property
        def run(self) -> "Train | None":
            """The run that they come from and the precision of evaluation, or None."""

        @property
        def initial(self) -> "Init":
            """The initial weights that their training began with."""

    @abstractmethod
    def make(self, maker: ArtifactMaker) -> State:
        """Returns the state; `maker` gives what it is made from."""

    def obtain(self, maker: ArtifactMaker) -> State:
        return maker.state(self)


class Mask(Recipe):
    """Base of recipes whose artifact is a mask: kernel name -> array of 0 and 1."""

    MADE: ClassVar[bool] = True

    @functools.cached_property
    def model(self) -> Model:
        """The network that it is a mask of: that of the mask it is made from."""
        return next(child.model for child in self.children if isinstance(child, Mask))

    @functools.cached_property
    def level(self) -> int:
        """The number of times its network was pruned: as often as the mask it is made from."""
        return max((child.level for child in self.children if isinstance(child, Mask)), default=0)

    @property
    def is_dense(self) -> bool:
        """Whether it is known to prune nothing, so that training need not pay for it."""
        return False

    @property
    def place(self) -> PurePosixPath | None:
        return PurePosixPath("masks", self.key[:2], f"{self.key}.mask")

    @abstractmethod
    def make(self, maker: ArtifactMaker) -> dict[str, Any]:
        """Returns kernel name -> uint8 array; `maker` gives what it is made from."""

    def obtain(self, maker: ArtifactMaker) -> dict[str, Any]:
        return maker.mask(self)

    def describe(self) -> str:
        return f"{self.recipe_name.lower()} mask of level {self.level}"
