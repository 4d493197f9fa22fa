"""Accuracy against the effective standard deviation of perturbations: early_phase fig. 8."""

from collections.abc import Iterator
from dataclasses import dataclass

from lth_tf.analysis.correlation import correlation, perturbed
from lth_tf.analysis.points import split, where
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.scatter import Scatter
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
      title: above the panels.
    """

    networks: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    title: str = "Accuracy against effective standard deviation"
    every_level: bool = False

    def select(self, rows: list[Row]) -> list[Row]:
        moved = where(rows, kind="difference", between="k_to_perturbed")
        names = self._names(moved)
        moved = where(moved, network=names)
        steps = self.steps or tuple(k for (k,) in split(moved, "rewind_step"))
        trained = where(rows, kind="evaluation", network=names)
        return where([*moved, *trained], rewind_step=steps) if moved else []

    def _names(self, rows: list[Row]) -> tuple[str, ...]:
        present = dict.fromkeys(row["network"] for row in rows if row["kind"] == "difference")
        return self.networks or tuple(present)

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = self.select(rows)
        steps = [k for (k,) in split(rows, "rewind_step")]
        panels = [panel for k in steps if len((panel := self._panel(rows, k)).marks) >= _FEWEST]
        if not panels:
            return
        count = len({row["initialization"] for row in rows})
        yield Chart(
            self.title,
            (words.shortened(subject) + words.pruned_to(rows), words.across(count)),
            (tuple(panels),),
            Scale("effective standard deviation"),
            Scale("test accuracy (%)"),
            size=(3.6, 3.2),
            rows=tuple(rows),
        )

    def _panel(self, rows: list[Row], k: int) -> Panel:
        marks, notes = list[Scatter](), []
        for number, variant in enumerate(variants(where(rows, rewind_step=k))):
            marks += self._points(variant, k, number)
            found = correlation(perturbed(variant.rows, self._names(variant.rows), k))
            if found:
                told = f"r = {found.r:.3f}, p = {found.p:.3g}, n = {found.n}"
                notes.append(": ".join(filter(None, (variant.title, told))))
        title = looks.panel("rewind_step", k)
        return Panel(title, tuple(marks), label=f"k = {k}", note="\n".join(notes))

    def _points(self, variant: Variant, k: int, number: int) -> Iterator[Scatter]:
        suffix = f", {variant.title}" if variant.title else ""
        for point in perturbed(variant.rows, self._names(variant.rows), k):
            title, look = looks.network(point.network)
            look = variation(look, number)
            yield Scatter(title + suffix, point.deviation, point.accuracy.scaled(100), look)

    def wanted(self) -> tuple[ExpectedLine, ...]:
        return tuple(
            ExpectedLine(looks.network(name)[0], {"network": name, "kind": kind}, "one")
            for name in self.networks
            for kind in ("evaluation", "difference")
        )
