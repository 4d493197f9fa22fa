"""Numbers that papers print, from rows of the log: what stands beside them in a report.

Each function makes a measure: it takes the rows of one network, of any steps and kinds, without
those that diverged, and the level that the paper shows; it returns mean, standard deviation and
number of samples in the unit that is printed, or None where the log has no rows for it. Samples are
initialisations, within each of which runs and pairs are averaged, where nothing else is said.
"""

import math
from collections.abc import Callable

from lth_tf.results import findings
from lth_tf.results.groups import at_the_end, dense_runs, instabilities, of, spread_of
from lth_tf.results.schema import Row
from lth_tf.results.selection import split
from lth_tf.results.table import Spread, spread

Measure = Callable[[list[Row], int | None], Spread | None]

# At no step k that was measured.
NEVER = math.inf


def _known(found: Spread, scale: float = 1) -> Spread | None:
    return Spread(scale * found.mean, scale * found.std, found.n) if found.n else None


def _of_network(rows: list[Row], network: str, level: int | None) -> list[Row]:
    return of(rows, network=network, level=0 if network == "dense" else level)


def _errors(rows: list[Row], network: str, level: int | None, k: int | None) -> list[Row]:
    """Evaluations at the end; of the dense network, those that its accuracy is of."""
    evaluations = of(at_the_end(rows), kind="evaluation")
    if network == "dense" and k is None:
        return dense_runs(evaluations)
    return of(_of_network(evaluations, network, level), rewind_step=k or 0)


def accuracy(network: str, k: int | None = None) -> Measure:
    """Test accuracy at the end, in percent; from k = 0, where no k is given."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        found = findings.over_initializations(_errors(rows, network, level, k), "test_error")
        return _known(found._replace(mean=1 - found.mean), 100)

    return measure


def error(network: str, k: int | None, value: str = "test_error") -> Measure:
    """Error at the end of what was trained from step k, in percent."""
    return lambda rows, level: _known(
        findings.over_initializations(_errors(rows, network, level, k), value), 100
    )


def drop(rows: list[Row], level: int | None) -> Spread | None:
    """How much less accurate IMP is than the dense network from k = 0, in points (table 2)."""
    dense = findings.by_initialization(_errors(rows, "dense", level, 0), "test_error")
    tickets = findings.by_initialization(_errors(rows, "imp", level, 0), "test_error")
    return _known(spread(tickets[i] - dense[i] for i in sorted({*dense} & {*tickets})), 100)


def matching(rows: list[Row], level: int | None) -> Spread | None:
    """1 if IMP's drop is below 0.2 points, 0 if not (table 2)."""
    found = drop(rows, level)
    if found is None:
        return None
    return Spread(float(findings.is_matching(found.mean / 100)), math.nan, found.n)


def instability(network: str, k: int) -> Measure:
    """Instability on the test set in points; samples are pairs."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = of(instabilities(at_the_end(rows)), rewind_step=k)
        return _known(spread_of(_of_network(lines, network, level), "test_instability"), 100)

    return measure


def highest_error_between(network: str, k: int) -> Measure:
    """The highest test error on the line between two copies, in percent; samples are pairs."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = of(instabilities(at_the_end(rows)), rewind_step=k)
        chosen = _of_network(lines, network, level)
        return _known(spread(max(row["test_errors"]) for row in chosen), 100)

    return measure


def stable_from(network: str) -> Measure:
    """The first step k at which mean instability on the test set is below 2%; NEVER if none."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = _of_network(instabilities(at_the_end(rows)), network, level)
        for (k,), group in split(lines, "rewind_step").items():
            found = spread_of(group, "test_instability")
            if findings.is_stable(found.mean):
                return Spread(k, math.nan, found.n)
        return Spread(NEVER, math.nan, len(lines)) if lines else None

    return measure


def highest_instability_through_training(network: str, k: int) -> Measure:
    """The highest, over the steps of training, of the mean instabilities on the test set."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        lines = of(instabilities(rows), schedule="absolute", rewind_step=k)
        by_step = split(_of_network(lines, network, level), "step").values()
        found = [spread_of(group, "test_instability") for group in by_step]
        return _known(max(found, key=lambda s: s.mean), 100) if len(found) > 1 else None

    return measure


def error_at_step(k: int) -> Measure:
    """Test error of the dense network at step k of its training, in percent."""
    return lambda rows, level: _known(
        findings.over_initializations(of(findings.along_training(rows), step=k), "test_error"), 100
    )


def ratio_of_distances(
    network: str, above: tuple[str, int], below: tuple[str, int], scale: float = 1
) -> Measure:
    """One L2 distance divided by another, each (between which states, step k)."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        distances = of(rows, kind="distance", schedule="absolute")
        chosen = _of_network(distances, network, level)
        both = [
            findings.by_initialization(of(chosen, between=between, rewind_step=k), "l2_distance")
            for between, k in (above, below)
        ]
        ratios = [both[0][i] / both[1][i] for i in sorted({*both[0]} & {*both[1]}) if both[1][i]]
        return _known(spread(ratios), scale)

    return measure


def differences(network: str, k: int) -> Measure:
    """Test examples that two copies classify differently; samples are pairs."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        compared = of(at_the_end(rows), kind="comparison", rewind_step=k, against=network)
        return _known(spread_of(_of_network(compared, network, level), "test_differences"))

    return measure


def extreme_density(rows: list[Row], level: int | None) -> Spread | None:
    """Weights left at the sparsest level at which some IMP subnetwork matches, in percent."""
    del level
    ends = at_the_end(rows)
    if len({row["level"] for row in of(ends, kind="evaluation", network="imp")}) < 2:
        return None
    found = findings.extreme_level(ends)
    members = of(ends, kind="evaluation", network="imp", level=found[0]) if found else []
    seeds = len({row["initialization"] for row in members})
    return Spread(100 * members[0]["density"], math.nan, seeds) if members else None


def sparsest_matching(network: str) -> Measure:
    """Weights left at the sparsest level where a majority match at any k (fig. 9), in percent."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        del level
        ends = at_the_end(rows)
        onsets = findings.matching_from(ends, network) if of(ends, network=network) else []
        found = [onset for onset in onsets if onset.median is not None]
        if len(onsets) < 2 or not found:
            return None
        return Spread(100 * found[-1].density, math.nan, found[-1].samples)

    return measure
