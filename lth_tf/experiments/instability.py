"""Instability analysis of dense and sparse networks from step k (lmc algorithm 1)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from lth_tf.connectivity import Barrier
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.search import Level, Slots, search_levels
from lth_tf.experiments.tickets import Tickets
from lth_tf.measurements import Compare, Distance, Evaluate, Interpolate, Predict, Stability
from lth_tf.measurements.interpolate import Statistics
from lth_tf.recipes import At, Init, Mask, Ones, Recipe, Train, Weights, at, require, train
from lth_tf.recipes.fields import Natural, Seed, Seeds

Kind = Literal["dense", "imp", "random_pruning", "random_reinitialization"]
Function = Literal[
    "error", "barrier", "behavior", "behavior_against_dense", "state",
    "stability_to_data_order", "stability_to_pruning",
]  # fmt: skip
# These look at one copy at a time; all others compare two.
OF_ONE_COPY: tuple[Function, ...] = ("error", "stability_to_pruning")
# States of two copies at one step, and the seeds of their noise.
Pair = tuple[tuple[At, At], list[int]]


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
        ones, setting = Ones(self.model), self.search_setting
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


@dataclass(frozen=True)
class Copies:
    """Copies of a network m * W; each function f (lmc algorithm 1, line 3) is a method of its name.

    Attributes:
      experiment: the Instability that compares them.
      kind: the kind of network, in rows.
      level: the level of the search that its mask is of.
      start, mask: W at step k, and m.
      runs, dense: the copies, and those of the dense network from the same W_k, by their noise.
      trunk: W_k as a state of the run from W_0; None for new initial weights.
      task: what they are trained and evaluated on.
    """

    experiment: Instability
    kind: str
    level: Level
    start: Weights
    mask: Mask
    runs: Mapping[int, Train]
    dense: Mapping[int, Train]
    trunk: At | None
    task: Recipe

    def error(self) -> Iterator[Request]:
        """Yields the error of every copy."""
        for copy in self.runs:
            end = self._end(copy)
            yield self._request(Evaluate(end, self.task), end, [copy])

    def barrier(self) -> Iterator[Request]:
        """Yields the line between every two copies, at the end and before (lmc sec. 2, fig. 14)."""
        barrier, statistics = self.experiment.barrier, self.experiment.statistics
        for ends, noise in self._pairs_on_the_way(self.runs):
            line = Interpolate(*ends, self.task, self.experiment.alphas, statistics)
            yield self._request(line, ends[0], noise, barrier=barrier, statistics=statistics)

    def behavior(self) -> Iterator[Request]:
        """Returns comparisons of two copies: their classes and losses by example (lmc app. G)."""
        return self._compared(self.runs, self.kind)

    def behavior_against_dense(self) -> Iterator[Request]:
        """Yields comparisons of a sparse copy with one of the whole network."""
        if not self.mask.is_dense:
            yield from self._compared(self.dense, "dense")

    def state(self) -> Iterator[Request]:
        """Yields error of W_k and three distances: how far training has come at k (lmc app. B).

        The distances are of masked weights: from W_0 to W_k; from W_k to W_T under the first noise;
        and of every two copies' W_T.
        """
        if self.trunk is not None:
            state, noise = self.trunk, [self.trunk.run.noise]
            if self.mask.is_dense:
                # W_k is of the dense network that was trained from step 0.
                labels = {"rewind_step": 0, "schedule": "absolute"}
                yield self._request(Evaluate(state, self.task), state, noise, **labels)
            way = Distance(state.initial, state if state.step else state.initial, self.mask)
            yield self._request(way, state, noise, between="initialization_to_k")
        first, *_ = self.runs
        way = Distance(self.start, self._end(first), self.mask)
        yield self._request(way, self._end(first), [first], between="k_to_end")
        for ends, noise in self._pairs_of_ends():
            yield self._request(Distance(*ends, self.mask), ends[0], noise, between="end_to_end")

    def stability_to_data_order(self) -> Iterator[Request]:
        """Yields distance and angle of the kernels of every two copies (stabilizing section 2)."""
        for ends, noise in self._pairs_of_ends():
            measured = Stability(*ends, self.mask)
            yield self._request(measured, ends[0], noise, stability_to="data_order")

    def stability_to_pruning(self) -> Iterator[Request]:
        """Yields distance and angle of the first copy and the dense network of the same noise.

        Both start from W_k, so that a random reinitialization has none. Where the first copy's
        noise is that of the mask search, the search has trained the dense network, and pruned it.
        """
        if not self.mask.is_dense and self.trunk is not None:
            first, *_ = self.runs
            dense, end = At(self.dense[first], self.experiment.steps), self._end(first)
            measured = Stability(dense, end, self.mask)
            yield self._request(measured, end, [first], stability_to="pruning")

    def _request(self, measurement: Any, end: At, noise: list[int], **labels: Any) -> Request:
        """Returns the request of a row about this network."""
        more, axes = self.experiment.labels_and_axes()
        own = {"network": self.kind, "noise": noise, "schedule": self.experiment.schedule}
        return self.level.request(measurement, own | more | labels, end, self.mask, axes=axes)

    def _end(self, copy: int) -> At:
        """Returns W_T of a copy."""
        return At(self.runs[copy], self.experiment.steps)

    def _pairs_of_ends(self) -> Iterator[Pair]:
        """Returns every two copies at T."""
        return self._pairs(self.runs, [self.experiment.steps])

    def _pairs_on_the_way(self, others: Mapping[int, Train]) -> Iterator[Pair]:
        """Returns every copy with the others of other noise: at the steps of comparison, and T."""
        first, *_ = self.runs.values()
        interval, steps = self.experiment.compare_every, self.experiment.steps
        between = range(interval, steps, interval) if interval else ()
        return self._pairs(others, [*(t for t in between if t > first.first_step), steps])

    def _pairs(self, others: Mapping[int, Train], steps: Iterable[int]) -> Iterator[Pair]:
        for step in steps:
            for one, other in combinations(self.runs, 2):
                yield (At(self.runs[one], step), At(others[other], step)), [one, other]

    def _compared(self, others: Mapping[int, Train], against: str) -> Iterator[Request]:
        for ends, noise in self._pairs_on_the_way(others):
            first, second = (Predict(end, self.task) for end in ends)
            yield self._request(Compare(first, second), ends[0], noise, against=against)
