"""The functions f of instability analysis (lmc algorithm 1, line 3), and the copies they compare.

Each takes what was trained from one network and lists what is to be measured of it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

from lth_tf.experiments.requests import Request
from lth_tf.measurements import Compare, Distance, Evaluate, Interpolate, Predict, Stability
from lth_tf.recipes import At, Init, Mask, Recipe, Train, Weights

Function = Literal[
    "error",
    "barrier",
    "behavior",
    "behavior_against_dense",
    "state",
    "stability_to_data_order",
    "stability_to_pruning",
]
# These look at one copy at a time; all others compare two.
OF_ONE_COPY: tuple[Function, ...] = ("error", "stability_to_pruning")


@dataclass(frozen=True)
class Copies:
    """Copies of a network, trained from W_k under different SGD noise; the labels of their rows.

    Attributes:
      mask: of the network.
      runs: the copies, by the seed of their noise.
      dense: copies of the whole network from the same W_k, by the seed of their noise.
      trunk: the run that W_k is on, and k; for a random reinitialization, which is not on one,
        None.
      task: what they are evaluated on.
      steps: T, the last step of their clocks.
      between: the steps before T at which pairs are compared too.
      alphas, statistics: as for Interpolate.
      barrier: which barrier is the instability.
      labels: network, initialization, rewind_step, level, schedule.
      settings, axes: as of a Request.
    """

    mask: Mask
    runs: Mapping[int, Train]
    dense: Mapping[int, Train]
    trunk: At | None
    task: Recipe
    steps: int
    between: tuple[int, ...]
    alphas: int
    statistics: Literal["interpolate", "reestimate"]
    barrier: str
    labels: dict[str, Any]
    settings: Mapping[str, Any]
    axes: Mapping[str, float | str] = field(default_factory=dict)

    def request(self, measurement: Any, end: Weights, noise: list[int], **labels: Any) -> Request:
        """Returns the request of a row about this network."""
        labels = self.labels | {"noise": noise} | labels
        return Request(measurement, self.mask, end, labels, self.axes, self.settings)

    def end(self, copy: int) -> At:
        """Returns W_T of a copy."""
        return At(self.runs[copy], self.steps)

    def pairs(self) -> list[tuple[int, int]]:
        """Returns all pairs of noise samples."""
        return list(combinations(self.runs, 2))


def error(copies: Copies) -> Iterator[Request]:
    """Yields error and loss of every copy."""
    for copy in copies.runs:
        yield copies.request(Evaluate(copies.end(copy), copies.task), copies.end(copy), [copy])


def barrier(copies: Copies) -> Iterator[Request]:
    """Yields the line between every two copies, at the end and before (lmc sec. 2, fig. 14)."""
    for step in (*copies.between, copies.steps):
        for one, other in copies.pairs():
            first, second = At(copies.runs[one], step), At(copies.runs[other], step)
            line = Interpolate(first, second, copies.task, copies.alphas, copies.statistics)
            how = {"barrier": copies.barrier, "statistics": copies.statistics}
            yield copies.request(line, first, [one, other], **how)


def behavior(copies: Copies) -> Iterator[Request]:
    """Yields examples classified differently, and L2 of the losses, of two copies (lmc app. G)."""
    yield from _compared(copies, copies.runs, copies.labels["network"])


def behavior_against_dense(copies: Copies) -> Iterator[Request]:
    """Yields comparisons of a sparse copy with one of the whole network."""
    if not copies.mask.is_dense:
        yield from _compared(copies, copies.dense, "dense")


def _compared(copies: Copies, others: Mapping[int, Train], against: str) -> Iterator[Request]:
    for step in (*copies.between, copies.steps):
        for one, other in copies.pairs():
            ends = At(copies.runs[one], step), At(others[other], step)
            first, second = (Predict(end, copies.task) for end in ends)
            yield copies.request(Compare(first, second), ends[0], [one, other], against=against)


def state(copies: Copies) -> Iterator[Request]:
    """Yields error of W_k and three distances: how far training has come at step k (lmc app. B).

    The distances are of masked weights: from W_0 to W_k; from W_k to W_T under the first noise;
    and of every two copies' W_T.
    """
    first = next(iter(copies.runs))
    if copies.trunk is not None:
        yield from _at_rewinding(copies, copies.trunk)
    way = Distance(copies.runs[first].start, copies.end(first), copies.mask)
    yield copies.request(way, copies.end(first), [first], between="k_to_end")
    for one, other in copies.pairs():
        apart = Distance(copies.end(one), copies.end(other), copies.mask)
        yield copies.request(apart, copies.end(one), [one, other], between="end_to_end")


def _at_rewinding(copies: Copies, trunk: At) -> Iterator[Request]:
    initial, noise = trunk.run.start, [trunk.run.noise]
    assert isinstance(initial, Init)
    absolute = {"schedule": "absolute"}
    if copies.mask.is_dense:
        # W_k is of the dense network that was trained from step 0.
        measured = Evaluate(trunk, copies.task)
        yield copies.request(measured, trunk, noise, rewind_step=0, **absolute)
    way = Distance(initial, trunk if trunk.step else initial, copies.mask)
    yield copies.request(way, trunk, noise, between="initialization_to_k")


def stability_to_data_order(copies: Copies) -> Iterator[Request]:
    """Yields distance and angle of the kernels of every two copies (stabilizing section 2)."""
    for one, other in copies.pairs():
        apart = Stability(copies.end(one), copies.end(other), copies.mask)
        labels = {"stability_to": "data_order"}
        yield copies.request(apart, copies.end(one), [one, other], **labels)


def stability_to_pruning(copies: Copies) -> Iterator[Request]:
    """Yields distance and angle of the first copy and the dense network of the same noise.

    Both start from W_k; a network that did not has none. Where the first copy's noise is that of
    the mask search, the whole network is the one that was pruned, which the search trained already.
    """
    if copies.mask.is_dense or copies.trunk is None:
        return
    first = next(iter(copies.runs))
    whole = At(copies.dense[first], copies.steps)
    apart = Stability(whole, copies.end(first), copies.mask)
    yield copies.request(apart, copies.end(first), [first], stability_to="pruning")


FUNCTIONS: dict[Function, Callable[[Copies], Iterator[Request]]] = {
    "error": error,
    "barrier": barrier,
    "behavior": behavior,
    "behavior_against_dense": behavior_against_dense,
    "state": state,
    "stability_to_data_order": stability_to_data_order,
    "stability_to_pruning": stability_to_pruning,
}
