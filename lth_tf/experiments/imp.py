"""Iterative magnitude pruning: every level of the search, and the lines between levels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.experiments.levels import LEVEL_FUNCTIONS, LevelFunction, Levels
from lth_tf.experiments.requests import Request, require_few_measurements
from lth_tf.experiments.rewinding import Rewinding
from lth_tf.experiments.search import search_levels
from lth_tf.recipes import require


@dataclass(frozen=True, eq=False, repr=False)
class Imp(Rewinding):
    """IMP with rewinding to each of several steps k (lmc algorithm 2, unmasking algorithm 1).

    With the default functions there is a row per level.

    Attributes:
      functions: what is measured of the levels: 'error' of each; 'levels', the line from each to
        the next; 'level_pairs', the line between every two; 'projections', the line from each to
        its projection under the next one's mask; 'planes' through a level, its projection and the
        next level; 'perturbation', the line from the dense network to what it is trained to from
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

    functions: tuple[LevelFunction, ...] = ("error",)
    alphas: int = 11
    statistics: Literal["interpolate", "reestimate"] = "interpolate"
    barrier: Literal["from_mean_of_ends", "from_line_between_ends"] = "from_line_between_ends"
    plane_levels: tuple[int, ...] = ()
    plane_points: int = 51

    def check(self) -> None:
        super().check()
        functions = self.functions
        different = 0 < len(functions) == len(set(functions))
        once = not {"levels", "level_pairs"} <= set(functions)
        allowed = "different functions, one or more, 'levels' not beside 'level_pairs'"
        require(different and once, self, "functions", allowed)
        last = self.search.levels - 1
        inside = all(0 <= level <= last for level in self.plane_levels)
        require(inside, self, "plane_levels", f"levels from 0 to {last}, before the last")
        whole = self.plane_points > 1 and self.plane_points % 5 == 1
        require(whole, self, "plane_points", "5 n + 1, such as 21 or 51")
        half = (self.search.levels + 1) // 2
        pairs = {"pairs_of_a_level": half} if "level_pairs" in functions and half > 1 else {}
        require_few_measurements(self, levels=self.search.levels + 1, **pairs)

    def requests(self) -> Iterator[Request]:
        for initialization, k, rewound, search in self.searches():
            setting = (rewound, self.model, self.task, self.hparams, self.steps)
            every = list(search_levels(*setting, search, self.slots))
            how = (self.alphas, self.statistics, self.barrier)
            planes = (self.plane_levels, self.plane_points // 5)
            levels = Levels(every, search, self.task, initialization, k, *how, *planes)
            for function in self.functions:
                yield from LEVEL_FUNCTIONS[function](levels)
