"""The statistics that unmasking prints of levels, lines and planes, as data: see statistics.py.

Barriers are held against epsilon, the standard deviation of the dense network's error: where a
statistic says 'over epsilon', the verdict is whether it is below 1. Samples are initializations.
"""

import math
from dataclasses import dataclass
from typing import Literal

from lth_tf.analysis import landscape
from lth_tf.analysis.estimate import Estimate, by_initialization, estimate_or_none
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end
from lth_tf.log.schema import Row

Verdict = Literal[
    "matching", "connected", "in_sublevel_set", "path_matching", "projection_inside",
    "connected_iff_matching", "in_sublevel_set_iff_matching",
]  # fmt: skip
Among = Literal["all", "sparse", "matching", "breaking", "first", "last"]


@dataclass(frozen=True)
class Share:
    """In which share of its steps from level to level a search fulfills something, of 1.

    Attributes:
      verdict: see landscape.Step; '..._iff_matching' if and only if both levels match.
      k: the step that the search rewinds to.
      among: of all steps; 'sparse', those from level 1 on; those between levels that match;
        'breaking', those at which matching breaks; the first or the last one.
    """

    verdict: Verdict
    k: int
    among: Among = "all"

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        by_seed: dict[int, list[bool]] = {}
        every = landscape.steps(rows, self.k)
        ends = {"first": min, "last": max}.get(self.among)
        only = ends((step.level for step in every), default=0) if ends else None
        for step in every:
            verdict = self._verdict(step)
            if verdict is not None and (step.level == only if ends else self._counts(step)):
                by_seed.setdefault(step.initialization, []).append(verdict)
        return estimate_or_none(sum(own) / len(own) for own in by_seed.values())

    def _verdict(self, step: landscape.Step) -> bool | None:
        name, iff, _ = self.verdict.partition("_iff_matching")
        found: bool | None = getattr(step, name)
        return found == step.matching if iff else found

    def _counts(self, step: landscape.Step) -> bool:
        return {
            "all": True,
            "sparse": step.level >= 1,
            "matching": step.matching,
            "breaking": step.breaking,
        }[self.among]


@dataclass(frozen=True)
class Barrier:
    """The test barrier on the line between two levels, over epsilon.

    Attributes:
      k: the step that the search rewinds to.
      level, to_level: between which.
      to: what the line leads to: 'solution' or 'perturbed'.
      less_k: the step whose barrier is taken off; None for none.
    """

    k: int
    level: int = 0
    to_level: int = 1
    to: str = "solution"
    less_k: int | None = None

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        epsilon = landscape.dense_error(rows).std
        here = self._barriers(rows, self.k)
        less = dict.fromkeys(here, 0.0)
        if self.less_k is not None:
            less = self._barriers(rows, self.less_k)
        both = [seed for seed in here if seed in less and epsilon > 0]
        return estimate_or_none((here[seed] - less[seed]) / epsilon for seed in both)

    def _barriers(self, rows: list[Row], k: int) -> dict[int, float]:
        found = landscape.lines(rows, self.to, k)
        return by_initialization(
            where(found, level=self.level, to_level=self.to_level), "test_barrier"
        )


@dataclass(frozen=True)
class HighestBarrier:
    """The highest test barrier between any two levels from 1 on that match, over epsilon."""

    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        dense, errors = landscape.dense_error(rows), landscape.level_errors(rows, self.k)
        if not dense.std > 0:
            return None
        limit, by_seed = dense.mean + dense.std, dict[int, float]()
        for line in landscape.lines(rows, "solution", self.k):
            seed, pair = line["initialization"], (line["level"], line["to_level"])
            known = [errors.get((seed, each), math.inf) for each in pair]
            if line["level"] >= 1 and all(landscape.is_at_most(each, limit) for each in known):
                by_seed[seed] = max(by_seed.get(seed, 0.0), line["test_barrier"] / dense.std)
        return estimate_or_none(by_seed.values())


@dataclass(frozen=True)
class DenseInstability:
    """The instability of dense copies from step k, by the barrier of app. A, over epsilon."""

    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        epsilon = landscape.dense_error(rows).std
        found = where(
            at_the_end(where(rows, kind="instability", network="dense")), rewind_step=self.k
        )
        found = where(found, barrier="from_line_between_ends") if epsilon > 0 else []
        return estimate_or_none(
            each / epsilon for each in by_initialization(found, "test_instability").values()
        )


@dataclass(frozen=True)
class Sublevel:
    """By how much the share of a plane that is in the sublevel set falls from first to last level.

    What counts is the share of the grid whose error is not above the network's plus epsilon.
    """

    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        epsilon, errors = landscape.dense_error(rows).std, landscape.level_errors(rows, self.k)
        if math.isnan(epsilon):
            return None
        found = []
        for planes in split(
            where(rows, kind="plane", rewind_step=self.k), "initialization"
        ).values():
            own = sorted(planes, key=lambda row: row["level"])
            ends = [r for r in (own[0], own[-1]) if (r["initialization"], r["level"]) in errors]
            shares = [_share(r, errors[r["initialization"], r["level"]] + epsilon) for r in ends]
            if len(own) > 1 and len(shares) == 2:
                found.append(shares[0] - shares[1])
        return estimate_or_none(found)


def _share(plane: Row, limit: float) -> float:
    every = [error for row in plane["plane_errors"] for error in row]
    return sum(landscape.is_at_most(error, limit) for error in every) / len(every)


@dataclass(frozen=True)
class ErrorRise:
    """A statistic: the test error of a level less that of the dense network, over epsilon.

    Attributes:
      k: the step that the search rewinds to.
      level: the level.
    """

    k: int
    level: int = 1

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        epsilon, errors = landscape.dense_error(rows).std, landscape.level_errors(rows, self.k)
        seeds = [seed for seed, level in errors if level == self.level and epsilon > 0]
        both = [seed for seed in seeds if (seed, 0) in errors]
        return estimate_or_none(
            (errors[seed, self.level] - errors[seed, 0]) / epsilon for seed in both
        )


@dataclass(frozen=True)
class Retraining:
    """A statistic: the trainings that the adaptive ratio saves up to where IMP matches last.

    Attributes:
      what: 'fixed', the levels that IMP with its fixed ratio takes to there; 'adaptive', those of
        the adaptive ratio; 'saved', the share of all trainings, of the dense network too, that it
        saves; 'error', by how much its test error is higher, over epsilon; 'first', the ratio of
        its first level.
      k: the step that both rewind to.
    """

    what: Literal["fixed", "adaptive", "saved", "error", "first"]
    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        if self.what == "first":
            return self._first(rows)
        last = landscape.last_matching(rows, self.k)
        if last is None:
            return None
        fixed, density = last
        if self.what == "fixed":
            ends = where(rows, kind="evaluation", network="imp", rewind_step=self.k, level=fixed)
            return Estimate(fixed, math.nan, len({row["initialization"] for row in ends}))
        adaptive = landscape.first_at_density(rows, self.k, "adaptive_imp", density)
        if self.what == "error":
            epsilon, errors = landscape.dense_error(rows).std, landscape.level_errors(rows, self.k)
            both = [seed for seed in adaptive if (seed, fixed) in errors and epsilon > 0]
            return estimate_or_none(
                (adaptive[seed][1] - errors[seed, fixed]) / epsilon for seed in both
            )
        numbers = [number for number, _ in adaptive.values()]
        if self.what == "saved":
            return estimate_or_none(1 - (number + 1) / (fixed + 1) for number in numbers)
        return estimate_or_none(numbers)

    def _first(self, rows: list[Row]) -> Estimate | None:
        found = at_the_end(where(rows, kind="pruning_ratio", network="dense"))
        return estimate_or_none(
            by_initialization(where(found, rewind_step=self.k), "largest_ratio").values()
        )
