"""Subnetworks whose weights are perturbed at the rewinding step (early_phase section 5)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

from lth_tf.data import Facts
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.search import Level
from lth_tf.experiments.tickets import RewindingAtLevels
from lth_tf.measurements import Difference, Evaluate
from lth_tf.perturbation import Within, require_filters
from lth_tf.recipes import AddNoise, Mask, Permute, Recipe, Recombine, Weights
from lth_tf.recipes.fields import Positive, RecipeError
from lth_tf.recipes.training import At, train


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

    scale: Positive

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


@dataclass(frozen=True, eq=False, repr=False)
class Perturbed(RewindingAtLevels):
    """Trains IMP's subnetworks from perturbed weights W_k (early_phase section 5).

    Masks are IMP's: perturbations have no part in the search. A perturbed subnetwork is trained
    from step k on under the noise of the ticket of its level, so that the two differ in nothing
    else. Each has a row of its error at the end, and one of how far it was moved (its effective
    standard deviation); so has the ticket, of its error. The kind of network says how it was
    perturbed.

    Attributes:
      kinds: the perturbations, by name or as a class of one's own. Optimizer slots of perturbed
        networks are reset.
      functions: 'error' at the end, of tickets, too; 'difference', how far each was moved, which
        takes no training of the perturbed network.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {"functions": ("error", "difference")}

    kinds: tuple[Perturbation, ...] = tuple(SHIPPED[name] for name in FOURTEEN)
    functions: tuple[Literal["error", "difference"], ...] = ("error", "difference")

    def check(self) -> None:
        super().check()
        self.require_different("kinds", [kind.name for kind in self.kinds], "perturbations")
        self.require_different("functions", self.functions, "functions")
        rows = len(self.functions) * len(self.kinds) + 1
        self.require_few_measurements(levels=len(self.levels), rows_of_each=rows)

    def check_bound(self, facts: Facts, network: Callable[[], Any]) -> None:
        super().check_bound(facts, network)
        built = network()
        for kind in self.kinds:
            kind.check_kernels({name: built.shapes[name] for name in built.prunable})

    def requests(self) -> Iterator[Request]:
        for level in self.searched_levels():
            if "error" in self.functions:
                yield level.request(Evaluate(level.end, self.task))
            initial, (fresh, mask) = level.end.initial, level.networks["random_reinitialization"]
            states = States(level.rewound, initial, fresh, mask, initial.seed)
            for kind in self.kinds:
                yield from self._perturbed(level, kind.perturb(states), kind.name)

    def _perturbed(self, level: Level, start: Weights, network: str) -> Iterator[Request]:
        """Yields the rows of a network that is trained from perturbed weights."""
        end = At(train(start, level.mask, self.task, self.hparams, level.noise), self.steps)
        labels, like = {"network": network}, Evaluate(level.end, self.task)
        for function in self.functions:
            if function == "error":
                yield level.request(Evaluate(end, self.task), labels, end, like=like)
            else:
                moved = Difference(level.rewound, start, level.mask)
                yield level.request(moved, labels | {"between": "k_to_perturbed"}, start, like=like)
