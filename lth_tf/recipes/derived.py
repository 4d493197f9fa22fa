"""Weights that are derived from others: projected, with noise, permuted, mixed, with a new head."""

import dataclasses
import functools
from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from lth_tf import noise, perturbation
from lth_tf.recipes.bases import ArtifactMaker, Mask, Model, Weights, require_one_network
from lth_tf.recipes.fields import RecipeError, Seed
from lth_tf.recipes.recipe import Recipe
from lth_tf.recipes.training import Init, Train
from lth_tf.state import Arrays, State, apply_mask


@dataclass(frozen=True, eq=False, repr=False)
class DerivedWeights(Weights):
    """Base of weights that are made of others on the way and never stored.

    A subclass computes the changed arrays in `change`. Step, network, batch-norm statistics,
    biases and the precision of evaluation stay those of `weights`; slots are reset.

    Attributes:
      weights: the weights they are derived from.
    """

    weights: Weights

    @functools.cached_property
    def model(self) -> Model:
        return self.weights.model

    @property
    def step(self) -> int:
        return self.weights.step

    @property
    def run(self) -> Train | None:
        return self.weights.run

    @functools.cached_property
    def initial(self) -> Init:
        return self.weights.initial

    @functools.cached_property
    def _settings(self) -> dict[str, Any]:
        """The settings of `weights`, and the name of this class as one more."""
        return super()._settings | {self.recipe_name: True}

    @abstractmethod
    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        """Returns the arrays that differ from those of `state`, by name: float32, same shapes."""

    def make(self, maker: ArtifactMaker) -> State:
        state = maker.state(self.weights)
        arrays = {**state.weights, **self.change(state, maker)}
        return dataclasses.replace(state, weights=arrays, slots={}, updates=0)

    def describe(self) -> str:
        plain = {n: v for n, v in self.fields().items() if not isinstance(v, Recipe)}
        values = ", ".join(f"{name}={value!r}" for name, value in plain.items())
        return f"{self.recipe_name}({values}) of {self.weights.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class DerivedByMask(DerivedWeights):
    """Base of weights that are derived from others by a mask of the same network.

    Attributes:
      mask: the weights that remain.
    """

    mask: Mask

    def check(self) -> None:
        require_one_network(self, "weights", "mask")


@dataclass(frozen=True, eq=False, repr=False)
class Project(DerivedByMask):
    """The weights under a mask: what it prunes is zero, all else stays (unmasking section 2)."""

    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        return apply_mask(state.weights, maker.mask(self.mask))


@dataclass(frozen=True, eq=False, repr=False)
class AddNoise(DerivedByMask):
    """The weights plus Gaussian noise on the kernels' remaining weights (early_phase section 5).

    Attributes:
      scale: n, the standard deviation of the noise in those of each layer's initialization.
      seed: of the noise, which is drawn at the address ('added noise', seed, place of the kernel).
    """

    scale: Annotated[float, "0 or more"]
    seed: Seed

    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        mask = maker.mask(self.mask)
        deviations = maker.engine.initial_deviations(self.model)
        changed = {}
        for place, (name, kept) in enumerate(mask.items()):
            draws = noise.generator("added noise", self.seed, place).standard_normal(kept.shape)
            added = (self.scale * deviations[name] * draws * kept).astype(np.float32)
            changed[name] = state.weights[name] + added
        return changed


@dataclass(frozen=True, eq=False, repr=False)
class Displace(DerivedByMask):
    """The weights moved at random as far as a mask's projection moves them (unmasking app. D).

    W + d z / ||z||, z ~ N(0, I) over all prunable weights, where d = ||W - mask * W||; nothing else
    is moved.

    Attributes:
      mask: whose projection is as far.
      seed: of z, which is drawn at the address ('displacement', seed, place of the kernel).
    """

    seed: Seed

    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        mask = maker.mask(self.mask)
        pruned = {name: state.weights[name] * (kept == 0) for name, kept in mask.items()}
        draws = {
            name: noise.generator("displacement", self.seed, place).standard_normal(kept.shape)
            for place, (name, kept) in enumerate(mask.items())
        }
        length, drawn = _norm(pruned), _norm(draws)
        if not length:
            raise RecipeError(f"Displace.mask is {self.mask.describe()}; it must prune weights")
        return {
            name: (state.weights[name] + length / drawn * z).astype(np.float32)
            for name, z in draws.items()
        }


def _norm(arrays: Arrays) -> float:
    return float(np.sqrt(sum(np.sum(np.square(a, dtype=np.float64)) for a in arrays.values())))


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
        require_one_network(self, "weights", "signs", "magnitudes")

    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        signs, magnitudes = maker.state(self.signs).weights, maker.state(self.magnitudes).weights
        return {
            name: np.copysign(magnitudes[name], signs[name])  # A zero has a sign bit, too.
            for name in maker.engine.prunable_shapes(self.model)
        }


@dataclass(frozen=True, eq=False, repr=False)
class Permute(DerivedByMask):
    """The kernels with their remaining weights permuted in groups (early_phase section 5.2).

    Attributes:
      within, same_sign: as for lth_tf.perturbation.permute.
      seed: of the permutation.
    """

    within: perturbation.Within
    same_sign: bool
    seed: Seed

    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        mask = maker.mask(self.mask)
        if self.within == "filters":
            perturbation.require_filters({name: array.shape for name, array in mask.items()})
        return perturbation.permute(state.weights, mask, self.within, self.same_sign, self.seed)


@dataclass(frozen=True, eq=False, repr=False)
class NewHead(DerivedWeights):
    """A network's weights with the head of another: for other classes, or to be trained anew.

    The head is the layer whose outputs are the logits. Its weights are those that
    Init(to, seed) has; all others are those of `weights`, whose names they have in both networks.

    Attributes:
      to: the network with the new head, which may lack layers of the other: a probe of it does.
      seed: of the head's initial weights.
    """

    to: Model
    seed: Seed

    step = 0

    @functools.cached_property
    def model(self) -> Model:  # type: ignore[override]
        return self.to

    def change(self, state: State, maker: ArtifactMaker) -> Arrays:
        fresh, head = maker.engine.initial(self.to, self.seed), maker.engine.head(self.to)
        for name, array in fresh.weights.items():
            same = name in state.weights and state.weights[name].shape == array.shape
            if not same and name not in head:
                raise RecipeError(
                    f"NewHead.to is {self.to.title}, whose {name} is not as in "
                    f"{self.weights.model.title}; it must differ in the head alone"
                )
        return {name: fresh.weights[name] for name in head}

    def make(self, maker: ArtifactMaker) -> State:
        """Returns the state at step 0, with no array that the new network lacks."""
        made, fresh = super().make(maker), maker.engine.initial(self.to, self.seed)
        weights = {name: made.weights[name] for name in fresh.weights}
        statistics = {name: made.statistics[name] for name in fresh.statistics}
        return dataclasses.replace(made, step=0, weights=weights, statistics=statistics)
