"""Bases of experiments that search for masks from W_k, and of those about levels of the search."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import ClassVar

from lth_tf.experiments.replicates import Replicates, replicate_noise, replicate_search
from lth_tf.experiments.requests import Experiment, require_plain_search, require_rewind_steps
from lth_tf.experiments.search import Level, MaskSearch, Slots, search_levels, trunk
from lth_tf.recipes import require


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
    slots: Slots = "reset"
    replicates: Replicates = "shared_noise"

    def check(self) -> None:
        super().check()
        require_rewind_steps(self, self.steps)
        require(self.trunk_noise >= 0, self, "trunk_noise", "0 or more")
        require_plain_search(self)

    def searches(self) -> Iterator[Generator[Level, float | None, None]]:
        """Yields the levels of every search: of each initialization, from each step k."""
        setting = (self.model, self.task, self.hparams)
        for initialization in self.initializations:
            noise = replicate_noise(self.replicates, self.trunk_noise, initialization)
            search = replicate_search(self.replicates, self.search, initialization)
            for k in self.rewind_steps:
                rewound = trunk(*setting, initialization, noise, k)
                yield search_levels(rewound, *setting, self.steps, search, self.slots)


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
        first, last = self.FIRST_LEVEL, self.search.levels
        allowed = f"levels from {first} to {last} (MaskSearch.levels), one or more"
        inside = len(self.levels) > 0 and all(first <= level <= last for level in self.levels)
        require(inside, self, "levels", allowed)

    def searched_levels(self) -> Iterator[Level]:
        """Yields every level that it is about."""
        for search in self.searches():
            yield from (level for level in search if level.number in self.levels)
