"""The figures one by one: from the rows of one model, dataset and step to pictures.

Each function yields (ending of the file name, figure), none where there are no rows for it.
"""

from collections.abc import Callable, Iterable, Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from lth_tf.analysis.criteria import STABLE
from lth_tf.analysis.points import (
    accuracy,
    chosen_levels,
    dense_error,
    ending,
    instability_sets,
    levels,
    of,
    replicates,
    spread_of,
)
from lth_tf.analysis.table import Spread
from lth_tf.analysis.where import split
from lth_tf.figures import chart as points
from lth_tf.figures import style
from lth_tf.log.schema import NETWORKS, Row

Drawn = Iterator[tuple[str, Figure]]
# From rows of one model and dataset, and a line about them.
Draw = Callable[[list[Row], str], Drawn]
Summary = Callable[[list[Row], str], Spread]

_TICKS = 6  # densities named under a panel
_COLUMNS = 4  # panels beside each other
_SHIFT = 0.06  # between kinds of network at one rewinding step, so that no bar covers another
# Of instability, in words, by the field `barrier`.
DEFINITIONS = {
    "from_mean_of_ends": "instability: highest error on the line minus the mean of its ends",
    "from_line_between_ends": "instability: highest excess of the error over the straight line "
    "between its ends",
}


def accuracy_against_density(rows: list[Row], about: str) -> Drawn:
    """Test accuracy against the weights left, a panel for each rewinding step (lmc app. A)."""
    evaluations = of(rows, kind="evaluation")
    sparse = [row for row in evaluations if row["level"] > 0]
    if not sparse:
        return
    steps = sorted({row["rewind_step"] for row in sparse})
    columns = min(len(steps), _COLUMNS)
    subtitle = [about, replicates(sparse, "run")]
    lines = -(-len(steps) // columns)
    figure, axes = style.panels(lines, columns, "Accuracy against density", subtitle, width=3.4)
    flat = [panel for line in axes for panel in line]
    for panel, step in zip(flat, steps, strict=False):
        _density_panel(panel, dense_error(evaluations), of(sparse, rewind_step=step))
        panel.set_title(f"rewound to step {step}")
        density_axis(panel, {row["density"] for row in sparse} | {1.0})
    for panel in flat[len(steps) :]:
        panel.set_axis_off()
    outer_labels(axes, "weights left (%)", "test accuracy (%)")
    style.legend(figure, axes)
    yield "", figure


def _density_panel(axes: Axes, dense: Spread, rows: list[Row]) -> None:
    style.band(axes, accuracy(dense))
    for network in NETWORKS[1:]:
        groups = levels(of(rows, network=network)).values()
        places = [100 * spread_of(group, "density").mean for group in groups]
        spreads = [accuracy(spread_of(group, "test_error")) for group in groups]
        if network == "imp" and dense.n > 0:
            places, spreads = [100.0, *places], [accuracy(dense), *spreads]
        if spreads:
            style.points(axes, network, places, spreads)


def density_axis(axes: Axes, densities: set[float]) -> None:
    """Logarithmic, from dense to sparse, as in the lottery-ticket papers."""
    labels = sorted({float(f"{100 * density:.3g}") for density in densities}, reverse=True)
    every = -(-len(labels) // _TICKS)
    named = labels[::-1][::every]
    axes.set_xscale("log")
    axes.set_xlim(labels[0] * 1.12, labels[-1] / 1.12)
    axes.xaxis.set_major_locator(FixedLocator(named))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(named, [f"{label:.3g}" for label in named])


def instability_against_rewinding_step(rows: list[Row], about: str) -> Drawn:
    """Instability of each kind of network against k, with the line of stability (lmc figs 3, 6)."""
    for name, level, group in instability_sets(rows):
        definition = DEFINITIONS[group[0]["barrier"]]
        subtitle = [about + level, replicates(group, "pair"), definition]
        title = "Instability against rewinding step"
        figure, axes = style.panels(1, 2, title, subtitle, width=3.4, height=2.7)
        for panel, split_name in zip(axes[0], ("test", "train"), strict=True):
            rewinding_panel(panel, group, f"{split_name}_instability", NETWORKS)
            panel.set_title(f"{split_name} set")
        line_of_stability(axes)
        outer_labels(axes, "rewinding step k", "instability (%)")
        style.legend(figure, axes)
        yield name, figure


def error_against_rewinding_step(rows: list[Row], about: str) -> Drawn:
    """Test error of the sparse networks against k, the dense network as a band (lmc fig. 7)."""
    evaluations = of(rows, kind="evaluation")
    for level, group in chosen_levels(rows).items():
        subtitle = [f"{about}, pruned to {level[1]}", replicates(group, "run")]
        title = "Test error against rewinding step"
        figure, axes = style.panels(1, 1, title, subtitle, width=4.6, height=2.7)
        style.band(axes[0][0], dense_error(evaluations))
        rewinding_panel(axes[0][0], group, "test_error", NETWORKS[1:])
        outer_labels(axes, "rewinding step k", "test error (%)")
        style.legend(figure, axes)
        yield ending(level), figure


def line_of_stability(axes: list[list[Axes]]) -> None:
    """Marks what counts as stable in panels of instability, and shows that much at least."""
    for panel in (panel for line in axes for panel in line):
        label = f"stable below {100 * STABLE:g}%"
        panel.axhline(100 * STABLE, color="black", linestyle="--", linewidth=1, label=label)
        top = max(panel.get_ylim()[1], 120 * STABLE)
        panel.set_ylim(-0.02 * top, top)


def rewinding_panel(
    axes: Axes, rows: list[Row], value: str, networks: Iterable[str], scale: float = 100,
    summary: Summary = spread_of,
) -> None:  # fmt: skip
    """Values against k, each kind of network a line.

    Args:
      scale: what values are multiplied by; 100 for percent.
      summary: mean and standard deviation of a field over the rows of a point.
    """
    steps = sorted({row["rewind_step"] for row in rows})
    present = [network for network in networks if of(rows, network=network)]
    for number, network in enumerate(present):
        shift = _SHIFT * (number - (len(present) - 1) / 2)
        groups = split(of(rows, network=network), "rewind_step")
        places = [steps.index(step) + shift for (step,) in groups]
        spreads = [summary(group, value) for group in groups.values()]
        style.points(axes, network, places, spreads, scale)
    rewinding_axis(axes, steps)


def rewinding_axis(axes: Axes, steps: list[int]) -> None:
    """Steps at even distances, as in the paper: from 0 no scale reaches 2,000 well."""
    points.stand_for(axes, steps)
    axes.set_xticks(range(len(steps)), [style.steps(step) for step in steps])
    axes.set_xlim(-0.5, len(steps) - 0.5)
    axes.tick_params(axis="x", rotation=45 if len(steps) > 8 else 0)


def outer_labels(axes: list[list[Axes]], x: str, y: str) -> None:
    """Names the axes at the lower and the left edge of the figure only."""
    for panel in axes[-1]:
        panel.set_xlabel(x)
    for line in axes:
        line[0].set_ylabel(y)
