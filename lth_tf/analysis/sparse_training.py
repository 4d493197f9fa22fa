"""Statistics of tickets whose search, training and task may differ, and of probes (sgd_noise).

They take all rows of a network: those that diverged, too, and those on the axes of
lth_tf/experiments/tickets.py and probing.py. A row without such an axis was trained as its mask was
searched for, on all of the examples.
"""

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lth_tf.analysis.criteria import is_at_chance, is_stable
from lth_tf.analysis.densities import with_densities
from lth_tf.analysis.estimate import Estimate, estimate, over_initializations, over_rows
from lth_tf.analysis.points import split, value, where
from lth_tf.analysis.selections import at_the_end, at_the_last_step
from lth_tf.analysis.variants import variants
from lth_tf.log.schema import Row

_PRETRAINED = 0.01  # of the steps: 2 of 200 epochs, which the paper pretrains for
AXES = ("searched_with", "search_share", "examples", "block", "target")


def with_guesses(rows: list[Row], classes: Mapping[str, int]) -> list[Row]:
    """Returns rows, those that diverged with the test error of guessing (sgd_noise table 2).

    Rows of datasets whose number of classes is not given stay diverged; so do those whose search
    for a mask diverged, where `with_densities` knows no density of theirs.
    """

    def guessing(row: Row) -> Row:
        count = classes.get(evaluated(row))
        if row["status"] != "diverged" or count is None or row["density"] is None:
            return row
        return row | {"status": "done", "test_error": 1 - 1 / count}

    return list(map(guessing, with_densities(rows)))


def stayed_at_chance(row: Row, classes: Mapping[str, int], tests: Mapping[str, int]) -> bool:
    """Returns whether a run has the test error of guessing, or diverged (sgd_noise table 2).

    That is not known of datasets whose numbers of classes and of test images are not given.
    """
    dataset = evaluated(row)
    return dataset in classes and (
        row["status"] == "diverged"
        or is_at_chance(row["test_error"], classes[dataset], tests[dataset])
    )


def evaluated(row: Row) -> str:
    """Returns the name of the dataset that a row is about, without what was altered in it."""
    return str(row["axes"].get("target", row["dataset"])).partition(",")[0]


@dataclass(frozen=True)
class Rows:
    """A choice of a network's rows.

    Attributes:
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
        """Returns those of some rows, at the last step that they have.

        Where the clock of some goes on from step k, those on a clock that starts again are left
        out.
        """
        chosen = where(
            rows, kind=self.kind, network=self.network, level=self.level or 0,
            rewinding=self.rewinding, **dict(self.also),
        )  # fmt: skip
        chosen = [row for row in chosen if self._has_axes(row)]
        chosen = at_the_last_step(where(chosen, schedule="absolute") or chosen)
        if _has_one_start(chosen):
            return chosen
        return where(chosen, pretrained=_PRETRAINED)  # A bisection has copies from other k, too.

    def _has_axes(self, row: Row) -> bool:
        axes, setting, probed = row["axes"], value(row, "setting"), {"block", "target"}
        return (
            (not probed & {*axes} or bool(probed & {name for name, _ in self.also}))
            and axes.get("searched_with", setting) == (self.searched_with or setting)
            and self.search_share in (None, axes.get("search_share", 1.0))
            and axes.get("examples", 1.0) == self.examples
        )


@dataclass(frozen=True)
class Accuracy:
    """Test accuracy, over initializations; a run that diverged has that of guessing.

    So are those counted in sgd_noise table 2 that stayed at chance: the paper's runs went on. On
    datasets whose number of classes is not known, runs that diverged are left out.

    Attributes:
      classes, tests: how many classes and test images a dataset has, by its name.
    """

    rows: Rows
    classes: Mapping[str, int] = field(hash=False)
    tests: Mapping[str, int] = field(hash=False)

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        chosen = [row for row in self.rows.find(rows)
                  if row["status"] == "done" or evaluated(row) in self.classes]  # fmt: skip
        if not _may_be_averaged(chosen):
            return None
        groups = split(chosen, "initialization").values()
        return estimate(statistics.fmean(map(self._accuracy, runs)) for runs in groups)

    def is_starred(self, rows: list[Row]) -> bool:
        chosen = self.rows.find(rows)
        return any(stayed_at_chance(row, self.classes, self.tests) for row in chosen)

    def _accuracy(self, row: Row) -> float:
        if row["status"] == "diverged":
            return 1 / self.classes[evaluated(row)]
        return 1 - float(row["test_error"])


@dataclass(frozen=True)
class Value:
    """A number over initializations, the rows of each averaged first.

    Attributes:
      deviation: a field that holds the spread within a row, such as that over examples, whose mean
        takes the place of the spread over initializations.
    """

    rows: Rows
    name: str
    deviation: str = ""

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        chosen = where(self.rows.find(rows), status="done")
        chosen = [row for row in chosen if value(row, self.name) is not None]
        if not _may_be_averaged(chosen):
            return None
        mean = over_initializations(chosen, self.name)
        if self.deviation:
            return mean._replace(std=over_initializations(chosen, self.deviation).mean)
        return mean


def _may_be_averaged(rows: list[Row]) -> bool:
    """Returns whether there are rows, all of one setting and one step k."""
    return len(variants(rows)) == 1 and _has_one_start(rows)


def _has_one_start(rows: list[Row]) -> bool:
    return len(split(rows, "rewind_step")) < 2


@dataclass(frozen=True)
class Onset:
    """The first stable epoch of a training of so many, of each initialization (sgd_noise table 15).

    It is the earliest step k whose mean instability over pairs is below 2 %, the one before it
    being measured and not stable, as a bisection leaves them.
    """

    epochs: int = 200

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        lines = where(rows, kind="instability", network="dense", status="done")
        lines = at_the_end(row for row in lines if not row["axes"])
        epoch = max((row["step"] for row in lines), default=0) / self.epochs
        firsts = [_first_stable(own, epoch) for own in split(lines, "initialization").values()]
        onset = estimate(firsts)
        if not onset.n:
            return None
        # As the paper's, with n in the denominator.
        return onset._replace(std=onset.std * math.sqrt((onset.n - 1) / onset.n))


def _first_stable(rows: list[Row], epoch: float) -> float | None:
    """Returns the first stable epoch of one initialization; None if it is not between others."""
    stable = {round(k / epoch): is_stable(over_rows(pairs, "test_instability").mean)
              for (k,), pairs in split(rows, "rewind_step").items()}  # fmt: skip
    first = min((k for k, is_so in stable.items() if is_so), default=None)
    last = round(max(row["step"] for row in rows) / epoch)
    if first is None and stable.get(last - 1) is False:
        return float(last)
    bracketed = first == 0 or (first is not None and stable.get(first - 1) is False)
    return float(first) if first is not None and bracketed else None


@dataclass(frozen=True)
class Wins:
    """1 if the mean of tickets is at least that of the dense network of their row; 0 if not."""

    ticket: Accuracy
    dense: Accuracy

    def estimate(self, rows: list[Row], level: int | None) -> Estimate | None:
        ticket, dense = self.ticket.estimate(rows, level), self.dense.estimate(rows, level)
        if ticket is None or dense is None:
            return None
        return Estimate(float(ticket.mean >= dense.mean), math.nan, min(ticket.n, dense.n))
