"""The bases of recipes of networks, weights and masks, and what makes their artifacts."""

import dataclasses
import functools
from abc import abstractmethod
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from lth_tf.recipes.fields import RecipeError
from lth_tf.recipes.recipe import Recipe, require
from lth_tf.state import State

if TYPE_CHECKING:
    from lth_tf.recipes.training import At, Init, Recorded, Train

Numbers = dict[str, np.ndarray]


class Diverged(Exception):
    """The loss of `run` was not finite at `step` for the first time: a result, not a failure."""

    def __init__(self, run: "Train", step: int) -> None:
        super().__init__(f"run {run.short_key} diverged at step {step}")
        self.run, self.step = run, step


class ArtifactMaker(Protocol):
    """A source of everything that an artifact is made from: the store, or a test's stand-in."""

    @property
    def engine(self) -> Any:
        """The lth_tf.training.engine.Engine: data, networks, compiled programs. Loads TensorFlow.

        Ask for it after what it works on, so that nothing is loaded for what can never be made.
        """

    def state(self, weights: "Weights") -> State:
        """Returns the state of some weights."""

    def train(self, weights: "At") -> State:
        """Returns the state of a run at a step, trained if it is not kept."""

    def mask(self, mask: "Mask") -> Numbers:
        """Returns kernel name -> uint8 array, 1 where the weight remains."""

    def measure(self, measurement: "Recipe") -> Numbers:
        """Returns the numbers of a measurement, by name."""

    def record(self, recorded: "Recorded") -> Any:
        """Returns the lth_tf.store.records.Record of a run's steps, all of which are known."""

    def doing(self, description: str) -> None:
        """Shows a description of work that takes no training steps in the progress line."""


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
    def make(self, maker: ArtifactMaker) -> Numbers:
        """Returns kernel name -> uint8 array; `maker` gives what it is made from."""

    def obtain(self, maker: ArtifactMaker) -> Numbers:
        return maker.mask(self)

    def describe(self) -> str:
        return f"{self.recipe_name.lower()} mask of level {self.level}"


def require_one_network(recipe: Recipe, first: str, *others: str) -> None:
    """Raises RecipeError unless the weights and masks of some fields are of one network."""
    model = getattr(recipe, first).model
    for field in others:
        if (other := getattr(recipe, field).model) != model:
            name = type(recipe).__name__
            raise RecipeError(
                f"{name}.{field} is of {other.title}; it must be of the network of {name}.{first}, "
                f"{model.title}"
            )
