"""Iterative magnitude pruning: every level of the search, and the lines between levels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, ClassVar, Literal

from lth_tf.connectivity import Barrier
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.search import Level
from lth_tf.experiments.tickets import Rewinding
from lth_tf.measurements import Evaluate, Measurement, Plane, Segment, Statistics
from lth_tf.recipes import At, Displace, Ones, Project, Weights, require, train

Function = Literal["error", "levels", "level_pairs", "projections", "planes", "perturbation"]


@dataclass(frozen=True, eq=False, repr=False)
class Imp(Rewinding):
    """IMP with rewinding to each of several steps k (lmc algorithm 2, unmasking algorithm 1).

    With the default functions there is a row per level.

    Attributes:
      functions: the measurements of the levels: 'error' of each; 'levels', the line from each to
        the next; 'level_pairs', the line between every two; 'projections', the line from each to
        its projection under the next one's mask; 'planes' through a level, its projection and the
        next level; 'perturbation', the line from the dense network to the end of its training from
        W_k moved at random as far as the first mask moves it (unmasking app. D).
      alphas: how many evenly spaced points on a line, ends included.
      statistics: batch-norm statistics on lines: 'interpolate' or 'reestimate'.
      barrier: 'from_line_between_ends' (unmasking app. A) or 'from_mean_of_ends' (lmc section 2).
      plane_levels: the levels at which planes are made; all if there are none.
      plane_points: rows and columns of a plane, 5 n + 1, of which n are on this side of the origin.
    """

    ADDED: ClassVar[Mapping[str, Any]] = {
        "replicates": "shared_noise",
        "functions": ("error",),
        "alphas": 11,
        "statistics": "interpolate",
        "barrier": "from_line_between_ends",
        "plane_levels": (),
        "plane_points": 51,
    }

    functions: tuple[Function, ...] = ("error",)
    alphas: int = 11
    statistics: Statistics = "interpolate"
    barrier: Barrier = "from_line_between_ends"
    plane_levels: tuple[int, ...] = ()
    plane_points: int = 51

    def check(self) -> None:
        super().check()
        functions = {*self.functions}
        different = 0 < len(functions) == len(self.functions)
        once = not {"levels", "level_pairs"} <= functions
        allowed = "different functions, one or more, 'levels' not beside 'level_pairs'"
        require(different and once, self, "functions", allowed)
        self.require_levels("plane_levels", 0, self.search.levels - 1)
        divisible = self.plane_points > 1 and self.plane_points % 5 == 1
        require(divisible, self, "plane_points", "5 n + 1, such as 21 or 51")
        half = (self.search.levels + 1) // 2
        pairs = {"pairs_of_a_level": half} if "level_pairs" in functions and half > 1 else {}
        self.require_few_measurements(levels=self.search.levels + 1, **pairs)

    def requests(self) -> Iterator[Request]:
        for search in self.searches():  # from W_0 to W_k, and on from there
            levels = list(search)  # train, prune, rewind
            for function in self.functions:  # the methods below
                yield from getattr(self, function)(levels)

    def error(self, levels: Sequence[Level]) -> Iterator[Request]:
        """Yields error and loss of every level."""
        for level in levels:
            yield self._request(Evaluate(level.end, self.task), level)

    def levels(self, levels: Sequence[Level]) -> Iterator[Request]:
        """Yields the line from every level to the next."""
        for level, following in pairwise(levels):
            yield self._line(level, following.end, following, "solution")

    def level_pairs(self, levels: Sequence[Level]) -> Iterator[Request]:
        """Yields the line between every two levels, from the denser one to the sparser one."""
        for level, sparser in combinations(levels, 2):
            yield self._line(level, sparser.end, sparser, "solution")

    def projections(self, levels: Sequence[Level]) -> Iterator[Request]:
        """Yields the line from every level to its projection under the mask of the next."""
        for level, following in pairwise(levels):
            projection = Project(level.end, following.mask)
            yield self._line(level, projection, following, "projection")

    def planes(self, levels: Sequence[Level]) -> Iterator[Request]:
        """Yields the plane through a level, its projection and the next level."""
        margin = self.plane_points // 5
        for level, following in pairwise(levels):
            if not self.plane_levels or level.number in self.plane_levels:
                grid = (self.plane_points, margin, 3 * margin)
                plane = Plane(level.end, following.mask, following.end, self.task, *grid)
                yield self._request(plane, level, following)

    def perturbation(self, levels: Sequence[Level]) -> Iterator[Request]:
        """Yields the line from the dense network to one from a perturbed start (unmasking app. D).

        W_k is moved at random as far as the mask of level 1 moves it, and trained under the noise
        of level 0.
        """
        dense, first, *_ = levels
        run = dense.end.run
        moved = Displace(run.start, first.mask, run.initial.seed)
        again = train(moved, Ones(run.model), run.task, run.hparams, run.noise, slots=run.slots)
        yield self._line(dense, At(again, dense.end.step), dense, "perturbed")

    def _line(self, level: Level, end: Weights, other: Level, to: str) -> Request:
        """Returns the request of a row about the line from the solution of a level to an end."""
        line = Segment(end, level.end, self.task, self.alphas, self.statistics)
        labels = {"to": to, "to_level": other.number, "barrier": self.barrier}
        return self._request(line, level, other, **labels, statistics=self.statistics)

    def _request(
        self, measurement: Measurement, level: Level, *others: Level, **labels: Any
    ) -> Request:
        """Returns the request of a row about a level and sparser ones."""
        *_, sparsest = levels = (level, *others)
        noise = [level.noise for level in levels]
        labels = {"network": sparsest.labels["network"], "noise": noise} | labels
        return level.request(measurement, labels, settings=sparsest.settings)
