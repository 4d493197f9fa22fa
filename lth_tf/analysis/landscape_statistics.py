"""The statistics that unmasking prints of levels, lines and planes, as data: see statistics.py.

Barriers are held against epsilon, the standard deviation of the dense network's error: where a
statistic says 'over epsilon', the verdict is whether it is below 1. Samples are initializations.
Of all, `k` is the step that the search rewinds to.
"""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lth_tf.analysis import landscape
from lth_tf.analysis.criteria import dense_error, is_at_most
from lth_tf.analysis.estimate import Estimate, by_initialization, estimate_or_none
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end
from lth_tf.log.schema import Row

Verdict = Literal[
    "matching", "connected", "in_sublevel_set", "path_matching", "projection_inside",
    "connected_iff_matching", "in_sublevel_set_iff_matching",
]  # fmt: skip
Among = Literal["all", "sparse", "matching", "breaking", "first", "last"]


def _over_epsilon(by_seed: Mapping[int, float], rows: list[Row]) -> Estimate | None:
    """Returns a number of each initialization over epsilon; None where that is not known."""
    epsilon = dense_error(rows).std
    return estimate_or_none(x / epsilon for x in by_seed.values()) if epsilon > 0 else None


@dataclass(frozen=True)
class Share:
    """The share of its steps from level to level in which a search fulfills something, of 1.

    Attributes:
      verdict: see landscape.Step; '..._iff_matching' if and only if both levels match.
      among: of all steps; 'sparse', those from level 1 on; those between levels that match;
        'breaking', those at which matching breaks; the first or the last one.
    """

    verdict: Verdict
    k: int
    among: Among = "all"

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        by_seed: dict[int, list[bool]] = {}
        for step in self._chosen(landscape.steps(rows, self.k)):
            verdict = self._verdict(step)
            if verdict is not None:
                by_seed.setdefault(step.initialization, []).append(verdict)
        return estimate_or_none(map(statistics.fmean, by_seed.values()))

    def _verdict(self, step: landscape.Step) -> bool | None:
        name, iff, _ = self.verdict.partition("_iff_matching")
        verdict: bool | None = getattr(step, name)
        return verdict == step.matching if iff else verdict

    def _chosen(self, steps: list[landscape.Step]) -> list[landscape.Step]:
        if self.among == "all":
            return steps
        if self.among == "sparse":
            return [step for step in steps if step.level >= 1]
        if self.among in ("matching", "breaking"):
            return [step for step in steps if getattr(step, self.among)]
        end = min if self.among == "first" else max
        level = end((step.level for step in steps), default=0)
        return [step for step in steps if step.level == level]


@dataclass(frozen=True)
class Barrier:
    """The test barrier on the line from a level to another, over epsilon.

    Attributes:
      to: the end of the line, a 'solution' or 'perturbed'.
      less_k: another step, whose barrier is taken off.
    """

    k: int
    level: int = 0
    to_level: int = 1
    to: str = "solution"
    less_k: int | None = None

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        barriers = self._barriers(rows, self.k)
        if self.less_k is not None:
            less = self._barriers(rows, self.less_k)
            barriers = {seed: barriers[seed] - less[seed] for seed in barriers if seed in less}
        return _over_epsilon(barriers, rows)

    def _barriers(self, rows: list[Row], k: int) -> dict[int, float]:
        lines = where(landscape.lines(rows, self.to, k), level=self.level, to_level=self.to_level)
        return by_initialization(lines, "test_barrier")


@dataclass(frozen=True)
class HighestBarrier:
    """The highest test barrier between any two levels from 1 on that match, over epsilon."""

    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        errors, limit = landscape.level_errors(rows, self.k), landscape.matching_threshold(rows)
        matching = {place for place, error in errors.items() if is_at_most(error, limit)}
        by_seed: dict[int, float] = {}
        for line in landscape.lines(rows, "solution", self.k):
            seed = line["initialization"]
            ends = {(seed, line["level"]), (seed, line["to_level"])}
            if line["level"] >= 1 and ends <= matching:
                by_seed[seed] = max(by_seed.get(seed, 0.0), line["test_barrier"])
        return _over_epsilon(by_seed, rows)


@dataclass(frozen=True)
class DenseInstability:
    """The instability of dense copies from step k, by the barrier of app. A, over epsilon."""

    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        lines = at_the_end(where(rows, kind="instability", network="dense"))
        lines = where(lines, rewind_step=self.k, barrier="from_line_between_ends")
        return _over_epsilon(by_initialization(lines, "test_instability"), rows)


@dataclass(frozen=True)
class Sublevel:
    """By how much the share of a plane that is in the sublevel set falls from first to last level.

    What counts is the share of the grid whose error is not above the network's plus epsilon.
    """

    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        epsilon, errors = dense_error(rows).std, landscape.level_errors(rows, self.k)
        if math.isnan(epsilon):
            return None
        falls = []
        measured = at_the_end(where(rows, kind="plane", rewind_step=self.k))
        for planes in split(measured, "initialization").values():
            planes.sort(key=lambda row: row["level"])
            ends = planes[0], planes[-1]
            own = [errors.get((row["initialization"], row["level"]), math.nan) for row in ends]
            if len(planes) > 1 and not any(map(math.isnan, own)):
                first, last = (_share(*end, epsilon) for end in zip(ends, own, strict=True))
                falls.append(first - last)
        return estimate_or_none(falls)


def _share(plane: Row, error: float, epsilon: float) -> float:
    grid = [is_at_most(each, error + epsilon) for row in plane["plane_errors"] for each in row]
    return statistics.fmean(grid)


@dataclass(frozen=True)
class ErrorRise:
    """The test error of a level less that of the dense network, over epsilon."""

    k: int
    level: int = 1

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        errors = landscape.level_errors(rows, self.k)
        rises = {
            seed: error - errors[seed, 0]
            for (seed, own), error in errors.items()
            if own == self.level and (seed, 0) in errors
        }
        return _over_epsilon(rises, rows)


@dataclass(frozen=True)
class Retraining:
    """The trainings that the adaptive ratio saves up to the sparsest level of IMP that matches.

    Attributes:
      what: 'fixed', the levels that IMP with its fixed ratio takes to there; 'adaptive', those of
        the adaptive ratio; 'saved', the share of all trainings, of the dense network too, that it
        saves; 'error', the rise of the test error by it, over epsilon; 'first', its first ratio.
    """

    what: Literal["fixed", "adaptive", "saved", "error", "first"]
    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        if self.what == "first":
            ratios = at_the_end(where(rows, kind="pruning_ratio", network="dense"))
            ratios = where(ratios, rewind_step=self.k)
            return estimate_or_none(by_initialization(ratios, "largest_ratio").values())
        last = landscape.last_matching(rows, self.k)
        if last is None:
            return None
        fixed, density = last
        if self.what == "fixed":
            ends = where(rows, kind="evaluation", network="imp", rewind_step=self.k, level=fixed)
            return Estimate(fixed, math.nan, len({row["initialization"] for row in ends}))
        adaptive = landscape.first_at_density(rows, self.k, density)
        if self.what == "error":
            errors = landscape.level_errors(rows, self.k)
            rises = {
                seed: error - errors[seed, fixed]
                for seed, (_, error) in adaptive.items()
                if (seed, fixed) in errors
            }
            return _over_epsilon(rises, rows)
        numbers = [number for number, _ in adaptive.values()]
        if self.what == "saved":
            return estimate_or_none(1 - (number + 1) / (fixed + 1) for number in numbers)
        return estimate_or_none(numbers)
