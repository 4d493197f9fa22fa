"""A report: a log held against a paper, as data. page.py and the command line put it into words.

Without a paper it is the networks of the log, with the standard figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lth_tf.analysis.points import once, unique
from lth_tf.analysis.selections import of_level
from lth_tf.figures import standard
from lth_tf.figures.chart import NamedChart
from lth_tf.figures.figure import Figure, Form
from lth_tf.figures.palette import slug
from lth_tf.log.schema import Row
from lth_tf.report import completeness
from lth_tf.report.comparison import Comparison, columns, compare
from lth_tf.report.groups import Group, groups
from lth_tf.report.paper import Paper, PaperNetwork, Table
from lth_tf.report.part import Part
from lth_tf.report.settings_diff import Expectations


@dataclass(frozen=True)
class Section:
    """A figure or table.

    Attributes:
      item: what the paper has.
      parts: what there is of it.
      missing: the paper's networks of which nothing, or not all, is there.
    """

    item: Figure | Table
    parts: list[Part]
    missing: list[PaperNetwork]

    def mark(self, network: PaperNetwork) -> str:
        """Returns 'whole', 'part' or 'none'; '' where the paper does not show the network."""
        for part in self.parts:
            if part.group.network == network:
                return "whole" if part.whole else "part"
        return "none" if network in self.missing else ""


@dataclass(frozen=True)
class Report:
    """A log, held beside a paper.

    Attributes:
      paper: the paper; None if there is none.
      groups: the networks of the log.
      sections: figures and tables by name.
      comparisons: the paper's numbers.
    """

    paper: Paper | None
    groups: list[Group]
    sections: dict[str, Section]
    comparisons: list[Comparison]

    @property
    def others(self) -> list[Group]:
        """The groups without numbers of the paper: other networks, and altered settings."""
        first = {id(each.group) for each in self.comparisons}
        return [group for group in self.groups if id(group) not in first]

    @property
    def pictures(self) -> list[NamedChart]:
        """All pictures."""
        parts = (part for section in self.sections.values() for part in section.parts)
        return [picture for part in parts for picture in part.pictures]

    def beyond(self, section: Section) -> list[PaperNetwork]:
        """Returns networks that a figure could show, and neither it nor the paper does."""
        if not isinstance(section.item, Figure) or self.paper is None:
            return []
        shown = {part.group.network for part in section.parts}
        found = [
            group.network
            for group in self.groups
            if group.network
            and group.network not in shown
            and group.network.key not in section.item.networks
            and _belongs(self.paper, section.item, group)
        ]
        return list(dict.fromkeys(found))


def make(rows: list[Row], paper: Paper, expected: Expectations | None) -> Report:
    """Returns a log held beside a paper.

    Args:
      expected: what the paper's gin files have, from which settings may differ.
    """
    found = groups(rows, paper, expected)
    comparisons = [compare(each, found) for printed in paper.printed for each in printed.numbers()]
    sections = {}
    for item in paper.items:
        if isinstance(item, Figure):
            sections[item.name] = _section(paper, item, list(_parts(paper, item, found)))
        if isinstance(item, Table):
            parts = list(_table_parts(paper, item, found, comparisons))
            sections[item.name] = _section(paper, item, parts)
    return Report(paper, found, sections, comparisons)


def make_own(rows: list[Row]) -> Report:
    """Returns a report of the networks of a log, of no paper."""
    found, sections = groups(rows), {}
    done = [row for row in once(rows) if row["status"] == "done"]
    for figure in standard.figures_of(done):
        parts = []
        for group in found:
            drawn = [
                NamedChart(f"{figure.number}-{group.name}{ending}", chart)
                for ending, chart in standard.charts(figure.form, group.rows, group.subject)
            ]
            if drawn:
                shown = unique(row for picture in drawn for row in picture.chart.rows)
                parts.append(Part(group, shown, drawn))
        if parts:
            sections[figure.number] = Section(figure, parts, [])
    return Report(None, found, sections, [])


def _section(paper: Paper, item: Figure | Table, parts: list[Part]) -> Section:
    whole = {p.group.network.key for p in parts if p.group.network and p.whole}
    return Section(item, parts, [paper.networks[key] for key in item.networks if key not in whole])


def _parts(paper: Paper, figure: Figure, found: list[Group]) -> Iterator[Part]:
    if figure.together:
        yield from _parts_together(paper, figure, found)
        return
    for group in found:
        if not _belongs(paper, figure, group):
            continue
        pictures, rows, own = list[NamedChart](), list[Row](), list[Row]()
        for number, form in enumerate((figure.form, *figure.also)):
            drawn = list(form.charts(_shown(form, group), group.subject))
            members = list(drawn[0].rows) if drawn else []
            rows += members
            own = own if number else members  # of the figure itself
            suffix = f"-also_{number}" if number else ""
            name = f"{figure.file}-{group.name}{suffix}"
            pictures += [NamedChart(f"{name}{chart.ending}", chart) for chart in drawn]
        if pictures:
            few = completeness.of_figure(paper, figure, group, own)
            yield Part(group, rows, pictures, 0, group.unlike_paper(), few)


def _parts_together(paper: Paper, figure: Figure, found: list[Group]) -> Iterator[Part]:
    """Yields the parts of a figure that shows all networks of a model and dataset at once."""
    own = {group.network.key: group for group in reversed(found) if group.network}
    for key in figure.networks:
        network = paper.networks[key]
        alike = [
            group
            for group in own.values()
            if group.network
            and (group.network.model, group.network.dataset) == (network.model, network.dataset)
        ]
        rows = [row for group in alike for row in group.every]
        drawn = figure.form.charts(rows, f"{network.model} on {network.dataset}")
        name = f"{figure.file}-{network.file}"
        pictures = [NamedChart(f"{name}{chart.ending}", chart) for chart in drawn]
        if pictures:
            first, shown = own.get(key, alike[-1]), figure.form.select(rows)
            few = completeness.of_figure(paper, figure, first, shown)
            yield Part(first, shown, pictures, 0, first.unlike_paper(), few)
    if not figure.these_alone and figure is _alike(paper, figure)[0]:
        yield from _others_together(figure, found)


def _others_together(figure: Figure, found: list[Group]) -> Iterator[Part]:
    """Yields the parts of such a figure that show networks which the paper does not have."""
    named: dict[tuple[str, str], list[Group]] = {}
    for group in found:
        if group.network is None:
            named.setdefault((group.every[0]["model"], group.every[0]["dataset"]), []).append(group)
    for (model, dataset), alike in named.items():
        rows = [row for group in alike for row in group.every]
        title = f"{model} on {dataset}"
        drawn = figure.form.charts(rows, title)
        pictures = [NamedChart(f"{figure.file}-{slug(title)}{c.ending}", c) for c in drawn]
        if pictures:
            whole = replace(alike[0], title=title, name=slug(title))
            yield Part(whole, figure.form.select(rows), pictures)


def _alike(paper: Paper, figure: Figure) -> list[Figure]:
    """Returns the figures that differ in nothing but their networks."""
    return [other for other in paper.figures if other.form == figure.form]


def _shown(form: Form, group: Group) -> list[Row]:
    """Returns the rows of a group that a form may show."""
    return group.rows if form.every_level else of_level(form.select(group.rows), group.level)


def _belongs(paper: Paper, figure: Figure, group: Group) -> bool:
    """Returns whether a figure is the one to show a network in.

    Of figures that differ in nothing but their networks, the first shows those that the paper has
    in none of them; unless a figure is of its own networks alone.
    """
    if figure.these_alone:
        return group.network is not None and group.network.key in figure.networks
    alike = _alike(paper, figure)
    if group.network and any(group.network.key in other.networks for other in alike):
        return group.network.key in figure.networks
    return figure is alike[0]


def _table_parts(
    paper: Paper, table: Table, found: list[Group], comparisons: list[Comparison]
) -> Iterator[Part]:
    """Yields a part for each network of the log that has some number of a table."""
    for group in found:
        numbers = columns(table, group, comparisons).values()
        known = [number.ours for number in numbers if number.ours]
        if known:
            samples = min(ours.n for ours in known)
            few = completeness.of_table(paper, group, samples, len(known), len(numbers))
            yield Part(group, [], [], samples, group.unlike_paper(), few)
