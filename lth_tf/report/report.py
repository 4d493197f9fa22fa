"""A report on a paper: what of it a log holds, as one page with the pictures and tables behind it.

`make` draws it, `files` are the pictures and tables behind it, lth_tf/report/page.py is the page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lth_tf.figures import chart as points
from lth_tf.figures import style
from lth_tf.figures.chart import Point
from lth_tf.log.schema import Row
from lth_tf.report import completeness as lacking
from lth_tf.report import groups as holdings
from lth_tf.report.comparison import Compared, as_csv, columns, compare
from lth_tf.report.groups import Group
from lth_tf.report.paper import Figure, Network, Paper, Study, Table
from lth_tf.report.settings_diff import Expectations, Settings


class Fill(NamedTuple):
    """How to fill what is missing of one network.

    Attributes:
      command: for a shell; '' where no gin file is shipped for it.
      cost: in words, '' where it is not known.
      left: in words, what of that is still to be trained.
    """

    command: str
    cost: str = ""
    left: str = ""


Filler = Callable[[Network, Study], Fill]


@dataclass(frozen=True)
class Picture:
    """A figure of one network.

    Attributes:
      name: of its file.
      png: its bytes.
      points: what it shows.
      alt: the same in words.
    """

    name: str
    png: bytes = field(repr=False)
    points: list[Point]
    alt: str


@dataclass(frozen=True)
class Part:
    """What is in hand of a figure or table for one network.

    Attributes:
      group: whose rows.
      pictures: of a figure.
      samples: how much there is, in words.
      lacking: what is not as in the paper; none where it is whole.
    """

    group: Group
    pictures: list[Picture]
    samples: str
    lacking: list[str]


@dataclass(frozen=True)
class Section:
    """A figure or table of the paper.

    Attributes:
      item: what the paper has.
      parts: what is in hand.
      missing: the paper's networks of which nothing, or not all, is in hand.
    """

    item: Figure | Table
    parts: list[Part]
    missing: list[Network]

    def mark(self, network: Network) -> str:
        """'whole', 'part', 'none' or, where the paper does not have it either, ''."""
        for part in self.parts:
            if part.group.network == network:
                return "part" if part.lacking else "whole"
        return "none" if network in self.missing else ""


@dataclass(frozen=True)
class Report:
    """A log, held beside a paper.

    Attributes:
      paper: the paper.
      groups: the networks of the log.
      sections: figures and tables by name.
      compared: the paper's numbers.
    """

    paper: Paper
    groups: list[Group]
    sections: dict[str, Section]
    compared: list[Compared]

    @property
    def others(self) -> list[Group]:
        """Those that no number of the paper is held beside: other networks, and further groups."""
        first = {id(number.group) for number in self.compared}
        return [group for group in self.groups if id(group) not in first]

    def beyond(self, section: Section) -> list[Network]:
        """Networks of the log that a figure could show, and neither it nor the paper does."""
        if not isinstance(section.item, Figure):
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


def make(rows: list[Row], paper: Paper, settings: Settings, expected: Expectations) -> Report:
    """Holds a log beside a paper and draws every figure that it has rows for.

    Args:
      settings: resolved configurations, by which networks of one architecture are told apart.
      expected: what the paper's gin files resolve to, from which settings may depart.
    """
    groups = holdings.groups(rows, paper, settings, expected)
    compared = [compare(number, groups) for number in paper.printed]
    sections = {}
    with style.context():
        for item in paper.items:
            if isinstance(item, Figure):
                sections[item.name] = _section(paper, item, _parts(paper, item, groups))
            if isinstance(item, Table):
                parts = _table_parts(paper, item, groups, compared)
                sections[item.name] = _section(paper, item, parts)
    return Report(paper, groups, sections, compared)


def _section(paper: Paper, item: Figure | Table, parts: list[Part]) -> Section:
    whole = {p.group.network.key for p in parts if p.group.network and not p.lacking}
    missing = [paper.networks[key] for key in item.networks if key not in whole]
    return Section(item, parts, missing)


def _parts(paper: Paper, figure: Figure, groups: list[Group]) -> list[Part]:
    found = []
    for group in groups:
        if not _belongs(paper, figure, group):
            continue
        rows = figure.select(group.rows)
        if not figure.every_level:
            rows = holdings.of_level(rows, group.level)
        pictures = list(_pictures(figure, group, rows))
        if pictures:
            few = lacking.of_figure(paper, figure, group, rows)
            unlike = group.departures_in_short() + few
            found.append(Part(group, pictures, holdings.in_hand(rows), unlike))
    return found


def _belongs(paper: Paper, figure: Figure, group: Group) -> bool:
    """Whether a figure is the one to show a network in.

    Of figures that differ in nothing but their networks, the first shows those that the paper has
    in none of them.
    """
    same = (figure.draw, figure.select)
    alike = [i for i in paper.items if isinstance(i, Figure) and (i.draw, i.select) == same]
    if group.network and any(group.network.key in other.networks for other in alike):
        return group.network.key in figure.networks
    return figure is alike[0]


def _pictures(figure: Figure, group: Group, rows: list[Row]) -> Iterator[Picture]:
    for ending, drawn in figure.draw(rows, group.about):
        shown = points.of(drawn)
        name = f"figure_{figure.number:02}-{group.name}{ending}"
        yield Picture(name, style.png(drawn), shown, _alt(figure, group, shown))


def _alt(figure: Figure, group: Group, shown: list[Point]) -> str:
    """A picture in words: its panels, and each line from its first to its last point."""
    about = [f"{figure.name}, {group.title}."]
    lines: dict[tuple[str, str], list[Point]] = {}
    for point in shown:
        lines.setdefault((point.panel, point.line), []).append(point)
    for (panel, line), members in lines.items():
        first, last = members[0], members[-1]
        where = f"{panel}, {line}" if panel else line
        if first.x is None or len(members) == 1:
            about.append(f"{where}: {first.mean:.4g}.")
        else:
            ends = f"{first.mean:.4g} at {first.x:g} to {last.mean:.4g} at {last.x:g}"
            about.append(f"{where}: {ends}.")
    return " ".join([*about, f"Vertical axis: {shown[0].y_name}." if shown else ""])


def _table_parts(
    paper: Paper, table: Table, groups: list[Group], compared: list[Compared]
) -> list[Part]:
    """The networks of which some number of a table is known, those not of the paper included."""
    found = []
    for group in groups:
        numbers = columns(table, group, compared)
        if any(number.ours for number in numbers.values()):
            samples = min(number.ours.n for number in numbers.values() if number.ours)
            few = lacking.of_initializations(paper, group, samples)
            if any(number.ours is None for number in numbers.values()):
                few.append("not every column")
            text = f"{samples} initialisation{'' if samples == 1 else 's'}"
            found.append(Part(group, [], text, group.departures_in_short() + few))
    return found


def files(report: Report) -> dict[str, bytes]:
    """The pictures and tables behind a report, by name."""
    found: dict[str, bytes] = {}
    for section in report.sections.values():
        shown: list[tuple[str, Point]] = []
        for part in section.parts:
            for picture in part.pictures:
                found[f"{picture.name}.png"] = picture.png
                shown += [(part.group.title, point) for point in picture.points]
        if shown and isinstance(section.item, Figure):
            found[csv_name(section.item)] = points.as_csv(shown).encode()
    found["printed.csv"] = as_csv(report.paper, report.compared).encode()
    return found


def csv_name(figure: Figure) -> str:
    """The file of a figure's numbers."""
    return f"figure_{figure.number:02}.csv"
