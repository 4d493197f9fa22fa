"""The figures of lmc by their numbers, from the rows of one model and dataset.

Each function takes all of these rows, of any steps, without those that diverged, and yields (ending
of the file name, figure), none where there are no rows for it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_tf.results import findings, plots, style
from lth_tf.results.findings import over_initializations
from lth_tf.results.groups import (
    accuracy,
    at_the_end,
    dense_error,
    ending,
    level_sets,
    levels,
    of,
    replicates,
    spread_of,
)
from lth_tf.results.plots import Drawn
from lth_tf.results.schema import NETWORKS, Row
from lth_tf.results.selection import split
from lth_tf.results.table import Spread

_FEWEST_LEVELS = 3  # that make a figure of all levels
_COLUMNS = 5  # levels beside each other
_ACROSS = "mean ± std over {}; runs and pairs averaged within each"
_MARKS = "os^DvP*X"


def restarted_schedule(rows: list[Row], about: str) -> Drawn:
    """Test instability of copies trained T - k steps, and T on a restarted clock (fig. 4)."""
    lines = of(rows, kind="instability")
    last = max((row["step"] for row in lines), default=0)
    for where, group in split(of(lines, step=last), "network", "level").items():
        if not of(group, schedule="restarted"):
            continue
        title = "Instability with and without restarting the schedule"
        words = style.NAMES[where[0]] + (f", level {where[1]}" if where[1] else "")
        subtitle = [f"{about}, {words}, test set", replicates(group, "pair", "schedule")]
        figure, axes = style.panels(1, 1, title, subtitle, width=4.6, height=2.7)
        steps = sorted({row["rewind_step"] for row in group})
        for schedule, label, colour, marker, shift in (
            ("absolute", "the remaining T - k steps", style.BLUE, "o", -0.05),
            ("restarted", "T steps, the schedule restarted", style.ORANGE, "s", 0.05),
        ):
            by_step = split(of(group, schedule=schedule), "rewind_step")
            places = [steps.index(step) + shift for (step,) in by_step]
            spreads = [spread_of(members, "test_instability") for members in by_step.values()]
            style.series(axes[0][0], places, spreads, label, color=colour, marker=marker)
        plots.rewinding_axis(axes[0][0], steps)
        plots.line_of_stability(axes)
        plots.outer_labels(axes, "step k", "instability (%)")
        style.legend(figure, axes)
        yield f"-{where[0]}" + (f"-level_{where[1]}" if where[1] else ""), figure


def first_stable_and_matching_step(rows: list[Row], about: str) -> Drawn:
    """The median k from which subnetworks are stable and matching, against density (fig. 9)."""
    rows = at_the_end(rows)
    if len(levels(of(rows, kind="instability"))) < _FEWEST_LEVELS:
        return
    steps = sorted({row["rewind_step"] for row in rows if row["level"] > 0})
    subtitle = [about, "median of the first step k; where a majority are at any of the steps"]
    title = "Step from which subnetworks are stable and matching"
    figure, axes = style.panels(1, 1, title, subtitle, width=5.2, height=3)
    densities, counts = set(), set()
    for network in ("imp", "random_pruning"):
        for words, onsets, look in (
            ("stable", findings.stable_from(rows, network), {}),
            ("matching", findings.matching_from(rows, network), _OPEN),
        ):
            counts |= {onset.samples for onset in onsets}
            densities |= {onset.density for onset in onsets}
            _onset_line(axes[0][0], network, words, onsets, steps, look)
    few, many = min(counts), max(counts)
    subtitle[1] += f"; {few if few == many else f'{few} to {many}'} samples a point"
    plots.density_axis(axes[0][0], densities)
    axes[0][0].set_yticks(range(len(steps)), [style.steps(step) for step in steps])
    axes[0][0].set_ylim(-0.4, len(steps) - 0.6)
    plots.outer_labels(axes, "weights left (%)", "step k")
    style.legend(figure, axes)
    yield "", figure


_OPEN = {"markerfacecolor": "white", "linestyle": "--"}


def _onset_line(
    axes: Axes, network: str, words: str, onsets: list, steps: list[int], look: dict
) -> None:
    found = [onset for onset in onsets if onset.median is not None]
    places = [100 * onset.density for onset in found]
    heights = [float(np.interp(onset.median, steps, range(len(steps)))) for onset in found]
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
    best = f"IMP, best of {len(steps)} rewinding steps"
    subtitle = [about, _across(evaluations)]
    figure, axes = style.panels(1, 1, "Extreme sparsity", subtitle, width=5.2, height=3.2)
    (panel,) = axes[0]
    style.band(
        panel, accuracy(over_initializations(findings.dense_runs(evaluations), "test_error"))
    )
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


def error_at_rewinding(rows: list[Row], about: str) -> Drawn:
    """Error of the dense network at each step k of its training (fig. 11)."""
    trained = of(rows, kind="evaluation", network="dense", rewind_step=0, schedule="absolute")
    # Those along a run, not those of copies at its end alone.
    way = [
        row
        for row in trained
        if len({r["step"] for r in trained if r["noise"] == row["noise"]}) > 1
    ]
    if not way:
        return
    steps = sorted({row["step"] for row in way})
    title = "Error of the full network at step k"
    figure, axes = style.panels(1, 1, title, [about, _across(way)], width=4.6, height=2.7)
    for name, colour, marker in (("test", style.VERMILLION, "o"), ("train", style.BLUE, "s")):
        spreads = [over_initializations(of(way, step=s), f"{name}_error") for s in steps]
        places: list[float] = list(range(len(steps)))
        style.series(axes[0][0], places, spreads, f"{name} error", color=colour, marker=marker)
    plots.rewinding_axis(axes[0][0], steps)
    plots.outer_labels(axes, "step k", "error (%)")
    style.legend(figure, axes)
    yield "", figure


_DISTANCES = {
    "initialization_to_k": ("initialisation to step k", style.BLUE, "o"),
    "k_to_end": ("step k to the end of training", style.ORANGE, "X"),
    "end_to_end": ("between ends under different noise", style.GREEN, "^"),
}


def distances_at_rewinding(rows: list[Row], about: str) -> Drawn:
    """L2 distances from W_0 to W_k, to the end and between ends (figs 12 and 13)."""
    distances = of(rows, kind="distance", schedule="absolute")
    for (network,), group in split(distances, "network").items():
        if not of(group, between="initialization_to_k"):
            continue
        for name, words, members in level_sets(group):
            figure = _distances(members, f"{about}, {style.NAMES[network]}{words}")
            yield f"-{network}{name}", figure


def _distances(rows: list[Row], about: str) -> Figure:
    subtitle = [about, _across(rows)]
    title = "L2 distances at the rewinding step"
    figure, axes = style.panels(1, 1, title, subtitle, width=4.6, height=2.7)
    steps = sorted({row["rewind_step"] for row in rows})
    for between, (label, colour, marker) in _DISTANCES.items():
        by_step = split(of(rows, between=between), "rewind_step")
        places: list[float] = [steps.index(step) for (step,) in by_step]
        spreads = [over_initializations(group, "l2_distance") for group in by_step.values()]
        style.series(axes[0][0], places, spreads, label, 1, color=colour, marker=marker)
    plots.rewinding_axis(axes[0][0], steps)
    axes[0][0].set_ylim(bottom=0)
    plots.outer_labels(axes, "step k", "L2 distance")
    style.legend(figure, axes)
    return figure


def instability_through_training(rows: list[Row], about: str) -> Drawn:
    """Instability between the copies at every step measured, a line for each k (fig. 14)."""
    lines = of(rows, kind="instability", schedule="absolute")
    for (network, level), group in split(lines, "network", "level").items():
        if len({row["step"] for row in group}) < _FEWEST_LEVELS:
            continue
        name, words = _level_of(group) if level else ("", "")
        subtitle = [f"{about}, {style.NAMES[network]}{words}", replicates(group, "pair", "step")]
        title = "Instability throughout training"
        figure, axes = style.panels(1, 2, title, subtitle, width=3.4, height=2.7)
        for panel, split_name in zip(axes[0], ("test", "train"), strict=True):
            _training_panel(panel, group, f"{split_name}_instability")
            panel.set_title(f"{split_name} set")
        plots.line_of_stability(axes)
        plots.outer_labels(axes, "step of training", "instability (%)")
        style.legend(figure, axes)
        yield f"-{network}{name}", figure


def _training_panel(axes: Axes, rows: list[Row], value: str) -> None:
    by_k = split(rows, "rewind_step")
    for number, ((k,), group) in enumerate(by_k.items()):
        colour, marker = style.shades(len(by_k))[number], _MARKS[number % len(_MARKS)]
        by_step = split(group, "step")
        places = [float(step) for (step,) in by_step]
        spreads = [spread_of(members, value) for members in by_step.values()]
        look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 3.5}
        style.series(axes, places, spreads, f"k = {style.steps(k)}", **look)
    axes.xaxis.set_major_formatter(lambda step, _: style.steps(int(step)))


def instability_at_every_level(rows: list[Row], about: str) -> Drawn:
    """Test instability against k, a panel for each level of sparsity (figs 15 and 17)."""
    lines = of(at_the_end(rows), kind="instability")
    yield from _every_level(lines, about, "Instability", "test_instability", "pair")


def error_at_every_level(rows: list[Row], about: str) -> Drawn:
    """Test error against k, a panel for each level, the dense network as a band (figs 16, 18)."""
    evaluations = of(at_the_end(rows), kind="evaluation")
    yield from _every_level(evaluations, about, "Test error", "test_error", "run")


def _every_level(rows: list[Row], about: str, title: str, value: str, replicate: str) -> Drawn:
    found = levels(rows)
    if len(found) < _FEWEST_LEVELS or len({row["rewind_step"] for row in rows}) < 2:
        return
    sparse = [row for group in found.values() for row in group]
    lines = -(-len(found) // _COLUMNS)
    subtitle = [about, replicates(sparse, replicate)]
    figure, axes = style.panels(
        lines, _COLUMNS, f"{title} at every level", subtitle, width=2.2, height=1.9
    )
    flat = [panel for line in axes for panel in line]
    for panel, (level, group) in zip(flat, found.items(), strict=False):
        if value == "test_error":
            style.band(panel, dense_error(rows))
        plots.rewinding_panel(panel, group, value, NETWORKS[1:])
        panel.set_title(f"{level[1]} left")
        panel.tick_params(axis="x", rotation=90)
    if value == "test_instability":
        plots.line_of_stability([flat[: len(found)]])
    for panel in flat[len(found) :]:
        panel.set_axis_off()
    plots.outer_labels(axes, "step k", f"{title.lower()} (%)")
    style.legend(figure, axes)
    yield "", figure


def weight_distances(rows: list[Row], about: str) -> Drawn:
    """L2 and cosine distance between copies, dense and sparse apart (figs 25 to 28)."""
    for name, words, group in level_sets(_between_copies(at_the_end(rows))):
        parts = [part for part in (of(group, level=0), _sparse(group)) if part]
        subtitle = [about + words, replicates(group, "pair")]
        title = "Distance between copies"
        figure, axes = style.panels(2, len(parts), title, subtitle, width=3.4, sharey=False)
        for column, part in enumerate(parts):
            for line, value in zip(axes, ("l2_distance", "cosine_distance"), strict=True):
                plots.rewinding_panel(line[column], part, value, NETWORKS, scale=1)
                line[column].set_ylim(bottom=0)
            axes[0][column].set_title("sparse" if part[0]["level"] else "dense")
        plots.outer_labels(axes, "step k", "")
        axes[0][0].set_ylabel("L2 distance")
        axes[1][0].set_ylabel("cosine distance")
        style.legend(figure, axes)
        yield name, figure


def _sparse(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["level"] > 0]


def _between_copies(rows: list[Row]) -> list[Row]:
    """One row for every two copies: that of the line between them has their distance too."""
    lines, distances = of(rows, kind="instability"), of(rows, kind="distance")
    found: dict[tuple, Row] = {}
    for row in [*lines, *(row for row in distances if row["between"] == "end_to_end")]:
        names = ("network", "level", "initialization", "rewind_step")
        found.setdefault((*(row[name] for name in names), *row["noise"]), row)
    return list(found.values())


def different_classifications(rows: list[Row], about: str) -> Drawn:
    """How many examples two copies classify differently, test and train (figs 29 and 30)."""
    yield from _behaviour(rows, about, "Classifications that differ", "differences", "examples")


def loss_distances(rows: list[Row], about: str) -> Drawn:
    """L2 distance of the losses of two copies by example, test and train (figs 31 and 32)."""
    title = "L2 distance of the losses by example"
    yield from _behaviour(rows, about, title, "loss_distance", "L2 distance (nats)")


def _behaviour(rows: list[Row], about: str, title: str, value: str, unit: str) -> Drawn:
    """Two copies of one kind; then those of a sparse and the dense network."""
    compared = of(at_the_end(rows), kind="comparison")
    alike = [row for row in compared if row["against"] == row["network"]]
    crossed = [row for row in compared if row["against"] != row["network"]]
    for suffix, what, chosen in (
        ("", "two copies of each network", alike),
        ("-against_dense", "a copy of each sparse network and one of the dense", crossed),
    ):
        for name, words, group in level_sets(chosen):
            subtitle = [about + words, f"{what}; {replicates(group, 'pair')}"]
            figure, axes = style.panels(1, 2, title, subtitle, 3.4, 2.7, sharey=False)
            for panel, split_name in zip(axes[0], ("test", "train"), strict=True):
                plots.rewinding_panel(panel, group, f"{split_name}_{value}", NETWORKS, scale=1)
                panel.set_title(f"{split_name} set")
                panel.set_ylim(bottom=0)
            plots.outer_labels(axes, "step k", unit)
            style.legend(figure, axes)
            yield suffix + name, figure


def _level_of(rows: list[Row]) -> tuple[str, str]:
    """Ending and words for the level of rows of one."""
    ((level, _),) = list(levels(rows).items())[:1]
    return ending(level), f", pruned to {level[1]}"


def _across(rows: list[Row]) -> str:
    count = len({row["initialization"] for row in rows})
    return _ACROSS.format(f"{count} initialisations") if count > 1 else "one initialisation"


Draw = Callable[[list[Row], str], Drawn]


def _at_the_end(draw: Draw) -> Draw:
    return lambda rows, about: draw(at_the_end(rows), about)


_DRAWN: dict[tuple[int, ...], Draw] = {
    (2, 5, 19, 20, 21, 22): _at_the_end(plots.error_along_interpolation),
    (3, 6, 23): _at_the_end(plots.instability_against_rewinding_step),
    (4,): restarted_schedule,
    (7,): _at_the_end(plots.error_against_rewinding_step),
    (9,): first_stable_and_matching_step,
    (10,): extreme_sparsity,
    (11,): error_at_rewinding,
    (12, 13): distances_at_rewinding,
    (14,): instability_through_training,
    (15, 17): instability_at_every_level,
    (16, 18): error_at_every_level,
    (25, 26, 27, 28): weight_distances,
    (29, 30): different_classifications,
    (31, 32): loss_distances,
}
# The paper's number of a figure -> what draws it.
FIGURES: dict[int, Draw] = {number: draw for numbers, draw in _DRAWN.items() for number in numbers}
