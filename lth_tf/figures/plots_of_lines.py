"""Figures of the error along lines between copies: lmc figs 2, 5 and 19 to 22.

Each function takes the rows of one model, dataset and step and yields (ending of the file name,
figure), none where there are no rows for it.
"""

from collections import Counter

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_tf.analysis.points import instability_sets, of, replicates, spread_of
from lth_tf.analysis.table import Spread, spread
from lth_tf.figures import plots, style
from lth_tf.figures.plots import Drawn
from lth_tf.log.schema import NETWORKS, Row

_STEPS_A_PAGE = 5  # rewinding steps in one figure of interpolations
_TICKS = [0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"]
_DASHES = {"imp": "-", "random_pruning": "--", "random_reinitialization": "-."}


def error_along_interpolation(rows: list[Row], about: str) -> Drawn:
    """Train and test error on the line between two copies (lmc figs 2, 5, 19 to 22).

    A row of panels for each rewinding step, a column for each kind of network.
    """
    for name, level, group in instability_sets(rows):
        steps = sorted({row["rewind_step"] for row in group})
        pages = [steps[i : i + _STEPS_A_PAGE] for i in range(0, len(steps), _STEPS_A_PAGE)]
        for number, page in enumerate(pages, start=1):
            members = [row for row in group if row["rewind_step"] in page]
            figure = _interpolation_page(members, page, about + level)
            yield name + (f"-page_{number}" if len(pages) > 1 else ""), figure


def _interpolation_page(rows: list[Row], steps: list[int], about: str) -> Figure:
    networks = [network for network in NETWORKS if of(rows, network=network)]
    subtitle = [about, replicates(rows, "pair"), plots.DEFINITIONS[rows[0]["barrier"]]]
    title = "Error along the interpolation"
    figure, axes = style.panels(len(steps), len(networks), title, subtitle, height=2.1)
    for line, step in zip(axes, steps, strict=True):
        for panel, network in zip(line, networks, strict=True):
            panel.set_label(f"{style.NAMES[network]}, k = {step}")
            _line_panel(panel, of(rows, network=network, rewind_step=step))
    for panel, network in zip(axes[0], networks, strict=True):
        panel.set_title(style.NAMES[network], fontweight="bold", color=style.COLOURS[network])
    axes[0][0].set_ylim(0, 1.2 * axes[0][0].get_ylim()[1])
    axes[0][0].set_xticks(*_TICKS)
    plots.outer_labels(axes, "interpolation α", "error (%)")
    for line, step in zip(axes, steps, strict=True):
        line[0].set_ylabel(f"k = {step}\nerror (%)")
    style.legend(figure, axes)
    return figure


def _line_panel(axes: Axes, rows: list[Row]) -> None:
    if not rows:
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", color=style.GREY)
        return
    same = _same_alphas(rows)
    for name, colour, dashes in (("test", style.VERMILLION, "-"), ("train", style.BLUE, "--")):
        style.line(axes, *_along(same, f"{name}_errors"), f"{name} error", colour, dashes)
    barrier = spread_of(same, "test_instability").percent()
    axes.text(
        0.5, 0.96, f"test instability {barrier}%", transform=axes.transAxes, ha="center", va="top",
        fontsize=7.5, color=style.GREY, bbox={"facecolor": "white", "linewidth": 0, "pad": 1},
    )  # fmt: skip


def subnetworks_along_interpolation(rows: list[Row], about: str) -> Drawn:
    """Test error on the line between two copies, kinds of subnetwork over each other (lmc fig. 5).

    A panel for each rewinding step; the dense network is left out.
    """
    for name, level, group in instability_sets([row for row in rows if row["level"] > 0]):
        steps = sorted({row["rewind_step"] for row in group})
        subtitle = [about + level, replicates(group, "pair")]
        title = "Test error of subnetworks along the interpolation"
        width = 4.6 if len(steps) == 1 else 3
        figure, axes = style.panels(1, len(steps), title, subtitle, width, height=2.7)
        for panel, step in zip(axes[0], steps, strict=True):
            panel.set_title(f"k = {style.steps(step)}")
            panel.set_xticks(*_TICKS)
            for network, dashes in _DASHES.items():
                if found := _same_alphas(of(group, network=network, rewind_step=step)):
                    look = style.NAMES[network], style.COLOURS[network], dashes
                    style.line(panel, *_along(found, "test_errors"), *look)
        top = max(panel.get_ylim()[1] for panel in axes[0])
        axes[0][0].set_ylim(0, 1.05 * top)
        plots.outer_labels(axes, "interpolation α", "test error (%)")
        style.legend(figure, axes)
        yield name, figure


def _same_alphas(rows: list[Row]) -> list[Row]:
    """The lines that were measured at the same places as most are."""
    alphas = Counter(tuple(row["alphas"]) for row in rows).most_common(1)
    return [row for row in rows if tuple(row["alphas"]) == alphas[0][0]]


def _along(rows: list[Row], field: str) -> tuple[list[float], list[Spread]]:
    """Places on the line, and what is there over all rows."""
    columns = zip(*(row[field] for row in rows), strict=True)
    return rows[0]["alphas"], [spread(column) for column in columns]
