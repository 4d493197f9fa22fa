"""What of a paper is in a log: which rows are of which of its networks, and how much there is."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from lth_tf.analysis.criteria import extreme_level
from lth_tf.analysis.points import at_the_end, instabilities, slug
from lth_tf.analysis.table import percent
from lth_tf.analysis.where import comparable, split
from lth_tf.log.schema import Row
from lth_tf.report.paper import Network, Paper
from lth_tf.report.settings_diff import (
    Bindings,
    Expectations,
    Settings,
    departures,
    is_one_shot,
    mixed,
)

_SAME_DENSITY = 0.05  # relative: 3.52% is the paper's 3.5%, 1.44% its 1.5%
_SHOWN_STEPS = 10  # rewinding steps named before they are counted
_FEW = 3  # departures that are named wherever numbers stand


@dataclass(frozen=True)
class Group:
    """The rows of one network, which may be put side by side.

    Attributes:
      title: the paper's name of the network, with 'altered' where its settings are not the
        paper's; else model and dataset.
      name: the same in file names.
      network: of the paper, None where it is none of them.
      rows: done, each measurement once.
      level: the level that figures of one level show; None where nothing was pruned.
      density: of that level.
      steps: T, the last step.
      notes: what was left out of the log, and why.
      altered: settings that are not those of the paper's gin file, the same for all rows.
    """

    title: str
    name: str
    network: Network | None
    rows: list[Row] = field(repr=False)
    level: int | None
    density: float | None
    steps: int
    notes: tuple[str, ...]
    altered: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """Model, dataset and steps, as figures say it."""
        altered = self.title.removeprefix(self.network.title) if self.network else ""
        row = self.rows[0]
        return f"{row['model']} on {row['dataset']}, {self.steps:,} steps{altered}"

    def departures(self) -> list[str]:
        """In what the rows are not as the paper has them; none where they are."""
        network, found = self.network, list(self.altered)
        if network is None:
            return []
        if self.steps != network.steps and not any(f.startswith("steps = ") for f in found):
            found.append(f"{self.steps:,} steps, the paper {network.steps:,}")
        if self.density and abs(self.density / network.density - 1) > _SAME_DENSITY:
            shown = percent(network.density)
            found.append(f"{percent(self.density)} of weights left, the paper {shown}")
        return found

    def departures_in_short(self) -> list[str]:
        """The same; how many there are, where a few words do not hold them."""
        found = self.departures()
        return found if len(found) <= _FEW else [f"{len(found)} departures, listed at the top"]


def groups(
    rows: Iterable[Row], paper: Paper, settings: Settings, expected: Expectations
) -> list[Group]:
    """The networks of a log: the paper's in its order, then others.

    Rows of configurations that depart from the paper's file in the same way are a group of their
    own, after that of those which do not.

    Args:
      settings: the resolved configurations.
      expected: what the paper's files resolve to.
    """
    found: dict[_Kind, list[Row]] = {}
    expected = cache(expected)
    fields = ("model", "dataset", "experiment", "configuration")
    for (model, dataset, experiment, configuration), members in split(rows, *fields).items():
        bound = settings.get(configuration)
        network = _network_of(paper, model, dataset, bound)
        kind = _Kind(len(paper.networks), f"{model} on {dataset}")
        if network:
            altered = departures(bound, expected(network, experiment), experiment)
            place = list(paper.networks).index(network.key)
            kind = _Kind(place, network.title, altered, network)
        found.setdefault(kind, []).extend(members)
    ordered = sorted(found, key=lambda kind: (*kind[:2], len(kind.altered), kind.altered))
    made = (_group(kind, _suffix(kind, ordered), found[kind], settings) for kind in ordered)
    # What diverged altogether has nothing to show.
    return [group for group in made if group]


class _Kind(NamedTuple):
    """What the rows of a group have in common, in the order of the paper."""

    place: int
    title: str
    altered: tuple[str, ...] = ()
    network: Network | None = None


def _suffix(kind: _Kind, kinds: list[_Kind]) -> str:
    """What tells a group from the one whose settings are the paper's; numbered, if of several."""
    alike = [each for each in kinds if each.network == kind.network and each.altered]
    if not kind.altered:
        return ""
    return ", altered" + (f" {alike.index(kind) + 1}" if len(alike) > 1 else "")


def _network_of(paper: Paper, model: str, dataset: str, bound: Bindings | None) -> Network | None:
    """The network of the paper that a configuration is of, by its model, dataset and settings."""
    for network in paper.networks.values():
        same = (network.model, network.dataset) == (model, dataset)
        if same and all(_is_bound(bound, *item) for item in network.settings.items()):
            return network
    return None


def _is_bound(bound: Bindings | None, name: str, value: float) -> bool:
    try:
        return bound is not None and math.isclose(float(bound[name]), value)
    except (KeyError, ValueError):
        return False


def _group(kind: _Kind, suffix: str, rows: list[Row], settings: Settings) -> Group | None:
    network = kind.network
    # Whichever network it is: figures of one level must not mix densities.
    if is_one_shot(settings.get(c, {}) for c in {row["configuration"] for row in rows}):
        rows = _densities_as_levels(rows)
    kept, notes = comparable(rows)
    done = [row for row in kept if row["status"] == "done"]
    if not done:
        return None
    if len(done) < len(kept):
        notes.append(f"{len(kept) - len(done)} measurements diverged and are in no figure")
    kinds = split(done, "experiment", "configuration")
    if differing := mixed((kind, settings.get(configuration, {})) for kind, configuration in kinds):
        notes.append(f"its rows are of configurations that differ: {'; '.join(differing)}")
    level, density = _level(network, done)
    steps = max(row["step"] for row in at_the_end(done) or done)
    title = kind.title + suffix
    name = slug(network.key + suffix if network else title)
    return Group(title, name, network, done, level, density, steps, tuple(notes), kind.altered)


def _densities_as_levels(rows: list[Row]) -> list[Row]:
    """Rows of one-shot pruning, whose level is always 1: numbered by density, from dense to sparse.

    So that fig. 10 has a point for each, as it has for each level elsewhere.
    """
    densities = sorted({row["density"] for row in rows if row["level"] and row["density"]})
    shown = list(dict.fromkeys(map(percent, reversed(densities))))
    return [
        row | {"level": 1 + shown.index(percent(row["density"]))}
        if row["level"] and row["density"]
        else row
        for row in rows
    ]


def _level(network: Network | None, rows: list[Row]) -> tuple[int | None, float | None]:
    """The level that figures of one level show: the paper's, else the extreme one, else the last.

    Of those whose instability was measured; where none was, of all.
    """
    ends = at_the_end(rows)
    found = _densities(instabilities(ends)) or _densities(ends) or _densities(rows)
    if not found:
        return None, None
    if network:
        for level, density in found.items():
            if abs(density / network.density - 1) <= _SAME_DENSITY:
                return level, density
    extreme = extreme_level(ends)
    level = extreme[0] if extreme and extreme[0] in found else max(found)
    return level, found[level]


def _densities(rows: Iterable[Row]) -> dict[int, float]:
    pruned = [row for row in rows if row["level"] > 0 and row["density"]]
    return {row["level"]: row["density"] for row in pruned}


def of_level(rows: Iterable[Row], level: int | None) -> list[Row]:
    """Dense rows and those of one level; of the last one where that has none."""
    rows = list(rows)
    levels = {row["level"] for row in rows if row["level"] > 0}
    shown = level if level in levels else max(levels, default=None)
    return [row for row in rows if row["level"] in (0, shown)]


def in_hand(rows: list[Row]) -> str:
    """How much rows are, for people: initialisations, samples a point, steps k."""
    seeds = len({row["initialization"] for row in rows})
    fields = ("kind", "network", "rewind_step", "schedule", "level", "step")
    points: dict[tuple, int] = {}
    for row in rows:
        cell = (*(row[name] for name in fields), row.get("between"), row.get("against"))
        points[cell] = points.get(cell, 0) + 1
    fewest, most = min(points.values()), max(points.values())
    samples = f"{most}" if fewest == most else f"{fewest} to {most}"
    steps = sorted({row["rewind_step"] for row in rows})
    named = ", ".join(f"{step:,}" for step in steps)
    if len(steps) > _SHOWN_STEPS:
        named = f"{len(steps)} steps from {steps[0]:,} to {steps[-1]:,}"
    return (
        f"{seeds} initialisation{'' if seeds == 1 else 's'}, {samples} "
        f"sample{'' if most == 1 else 's'} a point, k = {named}"
    )
