"""Instability analysis of dense and sparse networks from step k (lmc algorithm 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lth_tf.connectivity import Barrier
from lth_tf.experiments.functions import OF_ONE_COPY, Copies, Function
from lth_tf.experiments.requests import Request
from lth_tf.experiments.search import Level, Slots, search_levels
from lth_tf.experiments.tickets import Tickets
from lth_tf.measurements import Statistics
from lth_tf.recipes import At, Init, Mask, Ones, Recipe, Train, Weights, at, require, train
from lth_tf.recipes.fields import Natural, Seed, Seeds

Kind = Literal["dense", "imp", "random_pruning", "random_reinitialization"]


@dataclass(frozen=True, eq=False, repr=False)
class Instability(Tickets):
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
      functions: the measurements of the copies: 'error' of each; 'barrier' on the line between two,
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

    levels: tuple[int, ...] = ()
    networks: tuple[Kind, ...] = ("dense", "imp", "random_pruning", "random_reinitialization")
    rewind_steps: tuple[int, ...] = (0,)
    copies: Seeds = (1, 2, 3)
    trunk_noise: Seed = 0
    alphas: int = 30
    statistics: Statistics = "interpolate"
    barrier: Barrier = "from_mean_of_ends"
    slots: Slots = "reset"
    functions: tuple[Function, ...] = ("error", "barrier")
    compare_every: Natural = 0
    schedule: Literal["absolute", "restarted"] = "absolute"

    def check(self) -> None:
        super().check()
        self.require_one_clock()
        compared = not {*self.functions} <= {*OF_ONE_COPY}
        least = "two seeds or more" if compared else "one seed or more"
        require(len(self.copies) >= 1 + compared, self, "copies", least)
        self.require_different("functions", self.functions, "functions")
        require(len(self.networks) > 0, self, "networks", "one kind of network or more")
        sparse = {*self.networks} - {"dense"}
        self.require_levels("levels", 1, self.search.levels, needed=len(sparse) > 0)
        pairs = len(self.copies) * (len(self.copies) - 1) // 2
        ends = self.steps // self.compare_every if self.compare_every else 1
        self.require_few_measurements(
            networks=len(sparse) * len(self.levels) + ("dense" in self.networks),
            copies_and_pairs=len(self.copies) + pairs * ends,
        )

    def requests(self) -> Iterator[Request]:
        ones, setting = Ones(self.model), self.searched
        for initialization in self.initializations:
            w0, task = Init(self.model, initialization), self.ticket_task(initialization)
            trunk = train(w0, ones, setting.task, setting.hparams, self.trunk_noise)
            for k in self.rewind_steps:
                rewound = at(trunk, k)
                dense = self._runs(rewound, ones, task, k)
                for kind, level, start, mask in self._networks(rewound):
                    runs = self._runs(start, mask, task, k)
                    state = At(trunk, k) if start == rewound else None
                    copies = Copies(self, kind, level, start, mask, runs, dense, state, task)
                    for function in self.functions:
                        yield from getattr(copies, function)()

    def _networks(self, rewound: Weights) -> Iterator[tuple[str, Level, Weights, Mask]]:
        """Yields kind, level, W and m of the networks to analyze from W_k."""
        setting = (self.model, self.task, self.hparams, self.steps)
        for level in search_levels(rewound, *setting, self.search, self.slots):
            if level.number == 0 and "dense" in self.networks:
                yield "dense", level, rewound, level.mask
            networks = level.networks if level.number in self.levels else {}
            for kind, (start, mask) in networks.items():
                if kind in self.networks:
                    yield self.search.score.NETWORK if kind == "imp" else kind, level, start, mask

    def _runs(self, start: Weights, mask: Mask, task: Recipe, k: int) -> dict[int, Train]:
        """Returns copies under noise u_1, u_2, ..., from step k to T (algorithm 1, lines 1, 2)."""
        first_step = 0 if self.schedule == "restarted" else k
        setting = (start, mask, task, self.hparams)
        return {u: train(*setting, u, first_step, self.slots) for u in self.copies}
