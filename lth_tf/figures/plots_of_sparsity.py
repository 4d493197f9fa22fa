"""Figures across levels of sparsity: lmc figs 9, 10 and 15 to 18.

Each function takes the rows of one model and dataset, of any steps, without those that diverged,
and yields (ending of the file name, figure), none where there are no rows for it.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lth_tf.analysis import criteria as findings
from lth_tf.analysis.criteria import over_initializations
from lth_tf.analysis.points import (
    accuracy,
    across,
    at_the_end,
    dense_runs,
    instabilities,
    levels,
    of,
    replicates,
    spread_of,
)
from lth_tf.analysis.table import Spread
from lth_tf.figures import chart as points
from lth_tf.figures import plots, style
from lth_tf.figures.plots import Drawn
from lth_tf.log.schema import NETWORKS, Row

_FEWEST_LEVELS = 3  # that make a figure of all levels
_COLUMNS = 5  # levels beside each other


def first_stable_and_matching_step(rows: list[Row], about: str) -> Drawn:
    """The median k from which subnetworks are stable and matching, against density (fig. 9)."""
    rows = at_the_end(rows)
    steps = sorted({row["rewind_step"] for row in rows if row["level"] > 0})
    found = [
        (network, words, of_network(rows, network))
        for network in ("imp", "random_pruning")
        for words, of_network in (
            ("stable", findings.stable_from),
            ("matching", findings.matching_from),
        )
    ]
    stable = {onset.level for _, words, line in found for onset in line if words == "stable"}
    if len(stable) < _FEWEST_LEVELS:
        return
    onsets = [onset for *_, line in found for onset in line]
    samples = sorted({onset.samples for onset in onsets})
    of_samples = " to ".join(str(n) for n in samples[:: max(len(samples) - 1, 1)])
    subtitle = [
        about,
        f"median of the first step k over {of_samples} samples a point",
        "where a majority are stable, or matching, at any of the steps",
    ]
    title = "Step from which subnetworks are stable and matching"
    figure, axes = style.panels(1, 1, title, subtitle, width=5.2, height=3)
    for number, (network, words, line) in enumerate(found):
        _onset_line(axes[0][0], network, words, line, steps, 0.05 * (number - 1.5))
    plots.density_axis(axes[0][0], {onset.density for onset in onsets})
    axes[0][0].set_yticks(range(len(steps)), [style.steps(step) for step in steps])
    axes[0][0].set_ylim(-0.4, len(steps) - 0.6)
    plots.outer_labels(axes, "weights left (%)", "step k")
    style.legend(figure, axes)
    yield "", figure


def _onset_line(
    axes: Axes, network: str, words: str, onsets: list, steps: list[int], shift: float
) -> None:
    """Medians at even distances; `shift` keeps lines from covering each other."""
    found = [onset for onset in onsets if onset.median is not None]
    places = [100 * onset.density for onset in found]
    heights = [np.interp(onset.median, steps, range(len(steps))) + shift for onset in found]
    look: dict[str, Any] = {"markerfacecolor": "white", "linestyle": "--"}
    look = look if words == "matching" else {}
    medians = [Spread(onset.median, math.nan, onset.samples) for onset in found]
    points.note(axes, f"{style.NAMES[network]}, {words}", places, medians, 1)
    axes.plot(
        places, heights, color=style.COLOURS[network], marker=style.MARKERS[network],
        label=f"{style.NAMES[network]}, {words}", **look,
    )  # fmt: skip


def extreme_sparsity(rows: list[Row], about: str) -> Drawn:
    """Accuracy of the best subnetwork under any k, and of the baselines at k = 0 (fig. 10)."""
    evaluations = of(at_the_end(rows), kind="evaluation")
    tickets = of(evaluations, network="imp")
    if len(levels(tickets)) < _FEWEST_LEVELS:
        return
    steps = sorted({row["rewind_step"] for row in tickets})
    subtitle = [about, across(evaluations)]
    figure, axes = style.panels(1, 1, "Extreme sparsity", subtitle, width=5.2, height=3.2)
    (panel,) = axes[0]
    style.band(panel, accuracy(over_initializations(dense_runs(evaluations), "test_error")))
    if len(steps) > 1:
        best = f"IMP, best of {len(steps)} rewinding steps"
        look = {"color": style.VERMILLION, "marker": "P"}
        _over_density(panel, tickets, findings.best_error, best, look)
    for network in NETWORKS[1:]:
        look = {"color": style.COLOURS[network], "marker": style.MARKERS[network]}
        chosen = of(evaluations, network=network, rewind_step=0)
        _over_density(panel, chosen, _mean_error, f"{style.NAMES[network]}, k = 0", look)
    level = findings.extreme_level(evaluations)
    if level:
        density = float(np.mean([row["density"] for row in levels(tickets)[level]]))
        panel.axvline(100 * density, color="black", linestyle=":", label=f"extreme: {level[1]}")
    plots.density_axis(panel, {row["density"] for row in evaluations})
    plots.outer_labels(axes, "weights left (%)", "test accuracy (%)")
    style.legend(figure, axes)
    yield "", figure


def _mean_error(rows: list[Row]) -> Spread:
    return over_initializations(rows, "test_error")


def _over_density(
    axes: Axes, rows: list[Row], error: Callable[[list[Row]], Spread], label: str, look: dict
) -> None:
    groups = list(levels(rows).values())
    places = [100 * spread_of(group, "density").mean for group in groups]
    if groups:
        style.series(axes, places, [accuracy(error(group)) for group in groups], label, **look)


def instability_at_every_level(rows: list[Row], about: str) -> Drawn:
    """Test instability against k, a panel for each level of sparsity (figs 15 and 17)."""
    lines = instabilities(at_the_end(rows))
    yield from _every_level(lines, about, "Instability", "test_instability")


def error_at_every_level(rows: list[Row], about: str) -> Drawn:
    """Test error against k, a panel for each level, the dense network as a band (figs 16, 18)."""
    evaluations = of(at_the_end(rows), kind="evaluation")
    yield from _every_level(evaluations, about, "Test error", "test_error")


def _every_level(rows: list[Row], about: str, title: str, value: str) -> Drawn:
    found = levels(rows)
    sparse = [row for group in found.values() for row in group]
    if len(found) < _FEWEST_LEVELS or len({row["rewind_step"] for row in sparse}) < 2:
        return
    columns = min(_COLUMNS, len(found))
    lines = -(-len(found) // columns)
    # The paper's error is over 3 initialisations, its instability over 9 pairs.
    of_errors = value == "test_error"
    summary = over_initializations if of_errors else spread_of
    subtitle = [about, across(sparse) if of_errors else replicates(sparse, "pair")]
    figure, axes = style.panels(
        lines, columns, f"{title} at every level", subtitle, width=2.2, height=1.9
    )
    flat = [panel for line in axes for panel in line]
    for panel, (level, group) in zip(flat, found.items(), strict=False):
        if of_errors:
            style.band(panel, summary(dense_runs(rows), value))
        plots.rewinding_panel(panel, group, value, NETWORKS[1:], summary=summary)
        panel.set_title(f"{level[1]} left")
        panel.tick_params(axis="x", rotation=90)
    if not of_errors:
        plots.line_of_stability([flat[: len(found)]])
    for panel in flat[len(found) :]:
        panel.set_axis_off()
    plots.outer_labels(axes, "step k", f"{title.lower()} (%)")
    style.legend(figure, axes)
    yield "", figure
