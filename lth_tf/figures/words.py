"""The lines above the panels of a chart: its subject, and the samples of each point."""

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.selections import levels
from lth_tf.figures import looks
from lth_tf.figures.palette import slug
from lth_tf.log.schema import Row

if TYPE_CHECKING:
    from lth_tf.figures.curves import Curves

# Of instability, by the label `barrier`.
_DEFINITIONS = {
    "from_mean_of_ends": "instability: highest error on the line minus the mean of its ends",
    "from_line_between_ends": "instability: highest excess of the error over the straight line "
    "between its ends",
}
_LONGEST = 100  # letters of the name of a network of one's own


@dataclass(frozen=True)
class About:
    """What a chart is of that has one variant of the rows.

    Attributes:
      subject: network, dataset, steps.
      variant: what tells the rows from those of other charts; '' where there are none.
    """

    subject: str
    variant: str

    @property
    def text(self) -> str:
        """Subject and variant, for the line above the panels."""
        return ", ".join(filter(None, (shortened(self.subject), self.variant)))

    @property
    def suffix(self) -> str:
        """The end of the labels of lines, which names the variant."""
        return f", {self.variant}" if self.variant else ""

    @property
    def ending(self) -> str:
        """The end of the file's name, which names the variant."""
        return f"-{slug(self.variant)}" if self.variant else ""


def notes(form: "Curves", subject: str, rows: list[Row], estimates: list[Estimate]) -> list[str]:
    """Returns the lines above the panels.

    Args:
      subject: what the rows are of.
      estimates: of all points.
    """
    networks = {row["network"] for row in rows} | ({"dense"} if form.band else set())
    named = ""
    if len(networks) == 1 and "network" not in (form.panels, form.rows):
        named = f", {looks.network(networks.pop())[0]}"
    pruned = "" if form.every_level else pruned_to(rows)
    kinds = {row["barrier"] for row in rows if "barrier" in row and form.source == "instability"}
    found = [shortened(subject) + named + pruned, samples(form, rows, estimates)]
    return found + [_DEFINITIONS[kind] for kind in kinds if len(kinds) == 1]


def pruned_to(rows: list[Row]) -> str:
    """Returns ', pruned to 3.52%' of rows of one level; '' of dense ones."""
    shown = ", ".join(dict.fromkeys(density for _, density in levels(rows)))
    return f", pruned to {shown}" if shown else ""


def samples(form: "Curves", rows: list[Row], estimates: list[Estimate]) -> str:
    """Returns a point's samples in words: 'mean ± std of 9 pairs a point, 3 initializations'."""
    count = len({row["initialization"] for row in rows})
    if form.over == "initializations":
        return across(count, form.spread)
    name = "pair" if form.sample == "pair" else "run"
    fewest, most = (pick(each.n for each in estimates) for pick in (min, max))
    if most == 1:
        return f"one {name} a point, {plural(count, 'initialization')}"
    number = str(most) if fewest == most else f"{fewest} to {most}"
    if form.spread == "range":
        return f"mean, min and max of {number} {name}s, {plural(count, 'initialization')}"
    return f"mean ± std of {number} {name}s a point, {plural(count, 'initialization')}"


def across(count: int, spread: str = "bars") -> str:
    """Returns a point's samples in words where it is over initializations (lmc figs 10 to 13)."""
    if count == 1:
        return "one initialization; runs and pairs averaged"
    if spread == "range":
        return f"mean, min and max of {count} initializations; runs averaged within each"
    return f"mean ± std over {count} initializations; runs and pairs averaged within each"


def plural(count: int, name: str) -> str:
    """Returns '3 initializations', '1 initialization'."""
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def shortened(text: str) -> str:
    """Returns a text that is not too long for a figure."""
    return textwrap.shorten(text, _LONGEST, placeholder=" ...")
