"""Recipes of masks: dense, pruned by a score, random."""

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from lth_tf import pruning
from lth_tf.recipes.bases import (
    ArtifactMaker,
    Diverged,
    Mask,
    Model,
    Numbers,
    Weights,
    require_one_network,
)
from lth_tf.recipes.fields import COORDINATE, Seed
from lth_tf.recipes.recipe import Recipe, require


@dataclass(frozen=True, eq=False, repr=False)
class Ones(Mask):
    """The mask of ones: nothing is pruned."""

    NAME: ClassVar[str] = "Dense"

    # A field, though it is a property of other masks.
    model: Annotated[Model, COORDINATE] = dataclasses.field()

    @property
    def is_dense(self) -> bool:
        return True

    def make(self, maker: ArtifactMaker) -> Numbers:
        return pruning.ones(maker.engine.prunable_shapes(self.model))


class Score(Recipe):
    """Base of scores, which rank weights for pruning: the lowest are pruned first.

    A score of your own is a subclass with `scores`. Whatever else decides its numbers, such as the
    seed of a batch, is a field of it.

    Attributes:
      BEFORE_TRAINING: whether a search scores W_k, before anything is trained (its weights are then
        At(dense run, k)), or at every level the trained network.
      NETWORK: the name that rows give to a network which a search found by it.
    """

    BEFORE_TRAINING: ClassVar[bool] = False
    NETWORK: ClassVar[str] = "imp"

    @classmethod
    def conformed(cls, value: Any) -> Any:
        return Magnitude() if value == "magnitude" else value

    def needs(self, weights: Weights, mask: Mask) -> tuple[Recipe, ...]:
        """Returns the measurements it is computed from, such as a gradient, to be made before."""
        return ()

    def scores(self, weights: Weights, mask: Mask, maker: ArtifactMaker) -> Numbers:
        """Returns the score of every prunable weight: kernel name -> array of the kernel's shape.

        Args:
          weights: of the network to prune.
          mask: the weights that remain so far.
          maker: gives the arrays of both, and of what `needs` returns.
        """
        raise TypeError(f"{type(self).__name__} has no method scores")

    def prune(self, how: "Prune", maker: ArtifactMaker) -> Numbers:
        """Returns the mask after pruning; override it where that takes more than one ranking."""
        scores = self.scores(how.weights, how.mask, maker)
        return pruning.prune(maker.mask(how.mask), scores, how.fraction, how.scope, how.exclude)


@dataclass(frozen=True, eq=False, repr=False)
class Magnitude(Score):
    """|w|: magnitude pruning (lmc algorithm 2, line 6)."""

    def as_field(self) -> str:
        """Returns its name, by which keys had it before there were other scores."""
        return "magnitude"

    def scores(self, weights: Weights, mask: Mask, maker: ArtifactMaker) -> Numbers:
        trained = maker.state(weights).weights
        return {name: np.abs(trained[name]) for name in maker.mask(mask)}


@dataclass(frozen=True, eq=False, repr=False)
class Prune(Mask):
    """The mask after removing the lowest-scored weights that remain (lmc algorithm 2, line 6).

    Attributes:
      weights: trained weights W_T that the scores come from.
      mask: the mask so far; removed weights stay removed.
      fraction: of the remaining prunable weights, the fraction to remove, in (0, 1). Exactly
        round(fraction * remaining) go.
      score: the ranking of the weights.
      scope: 'global' ranks all layers together, 'layerwise' takes the fraction from each layer.
      exclude: kernels that are never pruned, by name, such as 'dense_2/kernel'.
    """

    SETTINGS: ClassVar[str] = "MaskSearch"

    weights: Weights
    mask: Mask
    fraction: float
    score: Score
    scope: Literal["global", "layerwise"]
    exclude: tuple[str, ...]

    def check(self) -> None:
        require(0 < self.fraction < 1, self, "fraction", "greater than 0 and less than 1")
        require_one_network(self, "weights", "mask")

    @functools.cached_property
    def level(self) -> int:
        return self.mask.level + 1

    @functools.cached_property
    def children(self) -> tuple[Recipe, ...]:
        """The recipes among the fields, and what the score needs."""
        needed = self.score.needs(self.weights, self.mask)
        return (self.weights, self.mask, self.score, *needed)

    def make(self, maker: ArtifactMaker) -> Numbers:
        # The state first: the mask is then held to the shapes of its network, too.
        state, _ = maker.state(self.weights), maker.mask(self.mask)
        if not state.is_finite and self.weights.run is not None:
            # The very last update did it: no loss has seen these weights.
            raise Diverged(self.weights.run, self.weights.step)
        try:
            return self.score.prune(self, maker)
        except pruning.PruningError as error:
            by = f"{self.score.recipe_name} of {self.weights.describe()}"
            raise pruning.PruningError(f"{by}: {error}") from None


@dataclass(frozen=True, eq=False, repr=False)
class Shuffle(Mask):
    """Random pruning in a mask's layerwise proportions: each layer's entries permuted by seed."""

    mask: Mask
    seed: Seed

    def make(self, maker: ArtifactMaker) -> Numbers:
        return pruning.shuffle(maker.mask(self.mask), self.seed)


@dataclass(frozen=True, eq=False, repr=False)
class HeadMask(Mask):
    """A mask for a network with a new head: ones on the head, everything else as it was.

    Attributes:
      mask: of the network before.
      model: the network with the new head; its other kernels have the same names and shapes.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"model": "of"}

    mask: Mask
    model: Model = dataclasses.field()

    def make(self, maker: ArtifactMaker) -> Numbers:
        shapes, head = maker.engine.prunable_shapes(self.model), maker.engine.head(self.model)
        before = maker.mask(self.mask)
        return {
            name: np.ones(shape, np.uint8) if name in head else before[name]
            for name, shape in shapes.items()
        }
