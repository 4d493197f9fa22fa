"""A report as one page of HTML: pictures within it, no script, nothing from outside.

`write` leaves <folder>/<paper>.html, and in <folder>/<paper>/ a PNG of every figure of every
network, a CSV of every figure and one of all printed numbers.
"""

import html
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lth_tf.figures import style
from lth_tf.log.schema import now
from lth_tf.report import page_parts as parts
from lth_tf.report import words as wording
from lth_tf.report.comparison import Compared, columns
from lth_tf.report.groups import Group
from lth_tf.report.page_style import CSS
from lth_tf.report.paper import Figure, Paper, Table, Text
from lth_tf.report.report import Fill, Filler, Part, Report, Section, csv_name, files

_BESIDE = ("network", "paper", "ours", "deviation")
_EXTENT = ("network", "steps", "initialisations", "rows")
_MARKS = {"whole": "●", "part": "◐", "none": "○", "": ""}
_WORDS = {"whole": "in hand", "part": "in part", "none": "missing", "": "not in the paper"}


def write(report: Report, folder: Path, filler: Filler) -> list[Path]:
    """Writes pictures and tables, and last the page; what an earlier report left is removed.

    Args:
      filler: says how to fill what is missing.

    Returns:
      The page, then every picture.

    Raises:
      OSError: the folder cannot be written.
    """
    beside, content = folder / report.paper.key, files(report)
    text = page(report, filler)
    for name, data in content.items():
        style.write(beside / name, data)
    for path in beside.iterdir():
        if path.suffix in (".png", ".csv") and path.name not in content:
            path.unlink()
    html_path = style.write(folder / f"{report.paper.key}.html", text.encode())
    return [html_path, *(beside / name for name in content if name.endswith(".png"))]


def page(report: Report, filler: Filler) -> str:
    """The page."""
    filler = cache(filler)
    paper = report.paper
    body = [
        parts.element("h1", paper.title),
        parts.element("p", paper.source, "source"),
        *_overview(report),
        *(line for item in paper.items for line in _item(report, item, filler)),
        *_commands(report, filler),
        parts.element(
            "footer", f"Made from the results log at {now()[:16].replace('T', ' ')} UTC."
        ),
    ]
    title = html.escape(f"{paper.key}: {paper.title}")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _overview(report: Report) -> Iterator[str]:
    """What is in the log, and of which figures."""
    yield "<h2>In this log</h2>"
    yield parts.table(_EXTENT, (map(html.escape, _extent(group)) for group in report.groups))
    yield from map(_scale, report.groups)
    for group in report.groups:
        for note in group.notes:
            yield parts.element("p", f"{group.title}: {note}.", "note")
    paper = report.paper
    head = ["", *(f"<span>{html.escape(n.title)}</span>" for n in paper.networks.values())]
    cells = [
        [f'<a href="#{parts.anchor(name)}">{_short(name)}</a>', *_mark_cells(paper, section)]
        for name, section in report.sections.items()
    ]
    yield "<h2>Figures and tables</h2>"
    yield parts.element(
        "p",
        "● in hand as in the paper, ◐ in part or otherwise, ○ missing; empty where neither the "
        "paper nor this log has it.",
        "note",
    )
    yield parts.table(head, cells, "matrix")
    ours = sum(number.ours is not None for number in report.compared)
    yield parts.element(
        "p",
        f"Of {len(report.compared)} numbers and comparisons of the paper, {ours} stand beside ours "
        "below. Ours are mean ± sample standard deviation and (n) samples; in italics, the "
        "deviation from the paper and that in standard errors (SE) of the difference, where "
        "spreads are known. † marks numbers of runs that are not as in the paper, as said above. "
        + " ".join(paper.remarks),
    )


def _extent(group: Group) -> tuple[str, ...]:
    seeds = len({row["initialization"] for row in group.rows})
    return group.title, f"{group.steps:,}", str(seeds), f"{len(group.rows):,}"


def _scale(group: Group) -> str:
    """Every way in which the rows of a group are not as in the paper."""
    if group.network is None:
        text = "not a network of the paper; shown where the paper has others"
        return parts.element("p", f"{group.title}: {text}.", "note")
    departures = group.departures()
    text = "not as in the paper:" if departures else "with the settings of the paper's gin file."
    head = parts.element("p", f"{group.title}: {text}", "note")
    items = "".join(parts.element("li", departure) for departure in departures)
    return f'{head}\n<ul class="note">{items}</ul>' if items else head


def _short(name: str) -> str:
    return name.replace("Figure", "Fig.").replace("Table", "Tab.")


def _mark_cells(paper: Paper, section: Section) -> Iterator[str]:
    for network in paper.networks.values():
        mark = section.mark(network)
        label = f"{network.title}: {_WORDS[mark]}"
        yield f'<span class="{mark or "no"}" title="{label}">{_MARKS[mark]}</span>'


def _item(report: Report, item: Figure | Table | Text, filler: Filler) -> Iterator[str]:
    yield f'<section id="{parts.anchor(item.name)}">'
    yield parts.element("h2", item.name)
    yield parts.element("p", item.caption, "caption")
    if isinstance(item, Text):
        yield from _text(item)
    elif isinstance(item, Table):
        yield from _paper_table(report, item)
        yield from _missing(report, report.sections[item.name], filler)
    else:
        section = report.sections[item.name]
        for part in section.parts:
            yield from _part(part)
        if section.parts:
            link = f"{report.paper.key}/{csv_name(item)}"
            yield f'<p class="note">Numbers: <a href="{link}">{csv_name(item)}</a></p>'
        yield from _beside(report, item)
        yield from _missing(report, section, filler)
    yield "</section>"


def _text(item: Text) -> Iterator[str]:
    if item.svg:
        yield f"<figure>{item.svg}</figure>"
    if item.lines:
        lines = "".join(
            f"<li{' class=inner' if line[0] == ' ' else ''}>{html.escape(line.strip())}</li>"
            for line in item.lines
        )
        yield f"<ol>{lines}</ol>"
    if item.where:
        yield parts.element("p", f"Here: {item.where}.", "note")


def _part(part: Part) -> Iterator[str]:
    yield parts.element("h3", part.group.title)
    lacking = "; ".join(part.lacking)
    unlike = f" Not as in the paper: {lacking}." if lacking else ""
    yield parts.element("p", f"{part.samples}.{unlike}", "samples")
    for picture in part.pictures:
        yield from parts.picture(picture)


def _paper_table(report: Report, item: Table) -> Iterator[str]:
    """The paper's table; below each network that is in the log, ours."""
    whats = list(
        dict.fromkeys(n.printed.what for n in report.compared if n.printed.where == item.name)
    )
    lines: list[list[str]] = []
    for key in item.networks:
        network = report.paper.networks[key]
        numbers = {
            n.printed.what: n
            for n in report.compared
            if n.printed.where == item.name and n.printed.network == key
        }
        facts = [html.escape(network.facts.get(fact, "")) for fact in item.facts]
        lines.append(
            [html.escape(network.title), *(_cell(numbers.get(what)) for what in whats), *facts]
        )
    for group in report.others:
        found = columns(item, group, report.compared)
        if any(number.ours for number in found.values()):
            cells = [_ours(number) if number else "" for number in map(found.get, whats)]
            lines.append([html.escape(group.title), *cells, *("" for _ in item.facts)])
    head = ["network", *map(html.escape, whats), *item.facts]
    yield parts.table(head, lines, "paper")
    for part in report.sections[item.name].parts:
        lacking = "; ".join(["", *part.lacking])
        yield parts.element("p", f"{part.group.title}, ours: {part.samples}{lacking}.", "note")


def _cell(number: Compared | None) -> str:
    if number is None:
        return ""
    ours = f"<br>{_ours(number)}<br><i>{wording.of_deviation(number)}</i>" if number.ours else ""
    return f"{wording.of_paper(number)}{ours}"


def _ours(number: Compared) -> str:
    """Our number, marked where its runs are not as in the paper; '' where there is none."""
    if number.ours is None:
        return ""
    mark = "†" if number.group and number.group.departures() else ""
    return f"<b>{wording.of_ours(number.ours, number.printed.unit)}{mark}</b>"


def _beside(report: Report, item: Figure) -> Iterator[str]:
    """The numbers that the paper prints about a figure, and ours."""
    subjects: dict[str, list[Compared]] = {}
    for number in report.compared:
        if number.printed.where == item.name:
            subjects.setdefault(number.printed.what, []).append(number)
    of_one: list[list[str]] = []
    for what, numbers in subjects.items():
        remarks = [_remark(number) for number in numbers]
        shared = remarks[0] if len(set(remarks)) == 1 else ""
        subject = html.escape(what) + shared
        if len(numbers) == 1:
            of_one += _beside_rows(report, numbers, [subject])
            continue
        yield f'<p class="subject">{subject}</p>'
        abouts = ["" if shared else remark for remark in remarks]
        yield parts.table(_BESIDE, _beside_rows(report, numbers, abouts), "beside")
    if of_one:
        yield parts.table(_BESIDE, of_one, "beside")


def _remark(number: Compared) -> str:
    remark = html.escape(number.printed.remark)
    return f" <small>({remark})</small>" if remark else ""


def _beside_rows(report: Report, numbers: list[Compared], abouts: list[str]) -> Iterator[list[str]]:
    """Numbers of one subject, a network a row, and the same of networks that it is not printed of.

    Args:
      abouts: what stands with each network of the paper.
    """
    for number, about in zip(numbers, abouts, strict=True):
        title = html.escape(report.paper.networks[number.printed.network].title)
        span = f"<span>{about}</span>" if about else ""
        deviation = f"<i>{wording.of_deviation(number)}</i>"
        yield [title + span, wording.of_paper(number), _ours(number) or "–", deviation]
    yield from _others(report, numbers)


def _others(report: Report, numbers: list[Compared]) -> Iterator[list[str]]:
    """The same number of groups that no number of the paper is held beside."""
    printed, networks = numbers[0].printed, {number.printed.network for number in numbers}
    for group in report.others:
        ours = printed.measure(group.rows, group.level)
        if ours and (group.network is None or group.network.key in networks):
            number = _ours(Compared(printed, group, ours))
            yield [html.escape(group.title), "", number, ""]


def _missing(report: Report, section: Section, filler: Filler) -> Iterator[str]:
    """One line: of which networks something is missing, and the command of the first."""
    if not section.missing:
        return
    study = report.paper.studies[section.item.study]
    fills = [(network, filler(network, study)) for network in section.missing]
    known = [(network, fill) for network, fill in fills if fill.command]
    yield f'<p class="missing">{html.escape(_names(section))} '
    if known:
        network, fill = known[0]
        cost = f" ({fill.left or fill.cost})" if fill.cost else ""
        more = ' <a href="#commands">All commands</a>' if len(known) > 1 else ""
        command = parts.code(fill.command)
        yield f"For {html.escape(network.title)}{cost}: {command}{more}</p>"
    else:
        yield "No gin file is shipped for these yet.</p>"


def _names(section: Section) -> str:
    """Which networks are missing, and which are there in part."""
    part = [n.title for n in section.missing if section.mark(n) == "part"]
    none = [n.title for n in section.missing if section.mark(n) == "none"]
    missing = ", ".join(none)
    if len(none) > 1 and len(none) + len(part) == len(section.item.networks):
        missing = f"{'the other' if part else 'all'} {len(none)} networks"
        missing = missing.replace("all 2 ", "both ")
    lines = (f"Missing: {missing}." * bool(none), f"In part: {', '.join(part)}." * bool(part))
    return " ".join(filter(None, lines))


def _commands(report: Report, filler: Filler) -> Iterator[str]:
    """Every command that fills something, once, with its cost."""
    wanted: dict[str, dict[Fill, list[str]]] = {key: {} for key in report.paper.networks}
    for name, section in report.sections.items():
        study = report.paper.studies[section.item.study]
        for network in section.missing:
            wanted[network.key].setdefault(filler(network, study), []).append(_short(name))
        for network in report.beyond(section):
            text = f"{_short(name)} (beyond the paper)"
            wanted[network.key].setdefault(filler(network, study), []).append(text)
    yield '<section id="commands"><h2>Commands</h2>'
    yield parts.element(
        "p",
        "What fills what is missing. Costs are of each command alone; commands share what they "
        "have in common, and what is in this workdir's store is not trained again.",
        "note",
    )
    rows = []
    for network in report.paper.networks.values():
        for fill, names in wanted[network.key].items():
            if fill.command:
                cost = "<br>".join(map(html.escape, filter(None, (fill.cost, fill.left))))
                rows.append(
                    [html.escape(network.title), ", ".join(names), cost, parts.code(fill.command)]
                )
    yield parts.table(("network", "fills", "cost", "command"), rows, "commands")
    yield "</section>"
