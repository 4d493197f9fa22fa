"""The step from which subnetworks are stable and matching, against density: lmc fig. 9."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lth_tf.analysis.criteria import LevelOnset, matching_onsets, stable_onsets
from lth_tf.analysis.estimate import Estimate
from lth_tf.analysis.selections import at_the_end
from lth_tf.analysis.variants import variants
from lth_tf.figures import looks, words
from lth_tf.figures.chart import Chart, Mark, Panel, Scale
from lth_tf.figures.figure import ExpectedLine
from lth_tf.figures.marks.curve import Curve
from lth_tf.figures.palette import variation
from lth_tf.log.schema import Row

_FEWEST_LEVELS = 3  # that make a figure
_CRITERIA = {"stable": stable_onsets, "matching": matching_onsets}


@dataclass(frozen=True)
class Onsets:
    """The median first k of a majority of samples, level by level, for some kinds of network."""

    networks: tuple[str, ...] = ("imp", "random_pruning")
    title: str = "Step from which subnetworks are stable and matching"
    every_level: bool = True

    def select(self, rows: list[Row]) -> list[Row]:
        return at_the_end(rows)

    def charts(self, rows: list[Row], subject: str) -> Iterator[Chart]:
        rows = at_the_end(rows)
        steps = sorted({row["rewind_step"] for row in rows if row["level"] > 0})
        found = [
            (network, criterion, onsets(variant.rows, network), number, variant.title)
            for number, variant in enumerate(variants(rows))
            for network in self.networks
            for criterion, onsets in _CRITERIA.items()
        ]
        stable = {
            o.level for _, criterion, line, *_ in found for o in line if criterion == "stable"
        }
        if len(stable) < _FEWEST_LEVELS:
            return
        onsets = [onset for _, _, line, *_ in found for onset in line]
        marks = [
            _curve(*each, 0.05 * (place - (len(found) - 1) / 2)) for place, each in enumerate(found)
        ]
        yield Chart(
            self.title,
            (words.shortened(subject), *_notes(onsets)),
            ((Panel("", tuple(marks)),),),
            Scale("weights left (%)", "density", tuple(100 * onset.density for onset in onsets)),
            Scale("step k", "steps", tuple(steps)),
            size=(5.2, 3),
            rows=tuple(rows),
        )

    def wanted(self) -> tuple[ExpectedLine, ...]:
        found = []
        for network in self.networks:
            name, of = looks.network(network)[0], {"network": network}
            found.append(ExpectedLine(f"{name}, stable", {**of, "kind": "instability"}, "pair"))
            found.append(ExpectedLine(f"{name}, matching", {**of, "kind": "evaluation"}, "run"))
        dense = {"network": "dense", "rewind_step": 0, "kind": "evaluation"}
        return (*found, ExpectedLine(looks.network("dense")[0], dense, "run", False))


def _curve(
    network: str, criterion: str, onsets: list[LevelOnset], number: int, of: str, shift: float
) -> Mark:
    """Returns a line of medians; `shift` keeps lines from covering each other."""
    found = [onset for onset in onsets if onset.median is not None]
    title, look = looks.network(network)
    look = variation(look, number)
    if criterion == "matching":
        look = look._replace(line="--", filled=False)
    return Curve(
        ", ".join(filter(None, (title, criterion, of))),
        tuple(100 * onset.density for onset in found),
        tuple(Estimate(onset.median or 0, math.nan, onset.samples) for onset in found),
        look,
        "none",
        rise=shift,
    )


def _notes(onsets: list[LevelOnset]) -> tuple[str, str]:
    samples = sorted({onset.samples for onset in onsets})
    of_samples = " to ".join(str(n) for n in samples[:: max(len(samples) - 1, 1)])
    return (
        f"median of the first step k over {of_samples} samples a point",
        "where a majority are stable, or matching, at any of the steps",
    )
