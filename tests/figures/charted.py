"""Standard figures of made-up rows, as charts and their points."""

from typing import Any

from synthetic import difference, evaluation

from lth_tf.figures.chart import Chart
from lth_tf.figures.standard import STANDARD, charts

FORMS = {figure.number: figure.form for figure in STANDARD}


def chart_of(name: str, rows) -> Chart:
    ((_, chart),) = charts(FORMS[name], list(rows), "about")
    return chart


def lines(chart: Chart) -> dict[tuple[str, str], list[tuple[Any, float]]]:
    """(panel, line) -> (x, mean) of each point."""
    found: dict[tuple[str, str], list[tuple[Any, float]]] = {}
    for point in chart.points():
        found.setdefault((point.panel, point.line), []).append((point.x, point.mean))
    return found


def perturbed(network, i, error, deviation):
    where = {"rewind_step": 500, "level": 6}
    yield evaluation(network, i, **where, test_error=error)
    yield difference(network, i, **where, step=500, effective_deviation=deviation)


POINTS = {"shuffled_layers": (0.14, 0.14), "noise_1": (0.11, 0.09), "noise_0.5": (0.1, 0.05)}
PERTURBED = [
    row
    for i in range(3)
    for name, (error, deviation) in POINTS.items()
    for row in perturbed(name, i, error + i / 1000, deviation)
]
