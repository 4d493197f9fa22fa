"""Printed numbers of how two states or two copies differ: lmc figs 12, 13 and 25 to 32.

Measures as in quantities.py.
"""

from lth_tf.analysis import criteria as findings
from lth_tf.analysis.points import at_the_end, of, spread_of
from lth_tf.analysis.table import Spread, spread
from lth_tf.figures.plots_of_functions import between_copies
from lth_tf.log.schema import Row
from lth_tf.report.statistics import Measure, errors, known, of_network


def ratio_of_distances(network: str, above: tuple[str, int], below: tuple[str, int]) -> Measure:
    """One L2 distance divided by another, each (between which states, step k)."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        distances = of(rows, kind="distance", schedule="absolute")
        chosen = of_network(distances, network, level)
        both = [
            findings.by_initialization(of(chosen, between=between, rewind_step=k), "l2_distance")
            for between, k in (above, below)
        ]
        return known(_ratio(*both))

    return measure


def _ratio(above: dict[int, float], below: dict[int, float]) -> Spread:
    """Of the initialisations that both have."""
    return spread(above[i] / below[i] for i in sorted({*above} & {*below}) if below[i])


def differences(network: str, k: int) -> Measure:
    """Test examples that two copies classify differently; samples are pairs."""
    return lambda rows, level: known(
        spread_of(_compared(rows, network, level, k), "test_differences")
    )


def _compared(rows: list[Row], network: str, level: int | None, k: int) -> list[Row]:
    """Comparisons of two copies of the same network, trained from step k."""
    alike = of(at_the_end(rows), kind="comparison", rewind_step=k, against=network)
    return of_network(alike, network, level)


def share_of_possible_differences(network: str, k: int, examples: int) -> Measure:
    """Test examples that two copies classify differently, in percent of the most that could be.

    That is the examples that one classifies wrongly and those that the other does (appendix G).

    Args:
      examples: how many the test set has.
    """

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        compared, evaluations = _compared(rows, network, level, k), errors(rows, network, level, k)
        differing = findings.by_initialization(compared, "test_differences")
        wrong = findings.by_initialization(evaluations, "test_error")
        return known(_ratio(differing, {i: 2 * examples * e for i, e in wrong.items()}), 100)

    return measure


def distance_over_that_of(other: str, network: str, k: int) -> Measure:
    """L2 distance between copies of a network, divided by that of another kind (fig. 26)."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        copies = of(between_copies(at_the_end(rows)), rewind_step=k)
        chosen = [of_network(copies, each, level) for each in (network, other)]
        return known(_ratio(*(findings.by_initialization(c, "l2_distance") for c in chosen)))

    return measure


def differences_over_those_of(other: str, network: str, k: int) -> Measure:
    """Test examples that copies classify differently, divided by those of another (fig. 29)."""

    def measure(rows: list[Row], level: int | None) -> Spread | None:
        chosen = [_compared(rows, each, level, k) for each in (network, other)]
        return known(_ratio(*(findings.by_initialization(c, "test_differences") for c in chosen)))

    return measure
