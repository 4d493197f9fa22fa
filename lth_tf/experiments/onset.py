"""The onset of stability: the first step from which copies stay in one basin, by bisection."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lth_tf.connectivity import BARRIERS, Barrier
from lth_tf.experiments.choices import Chain, Choice
from lth_tf.experiments.experiment import Experiment, Request
from lth_tf.experiments.instability import Instability
from lth_tf.experiments.mask_search import MaskSearch
from lth_tf.experiments.search import Slots
from lth_tf.measurements import Interpolate, Statistics
from lth_tf.recipes import Numbers, Seed, Seeds, require


@dataclass(frozen=True, eq=False, repr=False)
class Onset(Experiment):
    """Finds, for each initialization, the first stable step k (sgd_noise app. C.3, table 15).

    A step is stable if the instability of copies trained from W_k, averaged over their pairs, is
    below a threshold. It is assumed that stability grows with k: of n steps, at most log2(n) + 1
    are measured, one after the other. The last step is stable by definition.

    Attributes:
      unit: steps k are multiples of this many, such as the steps of an epoch.
      copies: seeds of u_1, u_2, ...: the noise of each copy; all pairs are compared.
      threshold: of the instability, a fraction of 1 (0.02: two points of error).
      split: the split whose error counts.
      trunk_noise: seed of the SGD noise on the way from W_0 to W_k.
      alphas, statistics, barrier, slots: as for Instability.
    """

    STEPS_BY_INITIALIZATION: ClassVar[bool] = True

    unit: int = 1
    copies: Seeds = (1, 2, 3)
    threshold: float = 0.02
    split: Literal["test", "train"] = "test"
    trunk_noise: Seed = 0
    alphas: int = 30
    statistics: Statistics = "interpolate"
    barrier: Barrier = "from_mean_of_ends"
    slots: Slots = "reset"

    def check(self) -> None:
        super().check()
        require(len(self.copies) >= 2, self, "copies", "two seeds or more")
        require(1 <= self.unit <= self.steps, self, "unit", f"from 1 to {self.steps:,}, the steps")
        require(0 < self.threshold < 1, self, "threshold", "greater than 0 and less than 1")

    def chains(self) -> Iterable[Chain]:
        return (self._bisection(seed) for seed in self.initializations)

    def _bisection(self, initialization: int) -> Chain:
        """Asks for the middle of the steps that may be the first stable one until one is left."""
        low, high = 0, -(-self.steps // self.unit)
        while low < high:
            middle = (low + high) // 2
            requests = list(self._copies(initialization, middle * self.unit))
            yield from requests
            lines = tuple(r.measurement for r in requests if isinstance(r.measurement, Interpolate))
            about = f"stability from step {middle * self.unit:,}, initialization {initialization}"
            # Runs from earlier steps are longer, and of two halves the lower one is the larger.
            answer = yield Choice(about, lines, ("yes", "no"), self._is_stable, "yes")
            low, high = (low, middle) if answer == "yes" else (middle + 1, high)

    def _copies(self, initialization: int, k: int) -> Iterator[Request]:
        """Returns the requests of the copies from step k, and of the lines between them."""
        setting = (self.model, self.task, self.hparams, self.steps, (initialization,))
        names = ("copies", "trunk_noise", "alphas", "statistics", "barrier", "slots")
        how: dict[str, Any] = {name: getattr(self, name) for name in names}
        dense = Instability(*setting, MaskSearch(1), networks=("dense",), rewind_steps=(k,), **how)
        return dense.requests()

    def _is_stable(self, lines: Sequence[Numbers]) -> str:
        """Returns 'yes' if the mean barrier of the lines is below the threshold, else 'no'."""
        barrier = BARRIERS[self.barrier]
        barriers = [barrier(line[f"{self.split}_errors"], line["alphas"]) for line in lines]
        return "yes" if np.mean(barriers) < self.threshold else "no"
