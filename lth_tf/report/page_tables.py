"""The tables of a page: the paper's numbers beside ours, and commands for what is missing."""

import html
import math
from collections.abc import Iterator

from lth_tf.figures.figure import Figure
from lth_tf.figures.words import plural
from lth_tf.report import page_parts as parts
from lth_tf.report import words
from lth_tf.report.commands import Command, Commands
from lth_tf.report.comparison import Comparison, beside, columns
from lth_tf.report.paper import Number, Paper, PaperNetwork, Table
from lth_tf.report.report import Report, Section

_COLUMNS = ("network", "paper", "ours", "deviation")
_COSTS = (
    "What fills what is missing. Costs are of each command alone; commands share what they have in "
    "common, and what is in this workdir's store is not trained again. Where none is said, the "
    "command says it with --dry_run."
)


def short(name: str) -> str:
    """Returns 'Fig. 3' of 'Figure 3'."""
    return name.replace("Figure", "Fig.").replace("Table", "Tab.")


def paper_table(report: Report, paper: Paper, item: Table) -> Iterator[str]:
    """Yields the paper's table; below each network that is in the log, ours."""
    own = [each for each in report.comparisons if each.number.printed.where == item.name]
    titles = list(dict.fromkeys(each.number.printed.what for each in own))
    lines: list[list[str]] = []
    for key in item.networks:
        numbers = {e.number.printed.what: e for e in own if e.number.network == key}
        network = paper.networks[key]
        facts = [html.escape(network.facts.get(fact, "")) for fact in item.facts]
        lines.append([html.escape(network.title), *(_cell(numbers.get(w)) for w in titles), *facts])
    for group in report.others:
        numbers = columns(item, group, report.comparisons)
        if any(number.ours for number in numbers.values()):
            cells = [_ours(numbers[what]) if what in numbers else "" for what in titles]
            lines.append([html.escape(group.title), *cells, *("" for _ in item.facts)])
    head = ["network", *map(html.escape, titles), *item.facts]
    yield parts.table(head, lines, "paper")
    for part in report.sections[item.name].parts:
        samples = plural(part.samples, "initialization")
        notes = "; ".join([samples, *map(str, (*part.unlike[:3], *part.missing))])
        yield parts.element("p", f"{part.group.title}, ours: {notes}.", "note")


def _cell(each: Comparison | None) -> str:
    if each is None:
        return ""
    ours = f"<br>{_ours(each)}<br><i>{words.of_deviation(each)}</i>" if each.ours else ""
    return f"{words.of_paper(each)}{_remark(each)}{ours}"


def _ours(each: Comparison) -> str:
    """Returns our number; '' where there is none.

    It is marked where its runs are not as in the paper, and where one stayed at chance.
    """
    if each.ours is None:
        return ""
    mark = "*" * each.starred + ("†" if each.group and each.group.unlike_paper() else "")
    extremes = not math.isnan(each.number.half_range)
    return f"<b>{words.of_ours(each.ours, each.number.printed.unit, extremes)}{mark}</b>"


def comparison_tables(report: Report, paper: Paper, item: Figure) -> Iterator[str]:
    """Yields the numbers that the paper prints about a figure, and ours."""
    subjects: dict[str, list[Comparison]] = {}
    for each in report.comparisons:
        if each.number.printed.where == item.name:
            subjects.setdefault(each.number.printed.what, []).append(each)
    of_one: list[list[str]] = []
    for what, numbers in subjects.items():
        remarks = [_remark(each) for each in numbers]
        shared = remarks[0] if len(set(remarks)) == 1 else ""
        subject = parts.text_of(what) + shared
        if len(numbers) == 1:
            of_one += _comparison_rows(report, paper, numbers, [subject])
            continue
        yield f'<p class="subject">{subject}</p>'
        notes = ["" if shared else remark for remark in remarks]
        yield parts.table(_COLUMNS, _comparison_rows(report, paper, numbers, notes), "beside")
    if of_one:
        yield parts.table(_COLUMNS, of_one, "beside")


def _remark(each: Comparison) -> str:
    remark = html.escape(each.number.remark)
    return f" <small>({remark})</small>" if remark else ""


def _comparison_rows(
    report: Report, paper: Paper, numbers: list[Comparison], notes: list[str]
) -> Iterator[list[str]]:
    """Yields numbers of one subject, a network a row with its note, then ours of other networks."""
    for each, note in zip(numbers, notes, strict=True):
        title = html.escape(paper.networks[each.number.network].title)
        span = f"<span>{note}</span>" if note else ""
        deviation = f"<i>{words.of_deviation(each)}</i>"
        yield [title + span, words.of_paper(each), _ours(each) or "–", deviation]
    by_network: dict[str | None, Number] = {None: numbers[0].number}
    for each in numbers:
        by_network.setdefault(each.number.network, each.number)
    for group in report.others:
        number = by_network.get(group.network.key if group.network else None)
        if number and (ours := beside(number, group)).ours:
            yield [html.escape(group.title), "", _ours(ours), ""]


class Missing:
    """The commands that fill what a report has not, with their costs.

    Costs are counted where the log has something of a network that the paper has in the figure:
    planning takes its time. Networks that differ in settings alone have their commands in common.
    """

    def __init__(self, report: Report, commands: Commands) -> None:
        self._report, self._commands = report, commands
        self._known: dict[tuple[str, str], Command] = {}
        here = {group.network.key for group in report.groups if group.network}
        self._counted = {
            (network.file, section.item.study)
            for section in report.sections.values()
            for network in section.missing
            if network.key in here
        }

    def _command(self, network: PaperNetwork, study: str) -> Command:
        assert self._report.paper
        key = network.file, study
        if key not in self._known:
            studies, counted = self._report.paper.studies, key in self._counted
            self._known[key] = self._commands(network, studies[study], counted)
        return self._known[key]

    def of_section(self, section: Section) -> Iterator[str]:
        """Yields one line: of which networks something is missing, and the command of the first."""
        if not section.missing:
            return
        commands = [(network, self._command(network, section.item.study))
                    for network in section.missing]  # fmt: skip
        shipped = [(network, command) for network, command in commands if command.text]
        yield f'<p class="missing">{html.escape(_names(section))} '
        if shipped:
            network, command = shipped[0]
            cost = f" ({command.left or command.cost})" if command.cost else ""
            more = ' <a href="#commands">All commands</a>' if len(shipped) > 1 else ""
            yield f"For {html.escape(network.title)}{cost}: {parts.code(command.text)}{more}</p>"
        else:
            yield "No gin file is shipped for these yet.</p>"

    def all_commands(self) -> Iterator[str]:
        """Yields every command that fills something, once, with its cost."""
        paper = self._report.paper
        assert paper
        fills: dict[tuple[str, str], list[str]] = {}  # figures and tables by network and study
        for name, section in self._report.sections.items():
            networks = [(network, "") for network in section.missing]
            networks += [(n, " (beyond the paper)") for n in self._report.beyond(section)]
            for network, note in networks:
                names = fills.setdefault((network.key, section.item.study), [])
                names.append(short(name) + note)
        rows: dict[str, tuple[Command, dict[str, None], dict[str, None]]] = {}
        order = list(paper.networks)
        for (key, study), names in sorted(fills.items(), key=lambda fill: order.index(fill[0][0])):
            command = self._command(paper.networks[key], study)
            if command.text:  # One command may fill two studies, and several networks.
                _, titles, filled = rows.setdefault(command.text, (command, {}, {}))
                titles[paper.networks[key].title] = None
                filled |= dict.fromkeys(names)
        lines = [
            (html.escape(_first([*titles])), ", ".join(filled),
             "<br>".join(map(html.escape, filter(None, (c.cost, c.left)))), parts.code(c.text))
            for c, titles, filled in rows.values()
        ]  # fmt: skip
        yield '<section id="commands"><h2>Commands</h2>'
        yield parts.element("p", _COSTS, "note")
        yield parts.table(("network", "fills", "cost", "command"), lines, "commands")
        yield "</section>"


def _first(titles: list[str]) -> str:
    """Returns 'ResNet-18, batch 100, and 3 others' of four titles."""
    first, *others = titles
    return f"{first}, and {plural(len(others), 'other')}" if others else first


def _names(section: Section) -> str:
    """Returns which networks a section lacks, and which it has in part, as a sentence."""
    part = [n.title for n in section.missing if section.mark(n) == "part"]
    none = [n.title for n in section.missing if section.mark(n) == "none"]
    missing = ", ".join(none)
    if len(none) > 1 and len(none) + len(part) == len(section.item.networks):
        missing = f"{'the other' if part else 'all'} {len(none)} networks"
        missing = missing.replace("all 2 ", "both ")
    lines = (f"Missing: {missing}." * bool(none), f"In part: {', '.join(part)}." * bool(part))
    return " ".join(filter(None, lines))
