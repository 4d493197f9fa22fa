"""Numbers in words: ours, the paper's, and how far apart they are."""

import math
from collections.abc import Callable

from lth_tf.analysis.table import Spread
from lth_tf.report.comparison import Compared


def of_ours(ours: Spread, unit: str) -> str:
    """Mean ± standard deviation (samples), '98.00 ± 0.06% (3)', of a number in a unit."""
    if unit == "yes or no":
        return f"{'Y' if ours.mean else 'N'} ({ours.n})"
    if math.isinf(ours.mean):
        return f"{_never(unit)} ({ours.n})"
    number, sign = _number(unit), "%" if unit == "%" else ""
    spread = "" if math.isnan(ours.std) else f" ± {number(ours.std)}"
    return f"{number(ours.mean)}{spread}{sign} ({ours.n})"


def _never(unit: str) -> str:
    """What was measured and never found, in the place of a step or a density."""
    return "at no k" if unit == "steps" else "none"


def _number(unit: str) -> Callable[[float], str]:
    if unit in ("%", "points"):
        return lambda value: f"{value:.2f}".replace("-", "−")
    if unit == "steps":
        return lambda value: f"{value:,.0f}"
    return lambda value: f"{value:,.4g}"


def of_paper(number: Compared) -> str:
    """The paper's number as it prints it: 'about 25%'; 'at no k' of a step that there is not."""
    printed = number.printed
    if printed.unit == "yes or no":
        return "Y" if printed.value else "N"
    if math.isinf(printed.value):
        return _never(printed.unit)
    std = "" if math.isnan(printed.std) else f" ± {printed.std:g}"
    relation = f"{printed.relation} " if printed.relation else ""
    unit = {"%": "%", "steps": "", "examples": "", "points": ""}.get(printed.unit, printed.unit)
    return f"{relation}{printed.value:,g}{std}{unit}".replace("-", "−")


def of_deviation(number: Compared) -> str:
    """Ours less the paper's, '−0.30 (−5.2 SE)'; of what it only bounds, whether that holds.

    Of a step or a density that either does not have, whether both do not.
    """
    printed, ours = number.printed, number.ours
    if ours is None:
        return ""
    if printed.unit == "yes or no" or math.isinf(printed.value):
        return "the same" if ours.mean == printed.value else "not the same"
    if math.isinf(ours.mean):
        return "not reached"
    if printed.relation in ("below", "above"):
        below = printed.relation == "below"
        holds = ours.mean < printed.value if below else ours.mean > printed.value
        return "holds" if holds else "does not hold"
    difference = _number(printed.unit)(abs(number.deviation))
    if number.deviation == 0:
        return "none"
    sign = "−" if number.deviation < 0 else "+"
    errors = number.standard_errors
    beside = "" if math.isnan(errors) else f" ({'−' if errors < 0 else '+'}{abs(errors):.1f} SE)"
    return f"{sign}{difference}{beside}"
