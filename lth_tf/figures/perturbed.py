"""Accuracy against the effective standard deviation of perturbations: early_phase fig. 8."""

from collections.abc import Iterator
from dataclasses import dataclass

from lth_tf.analysis.correlation import correlation, perturbed
from lth_tf.analysis.points import split, where
from lth_tf.analysis.variants import variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks import Scatter
from lth_tf.figures.palette import variation
from lth_tf.log.schema import Row

_FEWEST = 3  # points that make a panel


@dataclass(frozen=True)
class AgainstDeviation:
    """Test accuracy against effective standard deviation: a panel for each k, a point a kind.

    r, p and n stand in the panel: of the means over initializations, in that order.

    Attributes:
      networks: the kinds of perturbation; none for all that there are.
      steps: the steps k that are shown; none for all that there are.
    """

    networks: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()

    title = "Accuracy against effective standard deviation"
    every_level = False

    def select(self, rows: list[Row]) -> list[Row]:
        moved = where(rows, kind="difference", between="k_to_perturbed")
        names = self._names(moved)
        moved = where(moved, network=names)
        steps = self.steps or tuple(k for (k,) in split(moved, "rewind_step"))
        trained = where(rows, kind="evaluation", network=names)
        return where([*moved, *trained], rewind_step=steps) if moved else []

    def _names(self, rows: list[Row]) -> tuple[str, ...]:
        measured = (row["network"] for row in rows if row["kind"] == "difference")
        return self.networks or tuple(dict.fromkeys(measured))

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        panels = [self._panel(rows, k) for (k,) in split(rows, "rewind_step")]
        panels = [panel for panel in panels if len(panel.marks) >= _FEWEST]
        if panels:
            yield Chart(
                self.title,
                (words.shortened(subject) + words.pruned_to(rows), words.across(rows)),
                (tuple(panels),),
                Scale("effective standard deviation"),
                Scale("test accuracy (%)"),
                size=(3.6, 3.2),
                rows=tuple(rows),
            )

    def _panel(self, rows: list[Row], k: int) -> Panel:
        marks, notes = list[Scatter](), []
        for number, variant in enumerate(variants(where(rows, rewind_step=k))):
            points = perturbed(variant.rows, self._names(variant.rows), k)
            for network, deviation, accuracy in points:
                title, look = looks.network(network)
                look = variation(look, number)
                marks.append(Scatter(title + variant.suffix, deviation, accuracy.scaled(100), look))
            if fit := correlation(points):
                note = f"r = {fit.r:.3f}, p = {fit.p:.3g}, n = {fit.n}"
                notes.append(": ".join(filter(None, (variant.title, note))))
        title = looks.panel("rewind_step", k)
        return Panel(title, tuple(marks), label=f"k = {k}", note="\n".join(notes))

    def wanted(self) -> tuple[ExpectedLine, ...]:
        return tuple(
            ExpectedLine(looks.network(name)[0], {"network": name, "kind": kind}, "one")
            for name in self.networks
            for kind in ("evaluation", "difference")
        )
