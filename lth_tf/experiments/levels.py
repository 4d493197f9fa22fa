"""Measurements of the solutions of a search for masks, level by level (unmasking sec. 2).

Each function takes the levels of one initialization and one step k and lists what is to be measured
of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Literal

from lth_tf.experiments.requests import Request
from lth_tf.experiments.search import Level, MaskSearch
from lth_tf.measurements import Evaluate, Plane, Segment
from lth_tf.recipes import At, Displace, Ones, Project, Recipe, Train, Weights, train

LevelFunction = Literal[
    "error", "levels", "level_pairs", "projections", "planes", "perturbation"
]  # fmt: skip


@dataclass(frozen=True)
class Levels:
    """The levels of a search, and how they are measured.

    Attributes:
      levels: from 0, the dense network, to the last.
      search: whose levels they are.
      task: what they are evaluated on.
      initialization, k: which replicate, and the step that the search rewinds to.
      alphas, statistics, barrier: of lines between levels.
      planes: at which levels planes are made; all but the last if none is given.
      margin: how many rows and columns of a plane are on this side of the origin, of 5 times as
        many and one.
    """

    levels: Sequence[Level]
    search: MaskSearch
    task: Recipe
    initialization: int
    k: int
    alphas: int
    statistics: Literal["interpolate", "reestimate"]
    barrier: str
    planes: tuple[int, ...]
    margin: int

    def request(self, measurement: Any, level: Level, *others: Level, **labels: Any) -> Request:
        """Returns a row about a level and others: about IMP, if any of them is pruned."""
        numbers = [level.number, *(other.number for other in others)]
        about = {
            "network": self.search.score.NETWORK if any(numbers) else "dense",
            "initialization": self.initialization,
            "noise": [self.search.noise_of(number) for number in numbers],
            "rewind_step": self.k,
            "level": level.number,
        }
        settings = self.search.settings_of(max(numbers))
        return Request(measurement, level.mask, level.end, about | labels, settings=settings)

    def line(self, level: Level, end: Weights, other: Level, to: str) -> Request:
        """Returns a row about the line from the solution of a level to an end."""
        how = {"barrier": self.barrier, "statistics": self.statistics}
        line = Segment(end, level.end, self.task, self.alphas, self.statistics)
        return self.request(line, level, other, to=to, to_level=other.number, **how)


def error(found: Levels) -> Iterator[Request]:
    """Yields error and loss of every level."""
    for level in found.levels:
        yield found.request(Evaluate(level.end, found.task), level)


def levels(found: Levels) -> Iterator[Request]:
    """Yields the line from every level to the next."""
    for level, following in pairwise(found.levels):
        yield found.line(level, following.end, following, "solution")


def level_pairs(found: Levels) -> Iterator[Request]:
    """Yields the line between every two levels, from the denser one to the sparser one."""
    for level, sparser in combinations(found.levels, 2):
        yield found.line(level, sparser.end, sparser, "solution")


def projections(found: Levels) -> Iterator[Request]:
    """Yields the line from every level to its projection under the mask of the next."""
    for level, following in pairwise(found.levels):
        yield found.line(level, Project(level.end, following.mask), following, "projection")


def planes(found: Levels) -> Iterator[Request]:
    """Yields the plane through a level, its projection and the next level."""
    for level, following in pairwise(found.levels):
        if not found.planes or level.number in found.planes:
            grid = (5 * found.margin + 1, found.margin, 3 * found.margin)
            plane = Plane(level.end, following.mask, following.end, found.task, *grid)
            yield found.request(plane, level, following)


def perturbation(found: Levels) -> Iterator[Request]:
    """Yields the line from the dense network to the end of a perturbed start (unmasking app. D).

    W_k is moved at random as far as the mask of level 1 moves it, and trained under the noise of
    level 0.
    """
    dense, first = found.levels[:2]
    assert isinstance(dense.end, At)
    run: Train = dense.end.run
    moved = Displace(run.start, first.mask, found.initialization)
    again = train(moved, Ones(run.model), run.task, run.hparams, run.noise, slots=run.slots)
    yield found.line(dense, At(again, dense.end.step), dense, "perturbed")


LEVEL_FUNCTIONS: dict[LevelFunction, Callable[[Levels], Iterator[Request]]] = {
    "error": error,
    "levels": levels,
    "level_pairs": level_pairs,
    "projections": projections,
    "planes": planes,
    "perturbation": perturbation,
}
