"""What lmc concludes from its measurements: figs 9 and 10, table 2. From rows of the log alone.

All take rows of one model, dataset and step T on the absolute clock, without those that diverged.
A run that diverged at a level is thus no sample there; the number of samples is always given.
"""

import math
import statistics
from collections.abc import Callable, Iterable
from typing import NamedTuple

from lth_tf.analysis.points import Level, dense_error, dense_runs, instabilities, levels, of
from lth_tf.analysis.table import Spread, align, percent, spread
from lth_tf.analysis.where import comparable, split
from lth_tf.log.schema import Row

# Below this increase of error along the line a network counts as stable (lmc sec. 2).
STABLE = 0.02
# Below this drop of accuracy from the dense network one counts as matching (lmc fig. 9).
MATCHING = 0.002
# Fractions of a data set's examples differ by more; sums of floating point numbers by less.
_ROUNDING = 9


def is_stable(instability: float) -> bool:
    """Whether an instability, a fraction of 1, is below 2% (lmc sec. 2)."""
    return round(instability, _ROUNDING) < STABLE


def is_matching(drop: float) -> bool:
    """Whether a drop of accuracy from the dense network, a fraction of 1, is below 0.2 points."""
    return round(drop, _ROUNDING) < MATCHING


def is_matching_as_printed(drop: float) -> bool:
    """Whether a drop, a fraction of 1, is at most 0.2 points once rounded to 0.1 (lmc table 2).

    Of VGG-16 Warmup the table prints a drop of 0.2 and 'Y'.
    """
    return round(100 * drop, 1) <= 100 * MATCHING


class Onset(NamedTuple):
    """From which step k on the subnetworks of one level fulfil a criterion (lmc fig. 9).

    Attributes:
      level, density: of the subnetworks; density as a fraction of 1.
      median: over samples, of the first k that fulfils it; None unless a majority do at any k.
      reached: how many samples do at any k.
      samples: how many there are.
    """

    level: int
    density: float
    median: float | None
    reached: int
    samples: int


def stable_from(rows: Iterable[Row], network: str) -> list[Onset]:
    """The median first k at which the test set's instability is below 2%, level by level.

    A sample is a pair of copies of one initialization.
    """
    return _onsets(
        of(instabilities(rows), network=network),
        lambda row: is_stable(row["test_instability"]),
    )


def matching_from(rows: Iterable[Row], network: str) -> list[Onset]:
    """The median first k at which test accuracy drops by less than 0.2 points, level by level.

    A sample is a copy (data order) of one initialization; what it drops from is the mean accuracy
    of the dense network, over `groups.dense_runs`.
    """
    rows = list(rows)
    dense = dense_error(of(rows, kind="evaluation")).mean
    return _onsets(
        of(rows, kind="evaluation", network=network),
        lambda row: is_matching(row["test_error"] - dense),
    )


def _onsets(rows: list[Row], fulfils: Callable[[Row], bool]) -> list[Onset]:
    found = []
    for (level, _), group in levels(rows).items():
        firsts = []
        for sample in _samples(group).values():
            steps = [row["rewind_step"] for row in sample if fulfils(row)]
            firsts.append(min(steps, default=math.inf))
        reached = sum(map(math.isfinite, firsts))
        median = statistics.median(firsts) if 2 * reached > len(firsts) else None
        density = statistics.fmean(row["density"] for row in group)
        found.append(Onset(level, density, median, reached, len(firsts)))
    return found


def _samples(rows: list[Row]) -> dict[tuple, list[Row]]:
    """By initialization and noise: the rows at every k."""
    groups: dict[tuple, list[Row]] = {}
    for row in rows:
        groups.setdefault((row["initialization"], *row["noise"]), []).append(row)
    return groups


def over_initializations(rows: Iterable[Row], value: str) -> Spread:
    """Mean and standard deviation over initializations of a field, averaged within each first."""
    return spread(by_initialization(rows, value).values())


def by_initialization(rows: Iterable[Row], value: str) -> dict[int, float]:
    """The mean of a field in the rows of each initialization."""
    groups = split(rows, "initialization").items()
    return {seed: statistics.fmean(row[value] for row in group) for (seed,), group in groups}


def best_error(rows: Iterable[Row]) -> Spread:
    """The lowest test error under any rewinding step (lmc fig. 10), over initializations.

    Of every initialization that of its best k, at which its runs are averaged.
    """
    best = []
    for group in split(rows, "initialization").values():
        by_step = split(group, "rewind_step").values()
        best.append(min(statistics.fmean(row["test_error"] for row in g) for g in by_step))
    return spread(best)


def extreme_level(rows: Iterable[Row]) -> Level | None:
    """The sparsest level at which some IMP subnetwork is still matching (lmc appendix A).

    It is the last at which the mean of the best accuracy under any k is not below the dense
    network's, to one standard deviation; None where there is none.
    """
    evaluations = of(rows, kind="evaluation")
    found = None
    for level, group in levels(of(evaluations, network="imp")).items():
        if meets_dense(best_error(group), evaluations):
            found = level
    return found


def meets_dense(error: Spread, evaluations: list[Row]) -> bool:
    """Whether a mean error is not above the dense network's, to one standard deviation of that.

    So a subnetwork counts as matching in lmc figs 7 and 10.
    """
    dense = over_initializations(dense_runs(evaluations), "test_error")
    allowed = dense.mean + (0.0 if math.isnan(dense.std) else dense.std)
    return round(error.mean - allowed, _ROUNDING) <= 0


def along_training(rows: Iterable[Row]) -> list[Row]:
    """Evaluations of dense networks on their way, and not of copies at its end alone (fig. 11)."""
    trained = of(rows, kind="evaluation", network="dense", rewind_step=0, schedule="absolute")
    steps: dict[tuple, set[int]] = {}
    for row in trained:
        steps.setdefault(tuple(row["noise"]), set()).add(row["step"])
    return [row for row in trained if len(steps[tuple(row["noise"])]) > 1]


class Accuracies(NamedTuple):
    """A line of table 2: test accuracies when rewinding to k = 0, over initializations.

    Attributes:
      delta: how much less accurate IMP is than the dense network, a fraction of 1.
      matching: whether that is at most 0.2 points, rounded to 0.1 as the paper prints it.
    """

    model: str
    dataset: str
    level: int
    density: float
    dense: Spread
    imp: Spread
    random_pruning: Spread
    random_reinitialization: Spread

    @property
    def delta(self) -> float:
        return self.dense.mean - self.imp.mean

    @property
    def matching(self) -> bool:
        return is_matching_as_printed(self.delta)


def table_2(rows: Iterable[Row]) -> list[Accuracies]:
    """Table 2 of lmc at every level where all three kinds of sparse network started from k = 0.

    Unlike the others it takes rows of any models and datasets; each has lines of its own, at the
    last step at which its networks were evaluated.
    """
    lines = []
    evaluations = of(rows, kind="evaluation", rewind_step=0, status="done", schedule="absolute")
    for (model, dataset), group in split(evaluations, "model", "dataset").items():
        last = of(group, step=max(row["step"] for row in group))
        dense = _accuracy(of(last, network="dense"))
        for (level, _), members in levels(last).items():
            networks = ("imp", "random_pruning", "random_reinitialization")
            found = [_accuracy(of(members, network=network)) for network in networks]
            density = statistics.fmean(row["density"] for row in members)
            if dense.n and all(accuracy.n for accuracy in found):
                lines.append(Accuracies(model, dataset, level, density, dense, *found))
    return lines


def _accuracy(rows: list[Row]) -> Spread:
    error = over_initializations(rows, "test_error")
    return error._replace(mean=1 - error.mean)


def table_2_text(rows: Iterable[Row]) -> str:
    """Table 2 as text, accuracies in percent, mean ± standard deviation over initializations."""
    rows, notes = comparable(rows)
    lines = [
        ["network", "dataset", "weights left", "initializations", "full", "IMP", "random pruning"]
        + ["random reinit.", "drop", "IMP matching?"]
    ]
    for line in table_2(rows):
        spreads = (line.dense, line.imp, line.random_pruning, line.random_reinitialization)
        lines.append(
            [line.model, line.dataset, percent(line.density), str(min(s.n for s in spreads))]
            + [s.percent() for s in spreads]
            + [f"{100 * line.delta:.2f}", "yes" if line.matching else "no"]
        )
    if len(lines) == 1:
        return "no level has accuracies of all four networks at k = 0"
    return "\n".join([align(lines), *notes])
