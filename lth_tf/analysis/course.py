"""Statistics of the course of training, and of how long a pretraining has to be (early_phase)."""

import math
from dataclasses import dataclass

from lth_tf.analysis.estimate import (
    Estimate,
    by_initialization,
    estimate_or_none,
    over_initializations,
)
from lth_tf.analysis.points import split, where
from lth_tf.analysis.selections import at_the_end
from lth_tf.analysis.statistics import NEVER, RowFilter, Statistic
from lth_tf.log.schema import Row


@dataclass(frozen=True)
class AtLevel:
    """A statistic at a level of its own, and not at the one that is shown."""

    statistic: Statistic
    level: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        return self.statistic.estimate(rows, self.level)


@dataclass(frozen=True)
class Rate:
    """A statistic: a number's growth a step from one step to another, of each initialization."""

    rows: RowFilter
    name: str
    first: int
    last: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        found = self.rows.find(rows, level)
        one, other = (
            by_initialization(where(found, step=step), self.name)
            for step in (self.first, self.last)
        )
        both = sorted({*one} & {*other})
        return estimate_or_none((other[i] - one[i]) / (self.last - self.first) for i in both)


@dataclass(frozen=True)
class LowestStep:
    """The step at which the mean of a number is lowest, each averaged with its two neighbors.

    Attributes:
      first, last: the steps among which it is looked for; neighbors may lie outside.
    """

    rows: RowFilter
    name: str
    first: int
    last: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns it, in steps; None where fewer than three steps were measured."""
        groups = split(self.rows.find(rows, level), "step")
        means = [
            (step, over_initializations(group, self.name)) for (step,), group in groups.items()
        ]
        smoothed = [
            (sum(each.mean for _, each in means[i - 1 : i + 2]) / 3, step, each.n)
            for i, (step, each) in enumerate(means)
            if 0 < i < len(means) - 1 and self.first <= step <= self.last
        ]
        if not smoothed:
            return None
        _, step, samples = min(smoothed)
        return Estimate(step, math.nan, samples)


@dataclass(frozen=True)
class ShortestPretraining:
    """A statistic: the shortest pretraining that serves as well as a rewinding step, as a ratio.

    It serves as well where its mean accuracy is at least that of IMP rewound to that step, less one
    standard deviation; NEVER where no length does.

    Attributes:
      networks: kinds of network by the steps of their pretraining, the shortest first.
      k: the rewinding step.
    """

    networks: tuple[tuple[int, str], ...]
    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns it; None where there are no rows of IMP from k, or of any pretraining."""
        ends = where(at_the_end(where(rows, kind="evaluation")), level=level)
        rewound = over_initializations(
            where(ends, network="imp", rewind_step=self.k), "test_accuracy"
        )
        found = [
            (steps, over_initializations(where(ends, network=name), "test_accuracy"))
            for steps, name in self.networks
        ]
        measured = [(steps, each) for steps, each in found if each.n]
        if not rewound.n or not measured:
            return None
        least = rewound.mean - (0 if math.isnan(rewound.std) else rewound.std)
        for steps, each in measured:
            if each.mean >= least:
                return Estimate(steps / self.k, math.nan, each.n)
        return Estimate(NEVER, math.nan, measured[0][1].n)
