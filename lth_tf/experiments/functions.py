"""The copies that instability analysis trains, and the functions f that compare them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from lth_tf.experiments.requests import Request
from lth_tf.experiments.search import Level
from lth_tf.measurements import Compare, Distance, Evaluate, Interpolate, Predict, Stability
from lth_tf.recipes import At, Mask, Recipe, Train, Weights

Function = Literal[
    "error", "barrier", "behavior", "behavior_against_dense", "state",
    "stability_to_data_order", "stability_to_pruning",
]  # fmt: skip
# These look at one copy at a time; all others compare two.
OF_ONE_COPY: tuple[Function, ...] = ("error", "stability_to_pruning")
# States of two copies at one step, and the seeds of their noise.
Pair = tuple[tuple[At, At], list[int]]


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

    experiment: Any
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
