"""Figures of other functions in place of the barrier: lmc figs 25 to 32.

Each function takes the rows of one model and dataset, of any steps, without those that diverged,
and yields (ending of the file name, figure), none where there are no rows for it.
"""

from lth_tf.analysis.points import (
    at_the_end,
    level_sets,
    of,
    replicates,
)
from lth_tf.figures import plots, style
from lth_tf.figures.plots import Drawn
from lth_tf.log.schema import NETWORKS, Row


def weight_distances(rows: list[Row], about: str) -> Drawn:
    """L2 and cosine distance between copies, dense and sparse apart (figs 25 to 28)."""
    for name, words, group in level_sets(between_copies(at_the_end(rows))):
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


def between_copies(rows: list[Row]) -> list[Row]:
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
