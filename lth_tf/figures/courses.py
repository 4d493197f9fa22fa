"""How dense networks train, from the first step that was measured on: a panel for each network."""

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from lth_tf.analysis.points import of, replicates, spread_of
from lth_tf.analysis.where import split
from lth_tf.figures import plots, style
from lth_tf.log.schema import Row

_FEWEST_STEPS = 3  # that make a course
_COLUMNS = 3
_POINT = ("model", "dataset", "step")


def courses(rows: list[Row]) -> plots.Drawn:
    """Loss on the training and the test set at every step measured, of every dense network.

    Args:
      rows: of any models and datasets, without those that diverged.
    """
    dense = of(rows, kind="evaluation", network="dense", rewind_step=0, experiment="training")
    found = {
        names: group
        for names, group in split(dense, "model", "dataset").items()
        if len({row["step"] for row in group}) >= _FEWEST_STEPS
    }
    if not found:
        return
    members = [row for group in found.values() for row in group]
    subtitle = [replicates(members, "run", *_POINT)]
    columns = min(len(found), _COLUMNS)
    title = "Loss of the dense network through training"
    figure, axes = style.panels(
        -(-len(found) // columns), columns, title, subtitle, sharex=False, sharey=False
    )
    flat = [panel for line in axes for panel in line]
    for panel, ((model, dataset), group) in zip(flat, found.items(), strict=False):
        by_step = dict(sorted(split(group, "step").items()))
        places = [float(step) for (step,) in by_step]
        for name, colour, dashes in (("train", style.BLUE, "-"), ("test", style.VERMILLION, "--")):
            spreads = [spread_of(points, f"{name}_loss") for points in by_step.values()]
            style.line(panel, places, spreads, f"{name} loss", colour, dashes, scale=1)
        panel.set_title(f"{model}\n{dataset}")
        _logarithmic(panel)
    for panel in flat[len(found) :]:
        panel.set_axis_off()
    plots.outer_labels(axes, "step", "loss (nats)")
    style.legend(figure, axes)
    yield "", figure


def _logarithmic(panel: Axes) -> None:
    """A loss axis in powers: in the first steps batch norm's statistics make some a hundredfold."""
    panel.set_yscale("log")
    panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    panel.yaxis.set_minor_locator(NullLocator())
