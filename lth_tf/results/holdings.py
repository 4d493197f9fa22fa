"""What of a paper is in a log: which rows are of which of its networks, and how much there is."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lth_tf.results.findings import extreme_level
from lth_tf.results.groups import at_the_end, instabilities, slug
from lth_tf.results.papers.paper import Network, Paper
from lth_tf.results.schema import Row
from lth_tf.results.selection import comparable, split
from lth_tf.results.table import percent

# Resolved configurations by key: their bindings by name.
Settings = Mapping[str, Mapping[str, str]]

_HEAD = re.compile(r"# Resolved configuration ([0-9a-f]{64})")
_BINDING = re.compile(r"^(?:\w+/)*(\w+\.\w+) = (.+)$", re.MULTILINE)
_SAME_DENSITY = 0.02  # relative: 3.52% is the paper's 3.5%
_SHOWN_STEPS = 10  # rewinding steps named before they are counted


@dataclass(frozen=True)
class Group:
    """The rows of one network, which may be put side by side.

    Attributes:
      title: the paper's name of the network; else model and dataset.
      name: the same in file names.
      network: of the paper, None where it is none of them.
      rows: done, each measurement once.
      level: the level that figures of one level show; None where nothing was pruned.
      density: of that level.
      steps: T, the last step.
      notes: what was left out of the log, and why.
    """

    title: str
    name: str
    network: Network | None
    rows: list[Row] = field(repr=False)
    level: int | None
    density: float | None
    steps: int
    notes: tuple[str, ...]

    @property
    def about(self) -> str:
        """Model, dataset and steps, as figures say it."""
        return f"{self.rows[0]['model']} on {self.rows[0]['dataset']}, {self.steps:,} steps"

    def departures(self) -> list[str]:
        """In what the rows are not at the paper's scale; none where they are."""
        network, found = self.network, []
        if network is None:
            return []
        if self.steps != network.steps:
            found.append(f"{self.steps:,} steps, the paper {network.steps:,}")
        if self.density and abs(self.density / network.density - 1) > _SAME_DENSITY:
            shown = percent(network.density)
            found.append(f"{percent(self.density)} of weights left, the paper {shown}")
        return found


def settings_of(workdir: Path) -> Settings:
    """The resolved configurations that a workdir holds, by key; a damaged file is passed over."""
    found = {}
    for path in sorted((workdir / "configurations").glob("*.gin")):
        text = path.read_text(errors="replace")
        if head := _HEAD.search(text):
            found[head[1]] = dict(_BINDING.findall(text))
    return found


def groups(rows: Iterable[Row], paper: Paper, settings: Settings) -> list[Group]:
    """The networks of a log: the paper's in its order, then others."""
    found: dict[tuple[str, str], list[Row]] = {}
    for (model, dataset, configuration), members in split(
        rows, "model", "dataset", "configuration"
    ).items():
        network = _network_of(paper, model, dataset, settings.get(configuration))
        key = (network.key, "") if network else (model, dataset)
        found.setdefault(key, []).extend(members)
    order = list(paper.networks)
    made = [_group(paper.networks.get(key[0]), members) for key, members in found.items()]
    # What diverged altogether has nothing to show.
    return sorted(
        (group for group in made if group),
        key=lambda g: (order.index(g.network.key) if g.network else len(order), g.title),
    )


def _network_of(
    paper: Paper, model: str, dataset: str, bound: Mapping[str, str] | None
) -> Network | None:
    """The network of the paper that a configuration is of, by its model, dataset and settings."""
    for network in paper.networks.values():
        same = (network.model, network.dataset) == (model, dataset)
        if same and all(_is_bound(bound, *item) for item in network.settings.items()):
            return network
    return None


def _is_bound(bound: Mapping[str, str] | None, name: str, value: float) -> bool:
    try:
        return bound is not None and math.isclose(float(bound[name]), value)
    except (KeyError, ValueError):
        return False


def _group(network: Network | None, rows: list[Row]) -> Group | None:
    kept, notes = comparable(rows)
    done = [row for row in kept if row["status"] == "done"]
    if not done:
        return None
    if len(done) < len(kept):
        notes.append(f"{len(kept) - len(done)} measurements diverged and are in no figure")
    title = network.title if network else f"{done[0]['model']} on {done[0]['dataset']}"
    level, density = _level(network, done)
    steps = max(row["step"] for row in at_the_end(done) or done)
    name = network.key if network else slug(title)
    return Group(title, name, network, done, level, density, steps, tuple(notes))


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
