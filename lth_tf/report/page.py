"""A report as one page of HTML: pictures within it, no script, nothing from outside.

`write` leaves <folder>/<name>.html, and in <folder>/<name>/ a PNG of every figure of every
network, a CSV of every figure, one of all printed numbers, and what is missing as JSON.
"""

import html
from collections.abc import Iterator
from pathlib import Path

from lth_tf import __version__
from lth_tf.analysis import answers
from lth_tf.figures import render, style
from lth_tf.figures.figure import Figure
from lth_tf.log.schema import now
from lth_tf.report import page_parts as parts
from lth_tf.report import page_tables, words
from lth_tf.report.commands import Commands
from lth_tf.report.groups import Group
from lth_tf.report.paper import Paper, Table, Text
from lth_tf.report.report import Part, Report, Section
from lth_tf.report.tables import csv_name, tables

_EXTENT = ("network", "steps", "initializations", "rows")
_MARKS = {"whole": "●", "part": "◐", "none": "○", "": ""}
_WORDS = {"whole": "there", "part": "in part", "none": "missing", "": "not in the paper"}
_FEW = 3  # differences that are named wherever numbers stand
_LEGEND = (
    "● there as in the paper, ◐ in part or otherwise, ○ missing; empty where neither the paper nor "
    "this log has it."
)
_HOW_TO_READ = (
    "ours below. Ours are mean ± sample standard deviation and (n) samples; in italics, the "
    "deviation from the paper and that in standard errors (SE) of the difference, where spreads "
    "are known. † marks numbers of runs that are not as in the paper, as said above."
)


def write(report: Report, folder: Path, commands: Commands) -> list[Path]:
    """Writes pictures and tables, and last the page; what an earlier report left is removed.

    Args:
      commands: says how to fill what is missing.

    Returns:
      The page, then every picture.

    Raises:
      OSError: the folder cannot be written.
    """
    name = report.paper.key if report.paper else "own"
    pngs = render.pngs([picture.chart for picture in report.pictures])
    drawn = {picture.name: png for picture, png in zip(report.pictures, pngs, strict=True)}
    content = {f"{picture}.png": png for picture, png in drawn.items()}
    content |= {table: text.encode() for table, text in tables(report).items()}
    text = Page(report, commands, drawn).text()
    beside = folder / name
    beside.mkdir(parents=True, exist_ok=True)  # There may be nothing to draw.
    for file, data in content.items():
        style.write(beside / file, data)
    for path in beside.iterdir():
        if path.suffix in (".png", ".csv", ".json") and path.name not in content:
            path.unlink()
    html_path = style.write(folder / f"{name}.html", text.encode())
    return [html_path, *(beside / f"{picture}.png" for picture in drawn)]


class Page:
    """The page on a report, with its pictures by name and the commands for what is missing."""

    def __init__(self, report: Report, commands: Commands, drawn: dict[str, bytes]) -> None:
        self._report, self._drawn, self._workdir = report, drawn, commands.workdir
        self._missing = page_tables.Missing(report, commands)

    def text(self) -> str:
        """Returns the page."""
        paper = self._report.paper
        title = f"{paper.key}: {paper.title}" if paper else f"Results of {self._workdir}"
        sections = self._paper(paper) if paper else self._own()
        footer = f"Made by lth_tf {__version__} at {now()[:16].replace('T', ' ')} UTC."
        body = [*self._head(paper), *sections, parts.element("footer", footer)]
        return parts.document(title, body)

    def _head(self, paper: Paper | None) -> Iterator[str]:
        workdir = html.escape(self._workdir)
        if paper:
            yield parts.element("h1", f"Reproduction of: {paper.title}")
            yield parts.element("p", paper.source, "source")
            note = "What the paper shows, beside what was measured here, from the results log of"
        else:
            yield parts.element("h1", f"Results of {self._workdir}")
            note = "What was measured here, from the results log of"
        yield f'<p class="note">{note} <code>{workdir}</code>.</p>'
        yield "<h2>In this log</h2>"
        yield parts.table(_EXTENT, (map(html.escape, _extent(g)) for g in self._report.groups))
        for group in self._report.groups:
            yield from _unlike(group)
            if group.diverged:
                text = f"{group.diverged} measurements diverged: in no figure but of runs at chance"
                yield parts.element("p", f"{group.title}: {text}.", "note")

    def _own(self) -> Iterator[str]:
        yield "<h2>Stable and matching</h2>"
        for group in self._report.groups:
            if lines := answers.answers(group.rows):
                yield parts.element("h3", group.title)
                yield parts.listed(lines)
        for section in self._report.sections.values():
            yield f'<section id="{parts.anchor(section.item.number)}">'
            yield parts.element("h2", section.item.caption)
            yield from self._figure(section)
            yield "</section>"

    def _paper(self, paper: Paper) -> Iterator[str]:
        yield from self._overview(paper)
        for item in paper.items:
            yield f'<section id="{parts.anchor(item.name)}">'
            yield parts.element("h2", item.name)
            yield parts.element("p", item.caption, "caption")
            if isinstance(item, Text):
                yield from _text(item)
            else:
                section = self._report.sections[item.name]
                if isinstance(item, Table):
                    yield from page_tables.paper_table(self._report, paper, item)
                else:
                    yield from self._figure(section)
                    yield from page_tables.comparison_tables(self._report, paper, item)
                yield from self._missing.of_section(section)
            yield "</section>"
        yield from self._missing.all_commands()

    def _overview(self, paper: Paper) -> Iterator[str]:
        """Yields the table that says which figures there are of which networks."""
        others = [group for group in self._report.groups if group.network is None]
        titles = [*(n.title for n in paper.networks.values()), *(g.title for g in others)]
        head = ["", *(f"<span>{html.escape(title)}</span>" for title in titles)]
        cells = [
            [f'<a href="#{parts.anchor(name)}">{page_tables.short(name)}</a>',
             *_mark_cells(paper, section, others)]
            for name, section in self._report.sections.items()
        ]  # fmt: skip
        yield "<h2>Figures and tables</h2>"
        yield parts.element("p", _LEGEND, "note")
        yield parts.table(head, cells, "matrix")
        comparisons = self._report.comparisons
        ours = sum(number.ours is not None for number in comparisons)
        beside = f"Of {len(comparisons)} numbers and comparisons of the paper, {ours} stand beside"
        yield parts.element("p", " ".join((beside, _HOW_TO_READ, *paper.remarks)))

    def _figure(self, section: Section) -> Iterator[str]:
        for part in section.parts:
            yield parts.element("h3", part.group.title)
            yield parts.element("p", _samples(part), "samples")
            for picture in part.pictures:
                subject = section.item.name if self._report.paper else section.item.caption
                png = self._drawn[picture.name]
                yield from parts.picture(picture, png, f"{subject}, {part.group.title}.")
        if section.parts and isinstance(section.item, Figure):
            name = csv_name(self._report, section.item)
            folder = self._report.paper.key if self._report.paper else "own"
            yield f'<p class="note">Numbers: <a href="{folder}/{name}">{name}</a></p>'


def _extent(group: Group) -> tuple[str, ...]:
    seeds = len({row["initialization"] for row in group.rows})
    return group.title, f"{group.steps:,}", str(seeds), f"{len(group.rows):,}"


def _unlike(group: Group) -> Iterator[str]:
    """Yields every way in which the rows of a group are not as in the paper."""
    if group.network is None:
        return
    differences = group.unlike_paper()
    text = "not as in the paper:" if differences else "with the settings of the paper's gin file."
    yield parts.element("p", f"{group.title}: {text}", "note")
    if differences:
        yield parts.listed(map(str, differences), "note")


def _mark_cells(paper: Paper, section: Section, others: list[Group]) -> Iterator[str]:
    for network in paper.networks.values():
        mark = section.mark(network)
        label = f"{network.title}: {_WORDS[mark]}"
        yield f'<span class="{mark or "no"}" title="{label}">{_MARKS[mark]}</span>'
    for group in others:
        label = html.escape(f"{group.title}: a network of your own", quote=True)
        own = [part for part in section.parts if group.is_of(part.group.title)]
        mark = "whole" if all(part.whole for part in own) else "part"
        yield f'<span class="{mark}" title="{label}">{_MARKS[mark]}</span>' if own else ""


def _text(item: Text) -> Iterator[str]:
    if item.svg:
        yield f"<figure>{item.svg}</figure>"
    if item.lines:
        lines = "".join(
            f"<li{' class=inner' if line[0] == ' ' else ''}>{parts.text_of(line.strip())}</li>"
            for line in item.lines
        )
        yield f"<ol>{lines}</ol>"
    if item.where:
        yield parts.element("p", f"Here: {item.where}.", "note")


def _samples(part: Part) -> str:
    """Returns how many samples a part has, and in what it is not as in the paper."""
    unlike = [str(difference) for difference in part.unlike]
    if len(unlike) > _FEW:
        unlike = [f"{len(unlike)} differences, listed at the top"]
    text = "; ".join([*unlike, *map(str, part.missing)])
    return f"{words.of_rows(part.rows)}." + (f" Not as in the paper: {text}." if text else "")
