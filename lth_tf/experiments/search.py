"""Searches for masks: iterative magnitude pruning (lmc algorithm 2), pruning before training."""

import dataclasses
import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

from lth_tf import noise as addressed
from lth_tf.data import ForgottenSubset
from lth_tf.experiments.requests import Request
from lth_tf.measurements import Measurement
from lth_tf.recipes import (
    At,
    Count,
    Init,
    Magnitude,
    Mask,
    Model,
    Ones,
    Prune,
    Recipe,
    Score,
    Seed,
    Shuffle,
    Train,
    Weights,
    at,
    require,
    train,
)
from lth_tf.training.hparams import Hparams

Slots = Literal["reset", "carried"]
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


def labels_of(run: Train, network: str, level: int) -> dict[str, Any]:
    """Returns the labels of a row about a run that goes on from step k, the first on its clock."""
    return {
        "network": network,
        "initialization": run.initial.seed,
        "noise": [run.noise],
        "rewind_step": run.first_step,
        "level": level,
    }


class Level(NamedTuple):
    """One level of a search: the mask m, and m * W_k trained under it to the search's end.

    Attributes:
      number: how many times its network was pruned; 0 for the dense one.
    """

    number: int
    mask: Mask
    end: At
    search: MaskSearch

    @property
    def rewound(self) -> Weights:
        """W_k, which every level starts from."""
        return self.end.run.start

    @property
    def noise(self) -> int:
        """The seed of the SGD noise of its training."""
        return self.end.run.noise

    @property
    def labels(self) -> dict[str, Any]:
        """The labels of a row about its network."""
        network = self.search.score.NETWORK if self.number else "dense"
        return labels_of(self.end.run, network, self.number)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of its network that no recipe shows."""
        return self.search.settings_of(self.number)

    def request(
        self,
        measurement: Measurement,
        labels: Mapping[str, Any] | None = None,
        end: Weights | None = None,
        mask: Mask | None = None,
        **more: Any,
    ) -> Request:
        """Returns the request of a row about its network, or about others of its density.

        Args:
          labels: those that the row has besides its network's, or in their place.
          end, mask: of the network, where it is another.
          more: other attributes of the Request.
        """
        more = {"settings": self.settings} | more
        own = {**self.labels, **(labels or {})}
        return Request(measurement, mask or self.mask, end or self.end, own, **more)

    @property
    def networks(self) -> dict[str, tuple[Weights, Mask]]:
        """The weights W and the mask m of sparse networks m * W of its density, by their kind.

        'imp' is the ticket; 'initial_weights' has W_0; 'random_pruning' has the entries of each
        layer's mask permuted; 'random_reinitialization' has new initial weights.
        """
        initial, mask = self.end.initial, self.mask
        fresh = Init(initial.model, reinitialization_seed(initial.seed))
        return {
            "imp": (self.rewound, mask),
            "initial_weights": (initial, mask),
            "random_pruning": (self.rewound, Shuffle(mask, initial.seed)),
            "random_reinitialization": (fresh, mask),
        }


def replicate_noise(replicates: Replicates, noise: int, initialization: int) -> int:
    """Returns the seed of the SGD noise of the replicate of one initialization.

    With 'shared_noise' it is `noise`, the experiment's; with 'own_noise' each replicate has its
    own, below 2**31, drawn at the address ('replicate', noise, initialization).
    """
    if replicates == "shared_noise":
        return noise
    return int(addressed.generator("replicate", noise, initialization).integers(2**31))


def reinitialization_seed(initialization: int) -> int:
    """Returns the seed of the fresh weights that replace an initialization's, below 2**31."""
    return int(addressed.generator("random reinitialization", initialization).integers(2**31))


def trunk(
    model: Model, task: Recipe, hparams: Recipe, initialization: int, noise: int, step: int
) -> Weights:
    """Returns W_k, trained densely from W_0 to step k under noise u (algorithm 2, line 3)."""
    return at(train(Init(model, initialization), Ones(model), task, hparams, noise), step)


def search_levels(
    rewound: Weights,
    model: Model,
    task: Recipe,
    hparams: Hparams,
    steps: int,
    search: MaskSearch,
    slots: Slots,
    first_step: int | None = None,
) -> Generator[Level, float | None, None]:
    """Yields levels 0 (dense) to N of a search: algorithm 2 of lmc, lines 2 to 6.

    A score that needs no training, such as SNIP's, ranks W_k in place of the trained weights. W_k
    is then a state of the dense run, whose batches the score may use.

    The fraction to prune next may be sent in answer to a level; it is `search.fraction` otherwise.

    Args:
      rewound: W_k, which every level starts from again.
      task, hparams, steps: of the tickets, T steps; of the search, where it has none of its own.
      slots: optimizer slots at the rewind.
      first_step: the clock at W_k; None if it goes on from there.
    """
    task, hparams, steps = search.trained_with(task, hparams, steps)
    how = (search.score, search.scope, search.exclude)
    mask: Mask = Ones(model)  # line 2
    dense = train(rewound, mask, task, hparams, search.noise, first_step, slots)
    for number in range(search.levels + 1):  # lines 4 to 6
        noise = search.noise_of(number)
        end = At(train(rewound, mask, task, hparams, noise, first_step, slots), steps)
        fraction = (yield Level(number, mask, end, search)) or search.fraction
        ranked = At(dense, dense.first_step) if search.score.BEFORE_TRAINING else end
        mask = Prune(ranked, mask, fraction, *how)
