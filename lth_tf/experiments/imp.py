"""Iterative magnitude pruning: the accuracy of the network at every level of the search."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

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
    """

    search: MaskSearch
    rewind_steps: tuple[int, ...] = (0,)
    trunk_noise: int = 0
    slots: Literal["reset", "carried"] = "reset"

    def check(self) -> None:
        super().check()
        require_rewind_steps(self)
        require(self.trunk_noise >= 0, self, "trunk_noise", "0 or more")
        search = (self.search.task, self.search.hparams, self.search.steps)
        allowed = "a search without task, hparams and steps, which SparseTraining takes"
        require(search == (None, None, 0), self, "search", allowed)
        require_few_measurements(
            self,
            initializations=len(self.initializations),
            rewind_steps=len(self.rewind_steps),
            levels=self.search.levels + 1,
        )

    def requests(self) -> Iterator[Request]:
        setting = (self.model, self.task, self.hparams)
        for initialization in self.initializations:
            for k in self.rewind_steps:
                rewound = trunk(*setting, initialization, self.trunk_noise, k)
                levels = search_levels(rewound, *setting, self.steps, self.search, self.slots)
                for level in levels:
                    labels = {
                        "network": self.search.score.NETWORK if level.number else "dense",
                        "initialization": initialization,
                        "noise": [self.search.noise_of(level.number)],
                        "rewind_step": k,
                        "level": level.number,
                    }
                    measured = Evaluate(level.end, self.task)
                    settings = self.search.settings_of(level.number)
                    yield Request(measured, level.mask, level.end, labels, settings=settings)
