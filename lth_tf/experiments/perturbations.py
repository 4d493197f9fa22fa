"""Kinds of perturbation of a subnetwork's weights, each a composition of derived weights."""

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from lth_tf.perturbation import Within, require_filters
from lth_tf.recipes import AddNoise, Mask, Permute, Recipe, RecipeError, Recombine, Weights, require


class States(NamedTuple):
    """Weights, mask and seed that a perturbation may be made of.

    Attributes:
      rewound: W_k, which is perturbed.
      initial: W_0.
      fresh: the weights of another initialization, one for each W_0.
      mask: m of the subnetwork.
      seed: of random draws, one for each W_0.
    """

    rewound: Weights
    initial: Weights
    fresh: Weights
    mask: Mask
    seed: int


class Perturbation(Recipe):
    """Base of every kind of perturbation (early_phase section 5).

    A kind of your own is a subclass with `perturb`. In gin the shipped ones go by their names.
    """

    @classmethod
    def conformed(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value not in SHIPPED:
            known = ", ".join(SHIPPED)
            raise RecipeError(
                f"{value!r} is no perturbation; allowed: {known}, or a class of one's own"
            )
        return SHIPPED[value]

    @property
    def name(self) -> str:
        """The name of its networks in rows: the class and its fields, 'scaled_0.5'."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.recipe_name).lower()
        return "_".join([words, *map(str, self.fields().values())])

    def __str__(self) -> str:
        return self.name

    def perturb(self, states: States) -> Weights:
        """Returns the perturbed W_k; entries that the mask removes are of no account."""
        raise TypeError(f"{type(self).__name__} has no method perturb")

    def check_kernels(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Raises UserError if kernels of these shapes cannot be perturbed; before any training."""


@dataclass(frozen=True, eq=False, repr=False)
class SignsAndMagnitudes(Perturbation):
    """Signs of one state, magnitudes of another (early_phase fig. 4).

    Attributes:
      signs: 'k', the signs of W_k; or 'initial', of W_0.
      magnitudes: likewise, or 'fresh', the magnitudes of another initialization.
    """

    signs: Literal["k", "initial"]
    magnitudes: Literal["k", "initial", "fresh"]

    @property
    def name(self) -> str:
        return f"signs_{self.signs}_magnitudes_{self.magnitudes}"

    def perturb(self, states: States) -> Weights:
        weights = {"k": states.rewound, "initial": states.initial, "fresh": states.fresh}
        return Recombine(states.rewound, weights[self.signs], weights[self.magnitudes])


@dataclass(frozen=True, eq=False, repr=False)
class ShuffledWeights(Perturbation):
    """Weights permuted within structural elements (early_phase figs. 5 and 6).

    Attributes:
      within, same_sign: as for lth_tf.perturbation.permute.
    """

    within: Within
    same_sign: bool = False

    @property
    def name(self) -> str:
        return f"shuffled_{self.within}" + "_same_sign" * self.same_sign

    def perturb(self, states: States) -> Weights:
        return Permute(states.rewound, states.mask, self.within, self.same_sign, states.seed)

    def check_kernels(self, shapes: dict[str, tuple[int, ...]]) -> None:
        if self.within == "filters":
            require_filters(shapes)


@dataclass(frozen=True, eq=False, repr=False)
class ShuffledMagnitudes(Perturbation):
    """Signs of W_0, magnitudes of W_k permuted within layers (early_phase fig. 6, brown)."""

    @property
    def name(self) -> str:
        return "signs_initial_magnitudes_shuffled"

    def perturb(self, states: States) -> Weights:
        shuffled = Permute(states.rewound, states.mask, "layers", False, states.seed)
        return Recombine(states.rewound, states.initial, shuffled)


@dataclass(frozen=True, eq=False, repr=False)
class GaussianNoise(Perturbation):
    """Noise of n standard deviations of each layer's initialization (early_phase fig. 7).

    Attributes:
      scale: n.
    """

    scale: float

    def check(self) -> None:
        require(self.scale > 0, self, "scale", "greater than 0")

    @property
    def name(self) -> str:
        return f"noise_{self.scale:g}"

    def perturb(self, states: States) -> Weights:
        return AddNoise(states.rewound, states.mask, self.scale, states.seed)


SHIPPED: dict[str, Perturbation] = {
    kind.name: kind
    for kind in (
        SignsAndMagnitudes("k", "initial"),
        SignsAndMagnitudes("k", "fresh"),
        SignsAndMagnitudes("initial", "k"),
        *(ShuffledWeights(w, s) for s in (False, True) for w in ("network", "layers", "filters")),
        ShuffledMagnitudes(),
        *(GaussianNoise(scale) for scale in (0.5, 1.0, 2.0, 3.0)),
        SignsAndMagnitudes("initial", "initial"),
        *(ShuffledWeights(within) for within in ("inputs", "outputs")),
    )
}
# The perturbations of figure 8 of early_phase, whose p-values are of 14 points.
FOURTEEN = tuple(SHIPPED)[:14]
