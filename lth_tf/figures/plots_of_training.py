"""Figures of how training goes before, from and after step k: lmc figs 4 and 11 to 14.

Each function takes the rows of one model and dataset, of any steps, without those that diverged,
and yields (ending of the file name, figure), none where there are no rows for it.
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_tf.analysis.criteria import along_training, over_initializations
from lth_tf.analysis.points import (
    across,
    ending,
    instabilities,
    level_sets,
    levels,
    of,
    replicates,
    spread_of,
)
from lth_tf.analysis.where import split
from lth_tf.figures import plots, style
from lth_tf.figures.plots import Drawn
from lth_tf.log.schema import Row

_FEWEST_STEPS = 3  # that make a course of training
_MARKS = "os^DvP*X"


def restarted_schedule(rows: list[Row], about: str) -> Drawn:
    """Test instability of copies trained T - k steps, and T on a restarted clock (fig. 4)."""
    lines = instabilities(rows)
    last = max((row["step"] for row in lines), default=0)
    for (network, level), group in split(of(lines, step=last), "network", "level").items():
        if not of(group, schedule="restarted"):
            continue
        title = "Instability with and without restarting the schedule"
        name, words = _level_of(group) if level else ("", "")
        what = f"{about}, {style.NAMES[network]}{words}, test set"
        subtitle = [what, replicates(group, "pair", "schedule")]
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
        yield f"-{network}{name}", figure


def error_at_rewinding(rows: list[Row], about: str) -> Drawn:
    """Error of the dense network at each step k of its training (fig. 11)."""
    way = along_training(rows)
    if not way:
        return
    steps = sorted({row["step"] for row in way})
    title = "Error of the full network at step k"
    figure, axes = style.panels(1, 1, title, [about, across(way)], width=4.6, height=2.7)
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
    subtitle = [about, across(rows)]
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
    lines = of(instabilities(rows), schedule="absolute")
    for (network, level), group in split(lines, "network", "level").items():
        if len({row["step"] for row in group}) < _FEWEST_STEPS:
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


def _level_of(rows: list[Row]) -> tuple[str, str]:
    """Ending and words for the level of rows of one."""
    ((level, _),) = list(levels(rows).items())[:1]
    return ending(level), f", pruned to {level[1]}"
