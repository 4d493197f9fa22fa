"""Instability analysis of dense and sparse networks from step k (lmc algorithm 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from lth_tf import noise
from lth_tf.experiments.requests import (
    Experiment,
    Request,
    require_distinct_seeds,
    require_rewind_steps,
)
from lth_tf.experiments.search import MaskSearch, iterative_magnitude_pruning, trunk
from lth_tf.recipes import (
    At,
    Dense,
    Evaluate,
    Init,
    Interpolate,
    Mask,
    Shuffle,
    Weights,
    require,
    train,
)

Kind = Literal["dense", "imp", "random_pruning", "random_reinitialization"]


class Network(NamedTuple):
    """A network to analyse: m * W at step k."""

    kind: Kind
    level: int
    start: Weights
    mask: Mask


@dataclass(frozen=True, eq=False, repr=False)
class Instability(Experiment):
    """Trains copies from step k under different SGD noise and interpolates between them.

    Every network gives a row for each copy and a row for each pair of copies.

    Attributes:
      search: how the masks of the sparse networks are found. Its levels bound `levels`.
      levels: the levels at which sparse networks are analysed.
      networks: which networks: 'dense'; 'imp', the subnetwork (W_k, m); 'random_pruning', W_k
        under m with each layer's entries permuted; 'random_reinitialization', new initial weights
        under m, trained for the remaining T - k steps (lmc fig. 22).
      rewind_steps: the steps k.
      copies: seeds of u_1, u_2, ...: the noise of each copy; all pairs are compared.
      trunk_noise: seed of u, the SGD noise on the way from W_0 to W_k.
      alphas: how many evenly spaced points on the line, ends included (lmc: 30).
      statistics: batch-norm statistics between the ends: 'interpolate' or 'reestimate'.
      barrier: 'from_mean_of_ends' (lmc section 2) or 'from_line_between_ends' (unmasking app. A).
      slots: optimizer slots at step k: 'reset' or 'carried' over from it.
    """

    search: MaskSearch
    levels: tuple[int, ...] = ()
    networks: tuple[Kind, ...] = ("dense", "imp", "random_pruning", "random_reinitialization")
    rewind_steps: tuple[int, ...] = (0,)
    copies: tuple[int, ...] = (1, 2, 3)
    trunk_noise: int = 0
    alphas: int = 30
    statistics: Literal["interpolate", "reestimate"] = "interpolate"
    barrier: Literal["from_mean_of_ends", "from_line_between_ends"] = "from_mean_of_ends"
    slots: Literal["reset", "carried"] = "reset"

    def check(self) -> None:
        super().check()
        require_rewind_steps(self)
        require_distinct_seeds(self, "copies")
        require(len(self.copies) >= 2, self, "copies", "two seeds or more")
        require(len(self.networks) > 0, self, "networks", "one kind of network or more")
        sparse = set(self.networks) - {"dense"}
        inside = all(1 <= level <= self.search.levels for level in self.levels)
        allowed = f"levels from 1 to {self.search.levels} (MaskSearch.levels)"
        require(inside and (len(self.levels) > 0 or not sparse), self, "levels", allowed)

    def requests(self) -> Iterator[Request]:
        for initialization in self.initializations:
            for k in self.rewind_steps:
                for network in self._networks(initialization, k):
                    labels = {
                        "network": network.kind,
                        "initialization": initialization,
                        "rewind_step": k,
                        "level": network.level,
                    }
                    yield from self._instability(network, k, labels)

    def _networks(self, initialization: int, k: int) -> Iterator[Network]:
        setting = (self.model, self.task, self.hparams)
        rewound = trunk(*setting, initialization, self.trunk_noise, k)
        if "dense" in self.networks:
            yield Network("dense", 0, rewound, Dense(self.model))
        fresh = Init(self.model, reinitialization_seed(initialization))
        for level, mask, _ in iterative_magnitude_pruning(
            rewound, *setting, self.steps, self.search, self.slots
        ):
            if level not in self.levels:
                continue
            random_mask = Shuffle(mask, initialization)
            if "imp" in self.networks:
                yield Network("imp", level, rewound, mask)
            if "random_pruning" in self.networks:
                yield Network("random_pruning", level, rewound, random_mask)
            if "random_reinitialization" in self.networks:
                yield Network("random_reinitialization", level, fresh, mask)

    def _instability(self, network: Network, k: int, labels: dict) -> Iterator[Request]:
        """Algorithm 1: copies under noise u_1, u_2, ... from step k to T; then all pairs."""
        ends: dict[int, At] = {}
        for copy in self.copies:
            run = train(network.start, network.mask, self.task, self.hparams, copy, k, self.slots)
            ends[copy] = At(run, self.steps)
            measurement = Evaluate(ends[copy], self.task)
            yield Request(measurement, network.mask, ends[copy], labels | {"noise": [copy]})
        for one, other in combinations(self.copies, 2):
            ends_of_line = (ends[one], ends[other])
            pair = Interpolate(*ends_of_line, self.task, self.alphas, self.statistics)
            yield Request(pair, network.mask, ends[one], labels | {"noise": [one, other]})


def reinitialization_seed(initialization: int) -> int:
    """The seed of the fresh weights that replace those of an initialization, below 2**31."""
    return int(noise.generator("random reinitialization", initialization).integers(2**31))
