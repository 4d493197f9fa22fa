"""Numbers that papers print, from rows of the log: what stands beside them in a report.

Each function makes a measure: it takes the rows of one network, of any steps and kinds, without
those that diverged, and the level that the paper shows; it returns mean, standard deviation and
number of samples in the unit that is printed, or None where the log has no rows for it. Samples are
initialisations, within each of which runs and pairs are averaged, where nothing else is said.

Here are errors and instabilities; quantities_of_copies.py has how two copies differ,
quantities_of_sparsity.py what takes all levels together.
"""

import math
from collections.abc import Callable

from lth_tf.analysis import criteria as findings
from lth_tf.analysis.points import at_the_end, dense_runs, instabilities, of, spread_of
from lth_tf.analysis.table import Spread, spread
from lth_tf.analysis.where import split
from lth_tf.log.schema import Row

Measure = Callable[[list[Row], int | None], Spread | None]

# At no step k, or no level, that was measured.
NEVER = math.inf


def known(found: Spread, scale: float = 1) -> Spread | None:
    """A spread times a scale; None where it is of nothing."""
    return Spread(scale * found.mean, scale * found.std, found.n) if found.n else None


def of_network(rows: list[Row], network: str, level: int | None) -> list[Row]:
    """The rows of one kind of network, of a sparse one those of a level."""
    return of(rows, network=network, level=0 if network == "dense" else level)


def errors(rows: list[Row], network: str, level: int | None, k: int | None) -> list[Row]:
    """Evaluations at the end; of the dense network and no k, those that its accuracy is of."""
    evaluations = of(at_the_end(rows), kind="evaluation")
    if network == "dense" and k is None:
        return dense_runs(evaluations)
    return of(of_network(evaluations, network, level), rewind_step=k or 0)


def accuracy(network: str, k: int | None = None) -> Measure:
    """Test accuracy at the end, in percent; from k = 0, where no k is given."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        found = findings.over_initializations(errors(rows, network, level, k), "test_error")
        return known(found._replace(mean=1 - found.mean), 100)

    return measure


def error(network: str, k: int | None, value: str = "test_error") -> Measure:
    """Error at the end of what was trained from step k, in percent."""
    return lambda rows, level: known(
        findings.over_initializations(errors(rows, network, level, k), value), 100
    )


def change_of_error(network: str, k: int, value: str = "test_error") -> Measure:
    """Error at the end of what was trained from step k less that from 0, in points."""
    return lambda rows, level: _difference(
        errors(rows, network, level, k), errors(rows, network, level, 0), value
    )


def drop(rows: list[Row], level: int | None) -> Spread | None:
    """How much less accurate IMP is than the dense network from k = 0, in points (table 2)."""
    return _difference(errors(rows, "imp", level, 0), errors(rows, "dense", level, 0), "test_error")


def _difference(rows: list[Row], others: list[Row], value: str) -> Spread | None:
    """By how many points a field is higher in some rows than in others."""
    ours, theirs = (findings.by_initialization(each, value) for each in (rows, others))
    return known(spread(ours[i] - theirs[i] for i in sorted({*ours} & {*theirs})), 100)


def matching(rows: list[Row], level: int | None) -> Spread | None:
    """1 if IMP's drop, rounded to 0.1 points, is at most 0.2, 0 if not (table 2)."""
    found = drop(rows, level)
    if found is None:
        return None
    return found._replace(
        mean=float(findings.is_matching_as_printed(found.mean / 100)), std=math.nan
    )


def instability(network: str, k: int, value: str = "test_instability") -> Measure:
    """Instability in points; samples are pairs."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = of(instabilities(at_the_end(rows)), rewind_step=k)
        return known(spread_of(of_network(lines, network, level), value), 100)

    return measure


def highest_error_between(network: str, k: int, value: str = "test_errors") -> Measure:
    """The highest error on the line between two copies, in percent; samples are pairs."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = of(instabilities(at_the_end(rows)), rewind_step=k)
        chosen = of_network(lines, network, level)
        return known(spread(max(row[value]) for row in chosen), 100)

    return measure


def stable_from(network: str, value: str = "test_instability") -> Measure:
    """The first step k at which mean instability is below 2%, NEVER if none; samples are pairs."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = of_network(instabilities(at_the_end(rows)), network, level)
        for (k,), group in split(lines, "rewind_step").items():
            found = spread_of(group, value)
            if findings.is_stable(found.mean):
                return Spread(k, math.nan, found.n)
        return Spread(NEVER, math.nan, len(lines)) if lines else None

    return measure


def matching_from(network: str) -> Measure:
    """The first step k from which mean test error meets the dense network's; NEVER if none.

    To one standard deviation of that, as in fig. 7.
    """

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        evaluations = of(at_the_end(rows), kind="evaluation")
        chosen = of_network(evaluations, network, level)
        if not chosen or not dense_runs(evaluations):
            return None
        for (k,), group in split(chosen, "rewind_step").items():
            found = findings.over_initializations(group, "test_error")
            if findings.meets_dense(found, evaluations):
                return Spread(k, math.nan, found.n)
        return Spread(NEVER, math.nan, len({row["initialization"] for row in chosen}))

    return measure


def least_excess_on_training_set(network: str) -> Measure:
    """How much higher instability is on the training set than on the test set, in points.

    At the step k where that is least; samples are pairs.
    """

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = of_network(instabilities(at_the_end(rows)), network, level)
        found = [
            spread(row["train_instability"] - row["test_instability"] for row in group)
            for group in split(lines, "rewind_step").values()
        ]
        return known(min(found, key=lambda s: s.mean), 100) if found else None

    return measure


def highest_instability_through_training(network: str, k: int) -> Measure:
    """The highest, over the steps of training, of the mean instabilities on the test set."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = of(instabilities(rows), schedule="absolute", rewind_step=k)
        by_step = split(of_network(lines, network, level), "step").values()
        found = [spread_of(group, "test_instability") for group in by_step]
        return known(max(found, key=lambda s: s.mean), 100) if len(found) > 1 else None

    return measure


def error_at_step(k: int, value: str = "test_error") -> Measure:
    """Error of the dense network at step k of its training, in percent."""
    return lambda rows, level: known(
        findings.over_initializations(of(findings.along_training(rows), step=k), value), 100
    )
