"""A report: a log held against a paper, as data. page.py and the command line put it into words.

Without a paper it is the networks of the log, with the standard figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lth_tf.analysis.points import once, unique
from lth_tf.analysis.selections import of_level
from lth_tf.figures import standard
from lth_tf.figures.chart import NamedChart
from lth_tf.figures.figure import Figure, Form
from lth_tf.figures.palette import slug
from lth_tf.log.schema import Row
from lth_tf.report import completeness
from lth_tf.report.comparison import Comparison, columns, compare
from lth_tf.report.completeness import Shortfall
from lth_tf.report.groups import Group, groups
from lth_tf.report.paper import Paper, PaperNetwork, Table, Text
from lth_tf.report.settings_diff import Difference, Expectations


@dataclass(frozen=True)
class Part:
    """The content of a figure or table for one network of the log.

    A figure has rows and pictures; a table the number of samples that its numbers are over.
    """

    group: Group
    rows: list[Row] = field(repr=False)
    pictures: list[NamedChart] = field(default_factory=list)
    samples: int = 0
    missing: list[Shortfall] = field(default_factory=list)

    @property
    def unlike(self) -> list[Difference]:
        """The ways in which it is not as in the paper."""
        return self.group.unlike_paper()

    @property
    def whole(self) -> bool:
        """Whether it is all as in the paper."""
        return not self.unlike and not self.missing


@dataclass(frozen=True)
class Section:
    """A figure or table, with what there is of it, and the paper's networks that are not whole."""

    item: Figure | Table
    parts: list[Part]
    missing: list[PaperNetwork]

    def mark(self, network: PaperNetwork) -> str:
        """Returns 'whole', 'part' or 'none'; '' where neither paper nor log shows the network."""
        for part in self.parts:
            if part.group.network == network:
                return "whole" if part.whole else "part"
        return "none" if network in self.missing else ""


@dataclass(frozen=True)
class Report:
    """A log, held beside a paper if there is one: its networks, and figures and tables by name."""

    paper: Paper | None
    groups: list[Group]
    sections: dict[str, Section]
    comparisons: list[Comparison]

    @property
    def others(self) -> list[Group]:
        """The groups without numbers of the paper: other networks, and altered settings."""
        compared = {id(comparison.group) for comparison in self.comparisons}
        return [group for group in self.groups if id(group) not in compared]

    @property
    def pictures(self) -> list[NamedChart]:
        """All pictures."""
        parts = (part for section in self.sections.values() for part in section.parts)
        return [picture for part in parts for picture in part.pictures]

    def beyond(self, section: Section) -> list[PaperNetwork]:
        """Returns networks that a figure could show, and neither it nor the paper does."""
        if not isinstance(section.item, Figure) or self.paper is None:
            return []
        drawn = {part.group.network for part in section.parts}
        networks = [
            group.network
            for group in self.groups
            if group.network
            and group.network not in drawn
            and group.network.key not in section.item.networks
            and _belongs(self.paper, section.item, group)
        ]
        return list(dict.fromkeys(networks))


def make(rows: list[Row], paper: Paper, expected: Expectations | None) -> Report:
    """Returns a log held beside a paper.

    Args:
      expected: what the paper's gin files have, from which settings may differ.
    """
    of_log = groups(rows, paper, expected)
    comparisons = [compare(each, of_log) for printed in paper.printed for each in printed.numbers()]
    sections = {}
    for item in paper.items:
        if isinstance(item, Text):
            continue
        if isinstance(item, Table):
            parts = list(_table_parts(paper, item, of_log, comparisons))
        else:
            parts = list((_joint_parts if item.together else _separate_parts)(paper, item, of_log))
        whole = {part.group.network.key for part in parts if part.group.network and part.whole}
        missing = [paper.networks[key] for key in item.networks if key not in whole]
        sections[item.name] = Section(item, parts, missing)
    return Report(paper, of_log, sections, comparisons)


def make_own(rows: list[Row]) -> Report:
    """Returns a report of the networks of a log, of no paper."""
    of_log, sections = groups(rows), {}
    done = [row for row in once(rows) if row["status"] == "done"]
    for figure in standard.figures_of(done):
        parts = []
        for group in of_log:
            pictures = [
                NamedChart(f"{figure.number}-{group.name}{ending}", chart)
                for ending, chart in standard.charts(figure.form, group.rows, group.subject)
            ]
            if pictures:
                drawn = unique(row for picture in pictures for row in picture.chart.rows)
                parts.append(Part(group, drawn, pictures))
        if parts:
            sections[figure.number] = Section(figure, parts, [])
    return Report(None, of_log, sections, [])


def _pictures(form: Form, rows: list[Row], subject: str, name: str) -> list[NamedChart]:
    return [NamedChart(f"{name}{chart.ending}", chart) for chart in form.charts(rows, subject)]


def _separate_parts(paper: Paper, figure: Figure, of_log: list[Group]) -> Iterator[Part]:
    """Yields the parts of a figure that shows each network in pictures of its own."""
    for group in of_log:
        if not _belongs(paper, figure, group):
            continue
        pictures, rows, own = list[NamedChart](), list[Row](), list[Row]()
        for number, form in enumerate((figure.form, *figure.also)):
            name = f"{figure.file}-{group.name}" + (f"-also_{number}" if number else "")
            members = group.rows
            if not form.every_level:
                members = of_level(form.select(members), group.level)
            drawn = _pictures(form, members, group.subject, name)
            rows += drawn[0].chart.rows if drawn else ()
            own = own if number else list(rows)  # of the figure itself
            pictures += drawn
        if pictures:
            yield Part(group, rows, pictures, 0, completeness.of_figure(paper, figure, group, own))


def _joint_parts(paper: Paper, figure: Figure, of_log: list[Group]) -> Iterator[Part]:
    """Yields the parts of a figure that shows all networks of a model and dataset at once."""
    own = {group.network.key: group for group in reversed(of_log) if group.network}
    for key in figure.networks:
        network = paper.networks[key]
        title = f"{network.model} on {network.dataset}"
        members = [
            group
            for group in own.values()
            if group.network and f"{group.network.model} on {group.network.dataset}" == title
        ]
        rows = [row for group in members for row in group.all_rows]
        pictures = _pictures(figure.form, rows, title, f"{figure.file}-{network.file}")
        if pictures:
            first, drawn = own.get(key, members[-1]), figure.form.select(rows)
            missing = completeness.of_figure(paper, figure, first, drawn)
            yield Part(first, drawn, pictures, 0, missing)
    if not figure.these_alone and figure is _variants(paper, figure)[0]:
        yield from _joint_parts_of_others(figure, of_log)


def _joint_parts_of_others(figure: Figure, of_log: list[Group]) -> Iterator[Part]:
    """Yields the parts of such a figure that show networks which the paper does not have."""
    by_title: dict[str, list[Group]] = {}
    for group in of_log:
        if group.network is None:
            row = group.all_rows[0]
            by_title.setdefault(f"{row['model']} on {row['dataset']}", []).append(group)
    for title, members in by_title.items():
        rows = [row for group in members for row in group.all_rows]
        pictures = _pictures(figure.form, rows, title, f"{figure.file}-{slug(title)}")
        if pictures:
            group = replace(members[0], title=title, name=slug(title))
            yield Part(group, figure.form.select(rows), pictures)


def _variants(paper: Paper, figure: Figure) -> list[Figure]:
    """Returns the figures that differ in nothing but their networks."""
    return [other for other in paper.figures if other.form == figure.form]


def _belongs(paper: Paper, figure: Figure, group: Group) -> bool:
    """Returns whether a figure is the one to show a network in.

    Of figures that differ in nothing but their networks, the first shows those that the paper has
    in none of them; unless a figure is of its own networks alone.
    """
    key = group.network.key if group.network else None
    figures = _variants(paper, figure)
    if figure.these_alone or any(key in other.networks for other in figures):
        return key in figure.networks
    return figure is figures[0]


def _table_parts(
    paper: Paper, table: Table, of_log: list[Group], comparisons: list[Comparison]
) -> Iterator[Part]:
    """Yields a part for each network of the log that has some number of a table."""
    for group in of_log:
        numbers = columns(table, group, comparisons).values()
        known = [number.ours for number in numbers if number.ours]
        if known:
            samples = min(ours.n for ours in known)
            missing = completeness.of_table(paper, group, samples, len(known), len(numbers))
            yield Part(group, [], [], samples, missing)
