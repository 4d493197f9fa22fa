"""Iterative magnitude pruning: the accuracy of the network at every level of the search."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.experiments.replicates import Replicates, noise_of, search_of
from lth_tf.experiments.requests import (
    Experiment,
    Request,
    require_few_measurements,
    require_rewind_steps,
)
from lth_tf.experiments.search import MaskSearch, search_levels, trunk
from lth_tf.measurements import Evaluate
from lth_tf.recipes import require


@dataclass(frozen=True, eq=False, repr=False)
class Imp(Experiment):
    """IMP with rewinding to each of several steps k; a row per level (lmc algorithm 2).

    Attributes:
      search: how masks are found, and to which level.
      rewind_steps: the steps k to rewind to.
      trunk_noise: seed of u, the SGD noise on the way from W_0 to W_k.
      slots: optimizer slots at the rewind: 'reset' or 'carried' over from step k.
      replicates: whether all initializations have the same SGD noise, or each its own.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {"replicates": "shared_noise"}

    search: MaskSearch
    rewind_steps: tuple[int, ...] = (0,)
    trunk_noise: int = 0
    slots: Literal["reset", "carried"] = "reset"
    replicates: Replicates = "shared_noise"

    def check(self) -> None:
        super().check()
        require_rewind_steps(self)
        require(self.trunk_noise >= 0, self, "trunk_noise", "0 or more")
        require_few_measurements(
            self,
            initializations=len(self.initializations),
            rewind_steps=len(self.rewind_steps),
            levels=self.search.levels + 1,
        )

    def requests(self) -> Iterator[Request]:
        setting = (self.model, self.task, self.hparams)
        for initialization in self.initializations:
            noise = noise_of(self.replicates, self.trunk_noise, initialization)
            search = search_of(self.replicates, self.search, initialization)
            for k in self.rewind_steps:
                rewound = trunk(*setting, initialization, noise, k)
                levels = search_levels(rewound, *setting, self.steps, search, self.slots)
                for level in levels:
                    labels = {
                        "network": self.search.score.NETWORK if level.number else "dense",
                        "initialization": initialization,
                        "noise": [search.noise_of(level.number)],
                        "rewind_step": k,
                        "level": level.number,
                    }
                    measured = Evaluate(level.end, self.task)
                    settings = search.settings_of(level.number)
                    yield Request(measured, level.mask, level.end, labels, settings=settings)
