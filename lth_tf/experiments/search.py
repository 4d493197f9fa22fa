"""Searches for masks: iterative magnitude pruning (lmc algorithm 2), pruning before training."""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from lth_tf import noise as addressed
from lth_tf.recipes import (
    At,
    Init,
    Magnitude,
    Mask,
    Model,
    Ones,
    Prune,
    Recipe,
    Score,
    Seed,
    Weights,
    at,
    require,
    train,
)

# No network has more weights, and no search more levels.
MOST_WEIGHTS = 10**12
MOST_LEVELS = 10_000


@dataclass(frozen=True, eq=False, repr=False)
class MaskSearch(Recipe):
    """How masks are found. One level with a large fraction is one-shot pruning.

    Attributes:
      levels: N, how many times to prune.
      fraction: of the weights that remain, the fraction pruned at each level, in (0, 1).
      score: what ranks the weights; the lowest go. 'magnitude', of the network that every level
        trains; Snip, Grasp or SynFlow, which prune before anything is trained; or one's own.
      scope: 'global' ranks all layers together, 'layerwise' each for itself.
      exclude: kernels that are never pruned, by name.
      noise: seed of u', the SGD noise of the search.
      levels_noise: 'fresh', every level is trained under a u' of its own, as lines 4 and 5 of lmc
        algorithm 2 draw it: level 0 under `noise` itself, level n under the seed at the address
        ('mask search', noise, n); or 'same', all levels under `noise`.
    """

    levels: int
    fraction: float = 0.2
    score: Score = Magnitude()
    scope: Literal["global", "layerwise"] = "global"
    exclude: tuple[str, ...] = ()
    noise: Seed = 0
    levels_noise: Literal["fresh", "same"] = "fresh"

    def check(self) -> None:
        require(self.levels >= 1, self, "levels", "1 or more")
        require(0 < self.fraction < 1, self, "fraction", "greater than 0 and less than 1")
        most = most_levels(self.fraction)
        allowed = (
            f"at most {most:,}: more levels, each pruning {self.fraction:.6g} of the weights, "
        )
        allowed += f"leave none of {MOST_WEIGHTS:,}" if most < MOST_LEVELS else "cannot be meant"
        require(self.levels <= most, self, "levels", allowed)
        require(self.noise >= 0, self, "noise", "0 or more")

    def noise_of(self, level: int) -> int:
        """Returns the seed of a level's SGD noise; drawn ones are below 2**31."""
        if level == 0 or self.levels_noise == "same":
            return self.noise
        return int(addressed.generator("mask search", self.noise, level).integers(2**31))

    def settings_of(self, level: int) -> dict[str, Any]:
        """Returns the settings of a network at a level that its recipe does not show."""
        return {"MaskSearch.levels_noise": self.levels_noise} if level else {}


def most_levels(fraction: float) -> int:
    """Returns how many levels leave a weight of the largest network; one at least."""
    levels = math.log(MOST_WEIGHTS) / -math.log1p(-fraction)
    return max(1, int(min(levels, MOST_LEVELS)))


class Level(NamedTuple):
    """One level of a search: the mask m, and m * W_k trained to W_T under it."""

    number: int
    mask: Mask
    end: Weights


def trunk(
    model: Model, task: Recipe, hparams: Recipe, initialization: int, noise: int, step: int
) -> Weights:
    """Returns W_k, trained densely from W_0 to step k under noise u (algorithm 2, line 3)."""
    return at(train(Init(model, initialization), Ones(model), task, hparams, noise), step)


def search_levels(
    rewound: Weights,
    model: Model,
    task: Recipe,
    hparams: Recipe,
    steps: int,
    search: MaskSearch,
    slots: Literal["reset", "carried"],
    first_step: int | None = None,
) -> Generator[Level, float | None, None]:
    """Yields levels 0 (dense) to N of a search: algorithm 2 of lmc, lines 2 to 6.

    A score that needs no training, such as SNIP's, ranks W_k in place of what a level trained. W_k
    is then a state of the dense run, whose batches the score may use. Every level has as many
    weights either way, and removed ones stay removed.

    The fraction that a level is pruned by may be sent in answer to it; it is `search.fraction`
    otherwise.

    Args:
      rewound: W_k, which every level starts from again.
      steps: T.
      slots: optimizer slots at the rewind.
      first_step: the clock at W_k; None if it goes on from there.
    """
    mask: Mask = Ones(model)
    dense = train(rewound, mask, task, hparams, search.noise, first_step, slots)
    for number in range(search.levels + 1):
        noise = search.noise_of(number)
        end = at(train(rewound, mask, task, hparams, noise, first_step, slots), steps)
        chosen = yield Level(number, mask, end)
        fraction = search.fraction if chosen is None else chosen
        ranked = At(dense, dense.first_step) if search.score.BEFORE_TRAINING else end
        mask = Prune(ranked, mask, fraction, search.score, search.scope, search.exclude)
