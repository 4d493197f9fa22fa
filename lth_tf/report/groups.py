"""The rows of a log by network: the paper's, or a user's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from lth_tf.analysis.criteria import extreme_level
from lth_tf.analysis.estimate import percent
from lth_tf.analysis.points import once, split, value, where
from lth_tf.analysis.selections import at_the_end
from lth_tf.analysis.variants import Variant, densities_as_levels, variants
from lth_tf.figures.palette import slug
from lth_tf.figures.standard import axes_in
from lth_tf.log.schema import Row
from lth_tf.report.paper import Paper, PaperNetwork
from lth_tf.report.settings_diff import Difference, Expectations, settings_diff

_SAME_DENSITY = 0.05  # relative: 3.52% is the paper's 3.5%, 1.44% its 1.5%


@dataclass(frozen=True)
class Group:
    """The rows of one network, which may be put side by side.

    Attributes:
      title: the paper's name of the network, with 'altered' where its settings are not the
        paper's; else model and dataset, with the settings that tell it from others.
      name: the same in file names.
      network: of the paper, None where it is none of them.
      rows: done, each measurement once.
      level: the level that figures of one level show; None where nothing was pruned.
      density: of that level.
      steps: T, the last step.
      diverged: how many measurements diverged.
      differences: settings that are not those of the paper's gin file, the same for all rows.
      every: those rows, those that diverged, and those on the paper's axes.
    """

    title: str
    name: str
    network: PaperNetwork | None
    rows: list[Row] = field(repr=False)
    level: int | None
    density: float | None
    steps: int
    diverged: int = 0
    differences: tuple[Difference, ...] = ()
    every: list[Row] = field(default_factory=list, repr=False)

    def is_of(self, title: str) -> bool:
        """Returns whether a title is this group's, or its network's without the settings."""
        return f"{self.title}, ".startswith(f"{title}, ")

    @property
    def subject(self) -> str:
        """Model, dataset and steps, as figures say it."""
        row = (self.rows or self.every)[0]
        named = f"{row['model']} on {row['dataset']}"
        known = self.network.title if self.network else named
        return f"{named}, {self.steps:,} steps{self.title.removeprefix(known)}"

    def unlike_paper(self) -> list[Difference]:
        """Returns in what the rows are not as the paper has them; none of networks of one's own."""
        network, found = self.network, list(self.differences)
        if network is None:
            return []
        if self.steps != network.steps:
            found.append(Difference("", f"{self.steps:,} steps, the paper {network.steps:,}"))
        if self.density and abs(self.density / network.density - 1) > _SAME_DENSITY:
            shown = percent(network.density)
            text = f"{percent(self.density)} of weights left, the paper {shown}"
            found.append(Difference("", text))
        return found


class _Kind(NamedTuple):
    """The description of a group of rows, sorted in the order of the paper."""

    place: int
    title: str
    differences: tuple[Difference, ...]
    variant: str


def groups(
    rows: Iterable[Row], paper: Paper | None = None, expected: Expectations | None = None
) -> list[Group]:
    """Returns the networks of a log: the paper's in its order, then others.

    Rows that differ in a setting are groups of their own, those after that with the paper's.
    Without a paper those along an axis with numbers are one, as figures show it.

    Args:
      expected: what the paper's files have.
    """
    found: list[tuple[_Kind, PaperNetwork | None, list[Row]]] = []
    rows = once(rows)
    apart = [row for row in rows if paper and {*paper.axes} & {*row["axes"]}]
    plain = [row for row in rows if not (paper and {*paper.axes} & {*row["axes"]})]
    for (model, dataset), members in split(plain, "model", "dataset").items():
        for variant in variants(members, *([] if paper else axes_in(members))):
            network = _network_of(paper, model, dataset, variant)
            if network and paper and expected:
                differences = settings_diff(variant.rows, expected(network))
                place = list(paper.networks).index(network.key)
                kind = _Kind(place, network.title, differences, variant.title)
            else:
                named = ", ".join(filter(None, (f"{model} on {dataset}", variant.title)))
                kind = _Kind(len(paper.networks) if paper else 0, named, (), "")
            found.append((kind, network, densities_as_levels(variant.rows)))
    found.sort(key=lambda each: (*each[0][:2], len(each[0].differences), each[0][2:]))
    made = (_group(kind, network, rows, [k for k, *_ in found]) for kind, network, rows in found)
    # What diverged altogether has nothing to show.
    return _with_studies([group for group in made if group], paper, apart)


def _with_studies(found: list[Group], paper: Paper | None, apart: list[Row]) -> list[Group]:
    """Returns groups with the rows that lie on the paper's axes; those without others come last."""
    if paper is None or not paper.axes:
        return found
    found = list(found)
    for network in paper.networks.values():
        settings: Row = {"axes": {}, "settings": network.settings}
        named = {"model": network.model, "dataset": network.dataset}
        own = where(apart, **named, setting=value(settings, "setting"))
        first = next((i for i, group in enumerate(found) if group.network == network), None)
        if first is not None:
            group = found[first]
            found[first] = replace(group, every=group.every + own)
        elif own:
            name, steps = slug(network.key), network.steps
            found.append(Group(network.title, name, network, [], None, None, steps, every=own))
    shown = {(network.model, network.dataset) for network in paper.networks.values()}
    for place, members in split(apart, "model", "dataset").items():
        if place not in shown:
            _add_studies(found, "{} on {}".format(*place), members)
    return found


def _add_studies(found: list[Group], title: str, rows: list[Row]) -> None:
    """Adds rows on a paper's axes, of none of its networks, to the group of their setting.

    Where no group has it, they go to the first of their network.
    """
    alike = [place for place, group in enumerate(found)
             if group.network is None and group.is_of(title)]  # fmt: skip
    if not alike:
        steps = max(row["step"] for row in rows)
        found.append(Group(title, slug(title), None, [], None, None, steps, every=rows))
        return
    for (setting,), members in split(rows, "setting").items():
        own = [place for place in alike if value(found[place].every[0], "setting") == setting]
        place = (own or alike)[0]
        found[place] = replace(found[place], every=found[place].every + members)


def _network_of(
    paper: Paper | None, model: str, dataset: str, variant: Variant
) -> PaperNetwork | None:
    """Returns the network of the paper that rows are of, by their model, dataset and settings."""
    settings: dict[str, Any] = {}
    for row in variant.rows:
        settings = {**row["settings"], **settings} if row["settings"] else settings
    for network in paper.networks.values() if paper else ():
        same = (network.model, network.dataset) == (model, dataset)
        if same and _has(settings, network.settings):
            return network
    return None


def _has(settings: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(settings.get(name) == value for name, value in wanted.items())


def _suffix(kind: _Kind, kinds: list[_Kind]) -> str:
    """Returns the end of a group's title that tells it from groups of the same network."""
    alike = [each for each in kinds if each.place == kind.place and each.differences]
    same = [each for each in kinds if each[:3] == kind[:3]]
    named = f", {kind.variant}" if len(same) > 1 and kind.variant else ""
    if not kind.differences:
        return named
    return ", altered" + (f" {alike.index(kind) + 1}" if len(alike) > 1 else named)


def _group(
    kind: _Kind, network: PaperNetwork | None, rows: list[Row], kinds: list[_Kind]
) -> Group | None:
    done = [row for row in rows if row["status"] == "done"]
    if not done:
        return None
    suffix = _suffix(kind, kinds) if network else ""
    level, density = _level(network, done)
    steps = max(row["step"] for row in at_the_end(done) or done)
    name = slug(network.key + suffix if network else kind.title)
    title, diverged = kind.title + suffix, len(rows) - len(done)
    own = (done, level, density, steps, diverged, kind.differences)
    return Group(title, name, network, *own, every=rows)


def _level(network: PaperNetwork | None, rows: list[Row]) -> tuple[int | None, float | None]:
    """Returns the level that figures of one level show, and its density.

    Of those whose instability was measured; where none was, of all.
    """
    ends = at_the_end(rows)
    lines = [row for row in ends if row["kind"] == "instability"]
    found = _densities(lines) or _densities(ends) or _densities(rows)
    if not found:
        return None, None
    for level, density in found.items() if network else ():
        if network and abs(density / network.density - 1) <= _SAME_DENSITY:
            return level, density
    extreme = extreme_level(rows)
    level = extreme[0] if extreme and extreme[0] in found else max(found)
    return level, found[level]


def _densities(rows: Iterable[Row]) -> dict[int, float]:
    pruned = [row for row in rows if row["level"] > 0 and row["density"]]
    return {row["level"]: row["density"] for row in pruned}
