"""The figures of lmc, and what is drawn in them."""

from synthetic import evaluation, instability

from lth_tf import papers
from lth_tf.log.fields import network_kinds

LMC = papers.load("lmc")
assert LMC
FIGURES = {int(figure.number): figure for figure in LMC.figures}
NAMES = {kind.name: kind.title for kind in network_kinds().values()}


def drawn(number, rows):
    figure = FIGURES[number]
    return [
        chart
        for form in (figure.form, *figure.also)
        for chart in form.charts(form.select(list(rows)), "about")
    ]


def only(number, rows):
    (chart,) = drawn(number, rows)
    return chart


def panel(chart, name=None):
    """The only panel, or that of a title."""
    every = [panel for row in chart.panels for panel in row]
    (found,) = [panel for panel in every if name in (None, panel.title)]
    return found


def marks(panel, label):
    """Places and heights of what is drawn under a label."""
    (mark,) = [mark for mark in panel.marks if mark.label == label]
    points = list(mark.points())
    return [x for x, _ in points], [each.mean for _, each in points]


def leveled(network, heights, errors):
    """Rows of three samples at k = 0 and 500: instability and error by level."""
    for i in range(3):
        for level, by_step in heights.items():
            for k, height in zip((0, 500), by_step, strict=True):
                yield instability(network, i, (1, 2), k, level, test_instability=height)
        for level, by_step in errors.items():
            for k, error in zip((0, 500), by_step, strict=True):
                yield evaluation(network, i, 1, k, level, test_error=error)


LEVELLED = [
    *(evaluation("dense", i, 1, 0, 0, test_error=0.02) for i in range(3)),
    *leveled(
        "imp",
        {1: (0.01, 0.01), 2: (0.03, 0.01), 3: (0.03, 0.03)},
        {1: (0.02, 0.02), 2: (0.03, 0.02), 3: (0.04, 0.03)},
    ),
    *leveled("random_pruning", {1: (0.03, 0.01)}, {1: (0.03, 0.025), 2: (0.05, 0.06)}),
    *leveled("random_reinitialization", {}, {1: (0.03, 0.01), 2: (0.04, 0.01)}),
]
