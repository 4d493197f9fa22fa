"""Instability analysis of dense and sparse networks from step k (lmc algorithm 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lth_tf import noise
from lth_tf.experiments import tickets
from lth_tf.experiments.functions import FUNCTIONS, OF_ONE_COPY, Copies, Function
from lth_tf.experiments.requests import (
    Experiment,
    Request,
    require_distinct_seeds,
    require_few_measurements,
)
from lth_tf.experiments.search import MaskSearch, search_levels, trunk
from lth_tf.recipes import At, Init, Mask, Ones, Recipe, Shuffle, Train, Weights, require, train

Kind = Literal["dense", "imp", "random_pruning", "random_reinitialization"]


class AnalyzedNetwork(NamedTuple):
    """A network to analyze: m * W at step k."""

    kind: str
    level: int
    start: Weights
    mask: Mask


@dataclass(frozen=True, eq=False, repr=False)
class Instability(Experiment):
    """Trains copies from step k under different SGD noise and compares them with functions f.

    With the default functions every network gives a row for each copy and a row for each pair.

    Attributes:
      search: how the masks of the sparse networks are found. Its levels bound `levels`.
      levels: the levels at which sparse networks are analyzed.
      networks: which networks: 'dense'; 'imp', the subnetwork (W_k, m) that the search found, whose
        rows say 'snip' and so on where its score is such; 'random_pruning', W_k under m with each
        layer's entries permuted; 'random_reinitialization', new initial weights under m, trained
        for the remaining T - k steps (lmc fig. 22).
      rewind_steps: the steps k.
      copies: seeds of u_1, u_2, ...: the noise of each copy; all pairs are compared. Two at least,
        unless the functions look at one copy at a time ('error', 'stability_to_pruning').
      trunk_noise: seed of u, the SGD noise on the way from W_0 to W_k.
      alphas: how many evenly spaced points on the line, ends included (lmc: 30).
      statistics: batch-norm statistics between the ends: 'interpolate' or 'reestimate'.
      barrier: 'from_mean_of_ends' (lmc section 2) or 'from_line_between_ends' (unmasking app. A).
      slots: optimizer slots at step k: 'reset' or 'carried' over from it.
      functions: what is measured of the copies: 'error' of each; 'barrier' on the line between two,
        with the distances of their weights; 'behavior', the examples two classify differently and
        the L2 distance of their losses (lmc app. G); 'behavior_against_dense', the same of a
        sparse copy and a dense one from the same W_k; 'state', the error of W_k and the distances
        from W_0 to W_k, from there to the end, and between ends (lmc app. B);
        'stability_to_data_order', L2 distance and angle of the kernels of two copies, and
        'stability_to_pruning', those of a sparse network's first copy and the dense network from
        the same W_k under the same noise (stabilizing section 2).
      compare_every: pairs are compared also at every multiple of this many steps on the clock of
        the copies, such as those of an epoch (lmc fig. 14); 0 for the end only.
      schedule: the clock of the copies: 'absolute', it goes on from k, for T - k steps; or
        'restarted', it starts again at 0, for T steps (lmc fig. 4). That of the search goes on.
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
    functions: tuple[Function, ...] = ("error", "barrier")
    compare_every: int = 0
    schedule: Literal["absolute", "restarted"] = "absolute"

    def check(self) -> None:
        super().check()
        tickets.require_one_clock(self)
        require_distinct_seeds(self, "copies")
        functions = self.functions
        compared = not set(functions) <= set(OF_ONE_COPY)
        least = "two seeds or more" if compared else "one seed or more"
        require(len(self.copies) >= 1 + compared, self, "copies", least)
        different = 0 < len(functions) == len(set(functions))
        require(different, self, "functions", "different functions, one or more")
        require(self.compare_every >= 0, self, "compare_every", "0 or more")
        require(len(self.networks) > 0, self, "networks", "one kind of network or more")
        sparse = set(self.networks) - {"dense"}
        inside = all(1 <= level <= self.search.levels for level in self.levels)
        allowed = f"levels from 1 to {self.search.levels} (MaskSearch.levels)"
        require(inside and (len(self.levels) > 0 or not sparse), self, "levels", allowed)
        pairs = len(self.copies) * (len(self.copies) - 1) // 2
        ends = self.steps // self.compare_every if self.compare_every else 1
        require_few_measurements(
            self,
            networks=len(sparse) * len(self.levels) + ("dense" in self.networks),
            copies_and_pairs=len(self.copies) + pairs * ends,
        )

    def requests(self) -> Iterator[Request]:
        search = tickets.search_setting(self)
        for initialization in self.initializations:
            task = tickets.task_of(self, initialization)
            for k in self.rewind_steps:
                rewound = trunk(self.model, *search[:2], initialization, self.trunk_noise, k)
                dense = self._runs(rewound, Ones(self.model), k, task)
                for network in self._networks(rewound, initialization):
                    copies = self._copies(network, initialization, k, rewound, dense, task)
                    for function in self.functions:
                        yield from FUNCTIONS[function](copies)

    def _networks(self, rewound: Weights, initialization: int) -> Iterator[AnalyzedNetwork]:
        setting = (self.model, self.task, self.hparams)
        if "dense" in self.networks:
            yield AnalyzedNetwork("dense", 0, rewound, Ones(self.model))
        fresh = Init(self.model, reinitialization_seed(initialization))
        for level, mask, _ in search_levels(rewound, *setting, self.steps, self.search, self.slots):
            if level not in self.levels:
                continue
            random_mask = Shuffle(mask, initialization)
            if "imp" in self.networks:
                yield AnalyzedNetwork(self.search.score.NETWORK, level, rewound, mask)
            if "random_pruning" in self.networks:
                yield AnalyzedNetwork("random_pruning", level, rewound, random_mask)
            if "random_reinitialization" in self.networks:
                yield AnalyzedNetwork("random_reinitialization", level, fresh, mask)

    def _copies(
        self,
        network: AnalyzedNetwork,
        initialization: int,
        k: int,
        rewound: Weights,
        dense: dict[int, Train],
        task: Recipe,
    ) -> Copies:
        """Returns copies under noise u_1, u_2, ..., from step k to T (algorithm 1, lines 1, 2)."""
        labels = {
            "network": network.kind,
            "initialization": initialization,
            "rewind_step": k,
            "level": network.level,
            "schedule": self.schedule,
            **tickets.labels(self),
        }
        return Copies(
            mask=network.mask,
            runs=self._runs(network.start, network.mask, k, task),
            dense=dense,
            trunk=self._trunk(initialization, k) if network.start == rewound else None,
            task=task,
            steps=self.steps,
            between=self._between(k),
            alphas=self.alphas,
            statistics=self.statistics,
            barrier=self.barrier,
            labels=labels,
            settings=self.search.settings_of(network.level),
            axes=tickets.axes(self),
        )

    def _trunk(self, initialization: int, k: int) -> At:
        """Returns W_k as a state of the run from W_0, also for k = 0."""
        start = Init(self.model, initialization)
        task, hparams, _ = tickets.search_setting(self)
        return At(train(start, Ones(self.model), task, hparams, self.trunk_noise), k)

    def _runs(self, start: Weights, mask: Mask, k: int, task: Recipe) -> dict[int, Train]:
        setting = (start, mask, task, self.hparams)
        return {u: train(*setting, u, self._first_step(k), self.slots) for u in self.copies}

    def _first_step(self, k: int) -> int:
        return 0 if self.schedule == "restarted" else k

    def _between(self, k: int) -> tuple[int, ...]:
        """Returns the steps before T at which pairs are compared."""
        if not self.compare_every:
            return ()
        regular = range(0, self.steps, self.compare_every)
        return tuple(step for step in regular if step > self._first_step(k))


def reinitialization_seed(initialization: int) -> int:
    """Returns the seed of the fresh weights that replace an initialization's, below 2**31."""
    return int(noise.generator("random reinitialization", initialization).integers(2**31))
