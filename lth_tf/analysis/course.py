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
from lth_tf.analysis.selections import final_evaluations
from lth_tf.analysis.statistics import NEVER, RowFilter, Statistic
from lth_tf.log.schema import Row


@dataclass(frozen=True)
class AtLevel:
    """A statistic at a level of its own, whatever level is shown."""

    statistic: Statistic
    level: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        return self.statistic.estimate(rows, self.level)


@dataclass(frozen=True)
class Rate:
    """A number's growth a step from one step to another, of each initialization."""

    rows: RowFilter
    name: str
    first: int
    last: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        chosen = self.rows.find(rows, level)
        first, last = (by_initialization(where(chosen, step=step), self.name)
                       for step in (self.first, self.last))  # fmt: skip
        both, duration = sorted({*first} & {*last}), self.last - self.first
        return estimate_or_none((last[seed] - first[seed]) / duration for seed in both)


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
        by_step = split(self.rows.find(rows, level), "step")
        means = [over_initializations(members, self.name) for members in by_step.values()]
        smoothed = [
            (sum(mean.mean for mean in means[i - 1 : i + 2]) / 3, step, means[i].n)
            for i, (step,) in enumerate(by_step)
            if 0 < i < len(means) - 1 and self.first <= step <= self.last
        ]
        if not smoothed:
            return None
        _, step, samples = min(smoothed)
        return Estimate(step, math.nan, samples)


@dataclass(frozen=True)
class ShortestPretraining:
    """The shortest pretraining that serves as well as rewinding to k, as a ratio of the steps.

    It serves as well where its mean accuracy is at least that of IMP rewound to k, less one
    standard deviation; NEVER where no length does.

    Attributes:
      networks: the steps of a pretraining and its kind of network, the shortest first.
    """

    networks: tuple[tuple[int, str], ...]
    k: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        ends = final_evaluations(rows, level=level)
        rewound = over_initializations(
            where(ends, network="imp", rewind_step=self.k), "test_accuracy"
        )
        accuracies = [over_initializations(where(ends, network=name), "test_accuracy")
                      for _, name in self.networks]  # fmt: skip
        samples = [accuracy.n for accuracy in accuracies if accuracy.n]
        if not rewound.n or not samples:
            return None
        least = rewound.mean - (0 if math.isnan(rewound.std) else rewound.std)
        for (steps, _), accuracy in zip(self.networks, accuracies, strict=True):
            if accuracy.mean >= least:
                return Estimate(steps / self.k, math.nan, accuracy.n)
        return Estimate(NEVER, math.nan, samples[0])
