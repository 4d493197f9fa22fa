"""Statistics of tickets whose search, training and task may differ, and of probes (sgd_noise).

They take all rows of a network: those that diverged, too, and those on the axes of
lth_tf/experiments/tickets.py and probing.py. A row without such an axis was trained as its mask was
searched for, on all of the examples.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lth_tf.analysis.criteria import is_stable
from lth_tf.analysis.estimate import Estimate, estimate
from lth_tf.analysis.guessing import evaluated, stayed_at_chance
from lth_tf.analysis.points import split, value, where
from lth_tf.analysis.variants import variants
from lth_tf.log.schema import Row

_PRETRAINED = 0.01  # of the steps: 2 of 200 epochs, which the paper pretrains for
AXES = ("searched_with", "search_share", "examples", "block", "target")


@dataclass(frozen=True)
class Rows:
    """Which rows of a network.

    Attributes:
      kind, network: as of rows.
      level: of the network; None of the dense one.
      rewinding: 'reset' from W_0, 'rewound' from a later step.
      searched_with: the setting of the search, in words; None for the network's own.
      search_share: of the ticket's steps those of a level of the search; None for any, where the
        search is in another setting or has other examples.
      examples: share of the examples of the search.
      also: further fields, axes or settings, and their values.
    """

    kind: str = "evaluation"
    network: str = "imp"
    level: int | None = None
    rewinding: Literal["reset", "rewound"] = "reset"
    searched_with: str | None = None
    search_share: float | None = 1.0
    examples: float = 1.0
    also: tuple[tuple[str, Any], ...] = ()

    def find(self, rows: Iterable[Row]) -> list[Row]:
        """Returns the rows, of the last step on the clock of each kind of network."""
        wanted = {"kind": self.kind, "network": self.network, "level": self.level or 0}
        found = where(rows, **wanted, rewinding=self.rewinding, **dict(self.also))
        found = [row for row in found if self._has_axes(row)]
        last = max((row["step"] for row in found), default=0)
        found = where(found, step=last)
        if _has_one_start(found):
            return found
        return where(found, pretrained=_PRETRAINED)  # A bisection has copies from other k, too.

    def _has_axes(self, row: Row) -> bool:
        axes, named = row["axes"], {name for name, _ in self.also}
        if {"block", "target"} & {*axes} and not {"block", "target"} & named:
            return False
        searched = self.searched_with or value(row, "setting")
        if axes.get("searched_with", value(row, "setting")) != searched:
            return False
        share = self.search_share is None or axes.get("search_share", 1.0) == self.search_share
        return share and axes.get("examples", 1.0) == self.examples


@dataclass(frozen=True)
class Accuracy:
    """Test accuracy, those that did not converge counted with what they have (sgd_noise table 2).

    Of a run that diverged that is what guessing has, as the paper's went on.

    Attributes:
      rows: of which rows.
      classes: of the dataset that is evaluated, by its name; its axis 'target' before `dataset`.
      tests: how many images it is evaluated on.
    """

    rows: Rows
    classes: Mapping[str, int] = field(hash=False)
    tests: int

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns the estimate over initializations; None of no rows, or of unlike ones."""
        found = self.rows.find(rows)
        if not _are_alike(found):
            return None
        groups = split(found, "initialization").values()
        return estimate(sum(map(self._accuracy, group)) / len(group) for group in groups)

    def is_starred(self, rows: list[Row]) -> bool:
        """Returns whether a run stayed at chance, or diverged."""
        found = self.rows.find(rows)
        return any(stayed_at_chance(row, self.classes, self.tests) for row in found)

    def _accuracy(self, row: Row) -> float:
        if row["status"] == "diverged":
            return 1 / self.classes[evaluated(row)]
        return 1 - float(row["test_error"])


@dataclass(frozen=True)
class Value:
    """A number of rows, over initializations, of each of which rows are averaged.

    Attributes:
      deviation: a field that holds the spread within a row, such as that over examples; its mean
        then stands for the estimate's. '' for the spread over initializations.
    """

    rows: Rows
    name: str
    deviation: str = ""

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns the estimate; None of no rows, or of unlike ones."""
        found = where(self.rows.find(rows), status="done")
        found = [row for row in found if value(row, self.name) is not None]
        if not _are_alike(found):
            return None
        made = estimate(_means(found, self.name))
        if self.deviation:
            spread = estimate(_means(found, self.deviation)).mean
            return made._replace(std=spread)
        return made


def _are_alike(rows: list[Row]) -> bool:
    """Returns whether there are rows, of one step k, which may be averaged."""
    return bool(rows) and len(variants(rows)) < 2 and _has_one_start(rows)


def _has_one_start(rows: list[Row]) -> bool:
    return len(split(rows, "rewind_step")) < 2


def _means(rows: list[Row], name: str) -> list[float]:
    groups = split(rows, "initialization").values()
    return [sum(value(row, name) for row in group) / len(group) for group in groups]


def _of_population(found: Estimate) -> Estimate:
    return found._replace(std=found.std * math.sqrt((found.n - 1) / found.n))


@dataclass(frozen=True)
class Onset:
    """The first stable epoch, of each initialization (sgd_noise table 15).

    It is the earliest step k whose mean instability over pairs is below 2 %, the one before it
    being measured, and not: what a bisection leaves.

    Attributes:
      epochs: of a whole training, which the steps are given in.
    """

    epochs: int = 200

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns the estimate, its spread with n in the denominator, as the paper's."""
        found = where(rows, kind="instability", network="dense", status="done")
        found = [row for row in found if not row["axes"]]
        if not found:
            return None
        epoch = max(row["step"] for row in found) / self.epochs
        firsts = [first for seed in split(found, "initialization").values()
                  if (first := _first_stable(seed, epoch)) is not None]  # fmt: skip
        return _of_population(estimate(firsts)) if firsts else None


def _first_stable(rows: list[Row], epoch: float) -> float | None:
    """Returns the first stable epoch of one initialization; None if it is not between others."""
    stable = {round(k / epoch): is_stable(estimate(_means(pairs, "test_instability")).mean)
              for (k,), pairs in split(rows, "rewind_step").items()}  # fmt: skip
    first = min((k for k, is_so in stable.items() if is_so), default=None)
    last = round(max(row["step"] for row in rows) / epoch)
    if first is None and stable.get(last - 1) is False:
        return float(last)
    bracketed = first == 0 or (first is not None and stable.get(first - 1) is False)
    return float(first) if first is not None and bracketed else None


@dataclass(frozen=True)
class Wins:
    """1 if tickets are at least as accurate as the dense network of their row; 0 if not."""

    ticket: Accuracy
    dense: Accuracy

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        """Returns 1 or 0, of means, as the paper's underlined numbers."""
        one, other = (each.estimate(rows, level) for each in (self.ticket, self.dense))
        if one is None or other is None:
            return None
        return Estimate(float(one.mean >= other.mean), math.nan, min(one.n, other.n))
