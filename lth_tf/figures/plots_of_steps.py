"""Figures of one measure against the step k, made to measure: as lmc's figs 3, 6 to 8 and 23 to 32.

draw = AgainstStep("pair", {"test set": "test_instability"}, "Instability", "(%)")
for ending, figure in draw(rows, "LeNet 300-100 on mnist"): ...
"""

from dataclasses import dataclass, field

from lth_tf.analysis.criteria import over_initializations
from lth_tf.analysis.points import across, dense_runs, levels, replicates, spread_of
from lth_tf.figures import plots, style
from lth_tf.figures.plots import Drawn, Summary
from lth_tf.log.schema import NETWORKS, Row


@dataclass(frozen=True)
class AgainstStep:
    """Draws one measure of rows of one level, a line for each kind of network.

    Attributes:
      replicate: what points are means over: a 'run' or a 'pair' (of copies) for each row, or
        'initialisation', runs averaged within each.
      panels: title of each panel, and the field it shows.
      title: of the figure.
      unit: the y axis.
      scale: what values are multiplied by; 100 for percent.
      band: whether the dense network is shown as a band, its error in every panel, and not as a
        line.
      stable: whether the limit of stability is marked.
    """

    replicate: str
    panels: dict[str, str] = field(hash=False)
    title: str
    unit: str
    scale: float = 100
    band: bool = False
    stable: bool = False

    def __call__(self, rows: list[Row], about: str) -> Drawn:
        """Yields (ending of the file name, figure), none where there are no rows for it."""
        shown = [row for row in rows if not (self.band and row["network"] == "dense")]
        if not shown:
            return
        pruned = ", ".join(level[1] for level in levels(shown))
        subtitle = [about + (f", pruned to {pruned}" if pruned else "")]
        summary: Summary = spread_of
        if self.replicate == "initialisation":
            summary = over_initializations
            subtitle.append(across(shown))
        else:
            subtitle.append(replicates(shown, self.replicate))
        width = 4.6 if len(self.panels) == 1 else 3.4
        figure, axes = style.panels(
            1, len(self.panels), self.title, subtitle, width, 2.7, sharey=self.scale == 100
        )
        for panel, (name, value) in zip(axes[0], self.panels.items(), strict=True):
            if self.band:
                style.band(panel, summary(dense_runs(rows), value))
            plots.rewinding_panel(panel, shown, value, NETWORKS, self.scale, summary)
            panel.set_title(name)
            if self.scale != 100:
                panel.set_ylim(bottom=0)
        if self.stable:
            plots.line_of_stability(axes)
        plots.outer_labels(axes, "step k", self.unit)
        style.legend(figure, axes)
        yield "", figure
