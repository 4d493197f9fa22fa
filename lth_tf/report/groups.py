"""The rows of a log by network: the paper's, or a user's own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lth_tf.analysis.criteria import extreme_level
from lth_tf.analysis.densities import FRACTION, by_search, densities_as_levels
from lth_tf.analysis.estimate import percent
from lth_tf.analysis.points import once, split, value, where
from lth_tf.analysis.selections import at_the_end
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures.palette import distinct, slug
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
      all_rows: those rows, those that diverged, and those on the paper's axes.
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
    all_rows: list[Row] = field(default_factory=list, repr=False)

    def is_of(self, title: str) -> bool:
        """Returns whether a title is this group's, or its network's without the settings."""
        return f"{self.title}, ".startswith(f"{title}, ")

    @property
    def subject(self) -> str:
        """Model, dataset and steps, as figures say it."""
        row = (self.rows or self.all_rows)[0]
        name = f"{row['model']} on {row['dataset']}"
        known = self.network.title if self.network else name
        return f"{name}, {self.steps:,} steps{self.title.removeprefix(known)}"

    def unlike_paper(self) -> list[Difference]:
        """Returns in what the rows are not as the paper has them; none of networks of one's own."""
        network, differences = self.network, list(self.differences)
        if network is None:
            return []
        if self.steps != network.steps:
            differences.append(Difference("", f"{self.steps:,} steps, the paper {network.steps:,}"))
        if self.density and not _is_shown(self.density, network):
            left = f"{percent(self.density)} of weights left, the paper {percent(network.density)}"
            differences.append(Difference("", left))
        return differences


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
    axes = {*paper.axes} if paper else set()
    plain, on_axes = list[Row](), list[Row]()
    for row in once(rows):
        (on_axes if axes & {*row["axes"]} else plain).append(row)
    kinds: list[tuple[_Kind, PaperNetwork | None, list[Row]]] = []
    for (model, dataset), members in split(plain, "model", "dataset").items():
        for name, variant in _variants(members, [] if paper else axes_in(members)):
            network = _network_of(paper, model, dataset, variant)
            if network and paper and expected:
                differences = settings_diff(variant.rows, expected(network), network.density)
                place = list(paper.networks).index(network.key)
                kind = _Kind(place, network.title, differences, name)
            else:
                title = ", ".join(filter(None, (f"{model} on {dataset}", name)))
                kind = _Kind(len(paper.networks) if paper else 0, title, (), "")
            kinds.append((kind, network, densities_as_levels(variant.rows)))
    kinds.sort(key=lambda each: (*each[0][:2], len(each[0].differences), each[0][2:]))
    made = (_group(kind, network, rows, [k for k, *_ in kinds]) for kind, network, rows in kinds)
    of_log = [group for group in made if group]  # What diverged altogether has nothing to show.
    if paper and axes:
        _add_studies(of_log, paper, on_axes)
    taken = set[str]()
    return [replace(each, name=distinct(each.name, each.title, taken)) for each in of_log]


def _variants(rows: list[Row], shown: Iterable[str]) -> Iterator[tuple[str, Variant]]:
    """Yields variants with what tells them from others in words."""
    for search, members in by_search(rows).items():
        for variant in variants(members, *shown):
            yield ", ".join(filter(None, (search, variant.title))), variant


def _add_studies(of_log: list[Group], paper: Paper, on_axes: list[Row]) -> None:
    """Adds rows that lie on the paper's axes to their groups; those without others come last."""
    for network in paper.networks.values():
        setting = value({"axes": {}, "settings": network.settings}, "setting")
        own = where(on_axes, model=network.model, dataset=network.dataset, setting=setting)
        place = next((i for i, group in enumerate(of_log) if group.network == network), None)
        if place is not None:
            of_log[place] = replace(of_log[place], all_rows=of_log[place].all_rows + own)
        elif own:
            of_log.append(_group_of_studies(network.title, slug(network.key), network, own))
    known = {(network.model, network.dataset) for network in paper.networks.values()}
    for (model, dataset), rows in split(on_axes, "model", "dataset").items():
        if (model, dataset) not in known:
            _add_own_studies(of_log, f"{model} on {dataset}", rows)


def _add_own_studies(of_log: list[Group], title: str, rows: list[Row]) -> None:
    """Adds rows on a paper's axes, of none of its networks, to the group of their setting.

    Where no group has it, they go to the first of their network.
    """
    places = [place for place, group in enumerate(of_log)
              if group.network is None and group.is_of(title)]  # fmt: skip
    if not places:
        of_log.append(_group_of_studies(title, slug(title), None, rows))
        return
    for (setting,), members in split(rows, "setting").items():
        own = [place for place in places if value(of_log[place].all_rows[0], "setting") == setting]
        place = (own or places)[0]
        of_log[place] = replace(of_log[place], all_rows=of_log[place].all_rows + members)


def _group_of_studies(
    title: str, name: str, network: PaperNetwork | None, rows: list[Row]
) -> Group:
    steps = network.steps if network else max(row["step"] for row in rows)
    return Group(title, name, network, [], None, None, steps, all_rows=rows)


def _network_of(
    paper: Paper | None, model: str, dataset: str, variant: Variant
) -> PaperNetwork | None:
    """Returns the network of the paper that rows are of, by their model, dataset and settings."""
    settings = {name: setting for row in reversed(variant.rows)
                for name, setting in row["settings"].items()}  # fmt: skip
    if len({row["settings"].get(FRACTION) for row in variant.rows} - {None}) > 1:
        # Each of the densities that networks were pruned to at once has its own.
        del settings[FRACTION]
    for network in paper.networks.values() if paper else ():
        same = (network.model, network.dataset) == (model, dataset)
        if same and network.settings.items() <= settings.items():
            return network
    return None


def _suffix(kind: _Kind, kinds: list[_Kind]) -> str:
    """Returns the end of a group's title that tells it from groups of the same network."""
    altered = [each for each in kinds if each.place == kind.place and each.differences]
    same = [each for each in kinds if each[:3] == kind[:3]]
    variant = f", {kind.variant}" if len(same) > 1 and kind.variant else ""
    if not kind.differences:
        return variant
    return ", altered" + (f" {altered.index(kind) + 1}" if len(altered) > 1 else variant)


def _group(
    kind: _Kind, network: PaperNetwork | None, rows: list[Row], kinds: list[_Kind]
) -> Group | None:
    done = [row for row in rows if row["status"] == "done"]
    if not done:
        return None
    suffix = _suffix(kind, kinds) if network else ""
    level, density = _level(network, done)
    steps = max(row["step"] for row in at_the_end(done) or done)
    title, name = kind.title + suffix, slug(network.key + suffix if network else kind.title)
    diverged = len(rows) - len(done)
    return Group(
        title, name, network, done, level, density, steps, diverged, kind.differences, rows
    )


def _level(network: PaperNetwork | None, rows: list[Row]) -> tuple[int | None, float | None]:
    """Returns the level that figures of one level show, and its density.

    Of those whose instability was measured; where none was, of all.
    """
    ends = at_the_end(rows)
    lines = [row for row in ends if row["kind"] == "instability"]
    densities = _densities(lines) or _densities(ends) or _densities(rows)
    if not densities:
        return None, None
    for level, density in densities.items():
        if network and _is_shown(density, network):
            return level, density
    extreme = extreme_level(rows)
    level = extreme[0] if extreme and extreme[0] in densities else max(densities)
    return level, densities[level]


def _densities(rows: Iterable[Row]) -> dict[int, float]:
    pruned = [row for row in rows if row["level"] > 0 and row["density"]]
    return {row["level"]: row["density"] for row in pruned}


def _is_shown(density: float, network: PaperNetwork) -> bool:
    """Returns whether a density is the one at which the paper shows a network."""
    return abs(density / network.density - 1) <= _SAME_DENSITY
