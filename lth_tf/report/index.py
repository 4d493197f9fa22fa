"""A page on all papers: how much of each a log has, what the rest costs, links to their pages."""

import html
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lth_tf.figures import style
from lth_tf.report import page_parts as parts
from lth_tf.report.commands import Commands
from lth_tf.report.costs import ACCELERATORS, Cost, hours
from lth_tf.report.page_style import CSS
from lth_tf.report.paper import PaperNetwork
from lth_tf.report.report import Report
from lth_tf.store.plan import duration

_HEAD = (
    *("paper", "whole", "in part", "missing", "numbers beside ours", "left to train", "here"),
    *(f"hours of one {accelerator.name}" for accelerator in ACCELERATORS),
    "its page",
)
_NOTE = (
    "Figures and tables of each network, whole as in the paper, in part or otherwise, or missing; "
    "and the papers' numbers that stand beside numbers from the results log of"
)
_COST_NOTE = (
    "Left to train is what the missing figures and tables take, of each network together; here, "
    "for how long one worker trains it at the pace of this workdir's store. Hours of accelerators "
    "are operations over a published rate of training ResNet-50, which smaller networks do not "
    "reach: the least that is possible. Evaluating is not counted. A paper's page has each "
    "command with its cost. Rates:"
)


@dataclass
class _Rest:
    """What is left of a paper; `seconds` on this device but for `untimed` networks."""

    runs: int = 0
    steps: int = 0
    operations: float = 0.0
    seconds: float = 0.0
    timed: int = 0
    untimed: int = 0


def write(
    reports: Iterable[Report],
    folder: Path,
    commands: Commands,
    costs: Mapping[str, Mapping[str, Cost]],
) -> Path:
    """Writes <folder>/index.html and returns its path.

    Args:
      reports: the log held beside each paper.
      folder: where the papers' own pages lie, those that were written.
      commands: says what is left of a network's studies.
      costs: of all studies together, by a paper's key and the file of a network.
    """
    workdir = commands.workdir
    rows = [list(_row(made, folder, commands, costs)) for made in reports]
    rates = "; ".join(
        f'<a href="{html.escape(each.link)}">{each.name}</a>, {each.images_per_second:,.0f} '
        f"images a second ({html.escape(each.source.split(',')[0])})"
        for each in ACCELERATORS
    )
    body = [
        parts.element("h1", "The papers"),
        f'<p class="note">{_NOTE} <code>{html.escape(workdir)}</code>.</p>',
        parts.table(_HEAD, rows, "commands index"),
        f'<p class="note">{_COST_NOTE} {rates}.</p>',
    ]
    return style.write(folder / "index.html", parts.document("The papers", CSS, body).encode())


def _rest(made: Report, commands: Commands, costs: Mapping[str, Cost]) -> _Rest:
    """Returns what is left: planned where the log has a network, else all of what it costs."""
    paper, rest = made.paper, _Rest()
    assert paper is not None
    here = {group.network.file for group in made.groups if group.network}
    incomplete: dict[str, tuple[PaperNetwork, dict[str, None]]] = {}
    for section in made.sections.values():
        for network in section.missing:
            studies = incomplete.setdefault(network.file, (network, {}))[1]
            studies[section.item.study] = None
    for file, (network, studies) in incomplete.items():
        whole = costs[file]
        if file not in here:
            runs, steps, seconds = whole.runs, whole.steps, None
        else:
            plan = commands.plan(network, [paper.studies[study] for study in studies])
            runs, steps = plan.runs - plan.present, plan.steps_left
            seconds = None if plan.unknown_rates else plan.seconds_left
        rest.runs, rest.steps = rest.runs + runs, rest.steps + steps
        rest.operations += whole.operations * steps / whole.steps
        rest.seconds += seconds or 0.0
        rest.timed += seconds is not None
        rest.untimed += bool(steps) and seconds is None
    return rest


def _row(
    made: Report, folder: Path, commands: Commands, costs: Mapping[str, Mapping[str, Cost]]
) -> Iterator[str]:
    """Yields the cells of a paper: how much of it there is, and its page or how to make it."""
    paper = made.paper
    assert paper is not None
    marks = Counter(
        section.mark(network)
        for section in made.sections.values()
        for network in paper.networks.values()
    )
    yield parts.text_of(paper.title)
    yield from (f"{marks[mark]:,}" for mark in ("whole", "part", "none"))
    ours = sum(each.ours is not None for each in made.comparisons)
    yield f"{ours:,} of {len(made.comparisons):,}"
    rest = _rest(made, commands, costs[paper.key])
    yield f"{rest.runs:,} runs, {rest.steps:,} steps" if rest.steps else "nothing"
    times = [duration(rest.seconds)] if rest.timed else []
    names = "network" if rest.untimed == 1 else "networks"
    times += [f"{rest.untimed} {names} not yet timed"] if rest.untimed else []
    yield ", and ".join(times)
    yield from (hours(each.hours(rest.operations)) for each in ACCELERATORS)
    name = f"{paper.key}.html"
    command = shlex.join(["lth-report", f"--paper={paper.key}", f"--workdir={commands.workdir}"])
    yield f'<a href="{name}">{name}</a>' if (folder / name).exists() else parts.code(command)
