"""A page on all papers: how much of each a log has, what the rest costs, links to their pages."""

import html
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lth_tf.figures import style
from lth_tf.figures.words import plural
from lth_tf.report import page_parts as parts
from lth_tf.report.commands import Commands
from lth_tf.report.costs import ACCELERATORS, Cost, hours
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


class _Rest(NamedTuple):
    """What is left of a network; `seconds` on this device, None where its pace is not known."""

    runs: int
    steps: int
    operations: float
    seconds: float | None


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
    return style.write(folder / "index.html", parts.document("The papers", body).encode())


def _rest(made: Report, commands: Commands, costs: Mapping[str, Cost]) -> Iterator[_Rest]:
    """Yields what is left: planned where the log has a network, else all of what it costs."""
    paper = made.paper
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
            yield _Rest(whole.runs, whole.steps, whole.operations, None)
            continue
        plan, _ = commands.plan(network, [paper.studies[study] for study in studies])
        operations = whole.operations * plan.steps_left / whole.steps
        seconds = None if plan.unknown_rates else plan.seconds_left
        yield _Rest(plan.runs - plan.present, plan.steps_left, operations, seconds)


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
    ours = sum(number.ours is not None for number in made.comparisons)
    yield f"{ours:,} of {len(made.comparisons):,}"
    rest = list(_rest(made, commands, costs[paper.key]))
    runs, steps = sum(each.runs for each in rest), sum(each.steps for each in rest)
    yield f"{runs:,} runs, {steps:,} steps" if steps else "nothing"
    seconds = [each.seconds for each in rest if each.seconds is not None]
    untimed = sum(each.seconds is None and each.steps > 0 for each in rest)
    times = [duration(sum(seconds))] if seconds else []
    times += [f"{plural(untimed, 'network')} not yet timed"] if untimed else []
    yield ", and ".join(times)
    operations = sum(each.operations for each in rest)
    yield from (hours(accelerator.hours(operations)) for accelerator in ACCELERATORS)
    name = f"{paper.key}.html"
    command = shlex.join(["lth-report", f"--paper={paper.key}", f"--workdir={commands.workdir}"])
    yield f'<a href="{name}">{name}</a>' if (folder / name).exists() else parts.code(command)
