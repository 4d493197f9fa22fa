"""Subnetworks whose weights are perturbed at the rewinding step (early_phase section 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.experiments.perturbations import FOURTEEN, SHIPPED, Perturbation, States
from lth_tf.experiments.requests import Request
from lth_tf.experiments.rewinding import RewindingAtLevels
from lth_tf.experiments.search import Level
from lth_tf.measurements import Difference, Evaluate
from lth_tf.recipes import At, Weights, train


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

    def check_kernels(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Raises UserError if the network has no kernels that a perturbation could change."""
        for kind in self.kinds:
            kind.check_kernels(shapes)

    def requests(self) -> Iterator[Request]:
        for level in self.searched_levels():
            if "error" in self.functions:
                ticket = Evaluate(level.end, self.task)
                yield Request(ticket, level.mask, level.end, level.labels, settings=level.settings)
            initial, (fresh, mask) = level.end.initial, level.networks["random_reinitialization"]
            states = States(level.rewound, initial, fresh, mask, initial.seed)
            for kind in self.kinds:
                yield from self._perturbed(level, kind.perturb(states), kind.name)

    def _perturbed(self, level: Level, start: Weights, network: str) -> Iterator[Request]:
        """Yields the rows of a network that is trained from perturbed weights."""
        end = At(train(start, level.mask, self.task, self.hparams, level.noise), self.steps)
        labels = level.labels | {"network": network}
        like: dict[str, Any] = {"settings": level.settings, "like": Evaluate(level.end, self.task)}
        for function in self.functions:
            if function == "error":
                yield Request(Evaluate(end, self.task), level.mask, end, labels, **like)
            else:
                moved = Difference(level.rewound, start, level.mask)
                between = labels | {"between": "k_to_perturbed"}
                yield Request(moved, level.mask, start, between, **like)
