"""Numbers in words: ours, the paper's, and how far apart they are."""

import math
from collections import Counter
from collections.abc import Callable

from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.points import selecting
from lth_tf.figures.words import plural
from lth_tf.log.schema import Row
from lth_tf.report.comparison import Comparison

_SHOWN_STEPS = 10  # rewinding steps named before they are counted


def of_ours(ours: Estimate, unit: str, extremes: bool = False) -> str:
    """Returns mean ± standard deviation (samples), '98.00 ± 0.06% (3)', of a number in a unit.

    Args:
      extremes: whether the smallest and the largest sample stand there in place of the deviation.
    """
    if unit == "yes or no":
        return f"{'Y' if ours.mean else 'N'} ({ours.n})"
    if math.isinf(ours.mean):
        return f"{_never(unit)} ({ours.n})"
    text, sign = _number(unit), unit if unit in ("%", "°", "x") else ""
    spread = "" if math.isnan(ours.std) else f" ± {text(ours.std)}"
    if extremes and spread:
        spread = f", {text(ours.low)} to {text(ours.high)}"
    return f"{text(ours.mean)}{spread}{sign} ({ours.n})"


def _never(unit: str) -> str:
    """Returns the word for a step or a density that was looked for and never found."""
    return "at no k" if unit == "steps" else "none"


def _number(unit: str) -> Callable[[float], str]:
    """Returns the form of numbers in a unit."""
    if unit in ("%", "points"):
        return lambda value: f"{value:.2f}".replace("-", "−")
    if unit == "steps":
        return lambda value: f"{value:,.0f}"
    return lambda value: f"{value:,.4g}"


def of_paper(each: Comparison) -> str:
    """Returns the paper's number as it prints it: 'about 25%'; 'at no k' where there is none."""
    number, unit = each.number, each.number.printed.unit
    if unit == "yes or no":
        return "Y" if number.value else "N"
    if math.isinf(number.value):
        return _never(unit)
    spread = number.std if math.isnan(number.half_range) else number.half_range
    plus_minus = "" if math.isnan(spread) else f" ± {spread:g}"
    relation = f"{number.relation} " if number.relation else ""
    sign = "" if unit in ("steps", "examples", "points") else unit
    return f"{relation}{number.value:,g}{plus_minus}{sign}".replace("-", "−")


def of_deviation(each: Comparison) -> str:
    """Returns ours less the paper's, '−0.30 (−5.2 SE)'; of a bound, whether that holds.

    Of a step or a density that either does not have, whether both do not. Where the paper prints
    its smallest and largest samples, whether ours lies between them.
    """
    number, ours = each.number, each.ours
    if ours is None:
        return ""
    if number.printed.unit == "yes or no" or math.isinf(number.value):
        return "the same" if ours.mean == number.value else "not the same"
    if math.isinf(ours.mean):
        return "not reached"
    if number.relation in ("below", "above"):
        below = number.relation == "below"
        holds = ours.mean < number.value if below else ours.mean > number.value
        return "holds" if holds else "does not hold"
    if each.deviation == 0:
        return "none"
    sign, errors = "−" if each.deviation < 0 else "+", each.standard_errors
    difference = sign + _number(number.printed.unit)(abs(each.deviation))
    if each.within is not None:
        return f"{difference} ({'within' if each.within else 'outside'})"
    return difference if math.isnan(errors) else f"{difference} ({sign}{abs(errors):.1f} SE)"


def of_rows(rows: list[Row]) -> str:
    """Returns the extent of rows: initializations, samples a point, steps k."""
    seeds = len({row["initialization"] for row in rows})
    names = ("kind", "network", "rewind_step", "schedule", "level", "step", *selecting())
    points = Counter(
        # Rows share their settings (see points.once); a picture may be of several, and of axes.
        (*map(row.get, names), id(row["settings"]), str(row["axes"]))
        for row in rows
    ).values()
    fewest, most = min(points), max(points)
    samples = ("" if fewest == most else f"{fewest} to ") + plural(most, "sample")
    steps = sorted({row["rewind_step"] for row in rows})
    k = ", ".join(f"{step:,}" for step in steps)
    if len(steps) > _SHOWN_STEPS:
        k = f"{len(steps)} steps from {steps[0]:,} to {steps[-1]:,}"
    return f"{plural(seeds, 'initialization')}, {samples} a point, k = {k}"
