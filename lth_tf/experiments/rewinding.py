"""Bases of experiments that search for masks from W_k, and of those about levels of the search."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from lth_tf.experiments.replicates import Replicates, replicate_noise, replicate_search
from lth_tf.experiments.requests import (
    Experiment,
    require_levels,
    require_plain_search,
    require_rewind_steps,
)
from lth_tf.experiments.search import Level, MaskSearch, search_levels, trunk
from lth_tf.recipes import Weights, require


@dataclass(frozen=True, eq=False, repr=False)
class Rewinding(Experiment):
    """Base of experiments that search for masks from W_k and rewind to it.

    Attributes:
      search: how masks are found, and to which level.
      rewind_steps: the steps k to rewind to.
      trunk_noise: seed of u, the SGD noise on the way from W_0 to W_k.
      slots: optimizer slots of the search at the rewind: 'reset' or 'carried' over from step k.
      replicates: whether all initializations have the same SGD noise, or each its own.
    """

    search: MaskSearch
    rewind_steps: tuple[int, ...] = (0,)
    trunk_noise: int = 0
    slots: Literal["reset", "carried"] = "reset"
    replicates: Replicates = "shared_noise"

    def check(self) -> None:
        super().check()
        require_rewind_steps(self)
        require(self.trunk_noise >= 0, self, "trunk_noise", "0 or more")
        require_plain_search(self)

    def searches(self) -> Iterator[tuple[int, int, Weights, MaskSearch]]:
        """Yields initialization, step k, W_k and search of every search for masks."""
        setting = (self.model, self.task, self.hparams)
        for initialization in self.initializations:
            noise = replicate_noise(self.replicates, self.trunk_noise, initialization)
            search = replicate_search(self.replicates, self.search, initialization)
            for k in self.rewind_steps:
                yield initialization, k, trunk(*setting, initialization, noise, k), search


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RewindingAtLevels(Rewinding):
    """Base of experiments with rewinding that are about some levels of each search.

    Attributes:
      FIRST_LEVEL: the first one that it may be about: 0, the dense network, or 1.
      levels: the levels.
    """

    FIRST_LEVEL: ClassVar[int] = 0

    levels: tuple[int, ...]

    def check(self) -> None:
        super().check()
        require_levels(self, self.FIRST_LEVEL)

    def searched_levels(self) -> Iterator[tuple[int, Weights, MaskSearch, Level]]:
        """Yields initialization, W_k, search and level, of every level that it is about."""
        setting = (self.model, self.task, self.hparams, self.steps)
        for initialization, _, rewound, search in self.searches():
            for level in search_levels(rewound, *setting, search, self.slots):
                if level.number in self.levels:
                    yield initialization, rewound, search, level
