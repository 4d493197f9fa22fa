"""The lines above the panels of a chart: its subject, and the samples of each point."""

import textwrap
from typing import TYPE_CHECKING

from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.selections import levels
from lth_tf.analysis.variants import Variant
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


def heading(subject: str, variant: Variant) -> str:
    """Returns the line above a chart of one variant."""
    return shortened(subject) + variant.suffix


def ending(variant: Variant) -> str:
    """Returns the ending of the file of a chart of one variant."""
    return f"-{slug(variant.title)}" if variant.title else ""


def notes(form: "Curves", subject: str, rows: list[Row], estimates: list[Estimate]) -> list[str]:
    """Returns the lines above the panels; the estimates are those of all points."""
    subject = shortened(subject)
    networks = {row["network"] for row in rows} | ({"dense"} if form.band else set())
    if len(networks) == 1 and "network" not in (form.panels, form.rows):
        subject += f", {looks.network(networks.pop())[0]}"
    if not form.every_level:
        subject += pruned_to(rows)
    barriers = {row["barrier"] for row in rows if form.source == "instability"}
    definitions = [_DEFINITIONS[barrier] for barrier in barriers] if len(barriers) == 1 else []
    return [subject, samples(form, rows, estimates), *definitions]


def pruned_to(rows: list[Row]) -> str:
    """Returns ', pruned to 3.52%' of rows of one level; '' of dense ones."""
    densities = ", ".join(dict.fromkeys(density for _, density in levels(rows)))
    return f", pruned to {densities}" if densities else ""


def samples(form: "Curves", rows: list[Row], estimates: list[Estimate]) -> str:
    """Returns a point's samples in words: 'mean ± std of 9 pairs a point, 3 initializations'."""
    if form.over == "initializations":
        return across(rows, form.spread)
    seeds = plural(_initializations(rows), "initialization")
    name = "pair" if form.sample == "pair" else "run"
    fewest, most = (pick(estimate.n for estimate in estimates) for pick in (min, max))
    if most == 1:
        return f"one {name} a point, {seeds}"
    number = str(most) if fewest == most else f"{fewest} to {most}"
    if form.spread == "range":
        return f"mean, min and max of {number} {name}s, {seeds}"
    return f"mean ± std of {number} {name}s a point, {seeds}"


def _initializations(rows: list[Row]) -> int:
    return len({row["initialization"] for row in rows})


def replicates(rows: list[Row]) -> str:
    """Returns how many replicates rows are of: '4 replicates'."""
    return plural(_initializations(rows), "replicate")


def across(rows: list[Row], spread: str = "bars") -> str:
    """Returns a point's samples in words where it is over initializations (lmc figs 10 to 13)."""
    count = _initializations(rows)
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
