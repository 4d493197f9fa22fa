"""Weights that are derived from others by permuting them, and by mixing signs and magnitudes."""

from dataclasses import dataclass

import numpy as np

from lth_tf import perturbation
from lth_tf.recipes.bases import Mask, Weights
from lth_tf.recipes.derived import DerivedWeights
from lth_tf.recipes.fields import RecipeError, Seed
from lth_tf.recipes.maker import ArtifactMaker
from lth_tf.recipes.recipe import require
from lth_tf.state import Arrays, State


@dataclass(frozen=True, eq=False, repr=False)
class Recombine(DerivedWeights):
    """The kernels with signs of one state and magnitudes of another (early_phase section 5.1).

    Attributes:
      weights: whose everything else it keeps.
      signs: whose sign bits.
      magnitudes: whose absolute values.
    """

    signs: Weights
    magnitudes: Weights

    def check(self) -> None:
        for name in ("signs", "magnitudes"):
            model = getattr(self, name).model
            if model != self.weights.model:
                raise RecipeError(
                    f"Recombine.{name} is of {model.title}; it must be of the network of "
                    f"Recombine.weights, {self.weights.model.title}"
                )

    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        signs, magnitudes = maker.state(self.signs).weights, maker.state(self.magnitudes).weights
        return {
            name: np.copysign(magnitudes[name], signs[name])  # A zero has a sign bit, too.
            for name in maker.engine.prunable_shapes(self.model)
        }


@dataclass(frozen=True, eq=False, repr=False)
class Permute(DerivedWeights):
    """The kernels with their remaining weights permuted in groups (early_phase section 5.2).

    Attributes:
      mask: what remains; pruned weights and all that is not prunable stay as they are.
      within, same_sign: as for lth_tf.perturbation.permute.
      seed: of the permutation.
    """

    mask: Mask
    within: perturbation.Within
    same_sign: bool
    seed: Seed

    def check(self) -> None:
        require(self.seed >= 0, self, "seed", "0 or more")

    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        mask = maker.mask(self.mask)
        if self.within == "filters":
            perturbation.require_filters({name: array.shape for name, array in mask.items()})
        chosen = (self.within, self.same_sign, self.seed)
        return perturbation.permute(state.weights, mask, *chosen)
