"""A search for masks as a recipe: how often, how much and by what score it prunes."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

from lth_tf import noise as addressed
from lth_tf.data import ForgottenSubset
from lth_tf.recipes import Magnitude, Recipe, Score, require
from lth_tf.recipes.fields import Count, Seed
from lth_tf.training.hparams import Hparams

Replicates = Literal["shared_noise", "own_noise"]
# No network has more weights, and no search more levels.
MOST_WEIGHTS = 10**12
MOST_LEVELS = 10_000


@dataclass(frozen=True, eq=False, repr=False)
class MaskSearch(Recipe):
    """A search for masks. One level with a large fraction is one-shot pruning.

    Attributes:
      levels: N, how many times to prune.
      fraction: of the weights that remain, the fraction pruned at each level, in (0, 1).
      score: the ranking of the weights; the lowest go. 'magnitude', of the network that every level
        trains; Snip, Grasp or SynFlow, which prune before anything is trained; or one's own.
      scope: 'global' ranks all layers together, 'layerwise' each for itself.
      exclude: kernels that are never pruned, by name.
      noise: seed of u', the SGD noise of the search.
      levels_noise: 'fresh', every level is trained under a u' of its own, as lines 4 and 5 of lmc
        algorithm 2 draw it: level 0 under `noise` itself, level n under the seed at the address
        ('mask search', noise, n); or 'same', all levels under `noise`.
      task, hparams, steps: the data, hyperparameters and last step of the training of each level,
        and of W_k before it; None or 0 for those of the tickets themselves (sgd_noise secs. 4.3,
        4.4 and 5.2).
    """

    ADDED: ClassVar[Mapping[str, Any]] = {"task": None, "hparams": None, "steps": 0}

    levels: Count
    fraction: float = 0.2
    score: Score = Magnitude()
    scope: Literal["global", "layerwise"] = "global"
    exclude: tuple[str, ...] = ()
    noise: Seed = 0
    levels_noise: Literal["fresh", "same"] = "fresh"
    task: Recipe | None = None
    hparams: Hparams | None = None
    steps: int = 0

    def check(self) -> None:
        require(0 < self.fraction < 1, self, "fraction", "greater than 0 and less than 1")
        # So many levels leave a weight of the largest network.
        levels = math.log(MOST_WEIGHTS) / -math.log1p(-self.fraction)
        most = max(1, int(min(levels, MOST_LEVELS)))
        problem = f"leave none of {MOST_WEIGHTS:,}" if most < MOST_LEVELS else "cannot be meant"
        pruning = f"more levels, each pruning {self.fraction:.6g} of the weights"
        allowed = f"at most {most:,}: {pruning}, {problem}"
        require(self.levels <= most, self, "levels", allowed)
        require(self.steps >= 0, self, "steps", "0, for as many as tickets have, or more")
        counted = not isinstance(getattr(self.task, "subset", None), ForgottenSubset)
        require(counted, self, "task", "a task without a ForgottenSubset, as it counts for that")

    def trained_with(self, task: Recipe, hparams: Hparams, steps: int) -> "Setting":
        """Returns the search's own task, hparams and steps, or else those of the tickets."""
        return Setting(self.task or task, self.hparams or hparams, self.steps or steps)

    def noise_of(self, level: int) -> int:
        """Returns the seed of a level's SGD noise; drawn ones are below 2**31."""
        if level == 0 or self.levels_noise == "same":
            return self.noise
        return int(addressed.generator("mask search", self.noise, level).integers(2**31))

    def of_replicate(self, replicates: Replicates, initialization: int) -> "MaskSearch":
        """Returns the search for masks of one replicate, under its `replicate_noise`."""
        noise = replicate_noise(replicates, self.noise, initialization)
        return dataclasses.replace(self, noise=noise)

    def settings_of(self, level: int) -> dict[str, Any]:
        """Returns the settings of a network at a level that no recipe shows."""
        return {"MaskSearch.levels_noise": self.levels_noise} if level else {}


class Setting(NamedTuple):
    """The task, the hyperparameters and the last step of a training."""

    task: Any
    hparams: Hparams
    steps: int


def replicate_noise(replicates: Replicates, noise: int, initialization: int) -> int:
    """Returns the seed of the SGD noise of the replicate of one initialization.

    With 'shared_noise' it is `noise`, the experiment's; with 'own_noise' each replicate has its
    own, below 2**31, drawn at the address ('replicate', noise, initialization).
    """
    if replicates == "shared_noise":
        return noise
    return int(addressed.generator("replicate", noise, initialization).integers(2**31))
