"""Subnetworks whose weights are perturbed at the rewinding step (early_phase section 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.experiments.instability import reinitialization_seed
from lth_tf.experiments.perturbations import FOURTEEN, SHIPPED, Perturbation, States
from lth_tf.experiments.requests import Request, require_few_measurements
from lth_tf.experiments.rewinding import RewindingAtLevels
from lth_tf.experiments.search import Level
from lth_tf.measurements import Difference, Evaluate
from lth_tf.recipes import At, Init, Weights, require, train


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
        takes no training of what was perturbed.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {"functions": ("error", "difference")}

    kinds: tuple[Perturbation, ...] = tuple(SHIPPED[name] for name in FOURTEEN)
    functions: tuple[Literal["error", "difference"], ...] = ("error", "difference")

    def check(self) -> None:
        super().check()
        names = [kind.name for kind in self.kinds]
        different = 0 < len(names) == len(set(names))
        require(different, self, "kinds", "different perturbations, one or more")
        functions = 0 < len(self.functions) == len(set(self.functions))
        require(functions, self, "functions", "different functions, one or more")
        require_few_measurements(
            self, levels=len(self.levels), rows_of_each=len(self.functions) * len(self.kinds) + 1
        )

    def check_kernels(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Raises UserError if the network has no kernels that a perturbation could change."""
        for kind in self.kinds:
            kind.check_kernels(shapes)

    def requests(self) -> Iterator[Request]:
        for initialization, rewound, search, level in self.searched_levels():
            settings = search.settings_of(level.number)
            yield from self._of_level(level, rewound, initialization, settings)

    def _of_level(
        self, level: Level, rewound: Weights, initialization: int, settings: dict[str, str]
    ) -> Iterator[Request]:
        """Yields the rows of one ticket and of the networks that perturbations make of it."""
        network = self.search.score.NETWORK
        assert level.end.run is not None
        noise = level.end.run.noise
        labels = {
            "network": network if level.number else "dense",
            "initialization": initialization,
            "noise": [noise],
            "rewind_step": rewound.step,
            "level": level.number,
        }
        ticket = Evaluate(level.end, self.task)
        if "error" in self.functions:
            yield Request(ticket, level.mask, level.end, labels, settings=settings)
        w0 = Init(self.model, initialization)
        fresh = Init(self.model, reinitialization_seed(initialization))
        states = States(rewound, w0, fresh, level.mask, initialization)
        for kind in self.kinds:
            start = kind.perturb(states)
            end = At(train(start, level.mask, self.task, self.hparams, noise), self.steps)
            own = {**labels, "network": kind.name}
            measured = {
                "error": (Evaluate(end, self.task), end, own),
                "difference": (
                    Difference(rewound, start, level.mask),
                    start,
                    own | {"between": "k_to_perturbed"},
                ),
            }
            for function in self.functions:
                measurement, weights, told = measured[function]
                yield Request(
                    measurement, level.mask, weights, told, settings=settings, like=ticket
                )
