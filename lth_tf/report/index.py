"""A page on all papers: how much of each a log has, with links to their pages."""

import html
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from lth_tf.figures import style
from lth_tf.report import page_parts as parts
from lth_tf.report.page_style import CSS
from lth_tf.report.report import Report

_HEAD = ("paper", "whole", "in part", "missing", "numbers beside ours", "its page")


def write(reports: Iterable[Report], folder: Path, workdir: str) -> Path:
    """Writes <folder>/index.html and returns its path.

    Args:
      reports: the log held beside each paper.
      folder: where the papers' own pages lie, those that were written.
      workdir: of the log, as commands name it.
    """
    rows = [list(_row(made, folder, workdir)) for made in reports]
    note = (
        "Figures and tables of each network, whole as in the paper, in part or otherwise, or "
        "missing; and the papers' numbers that stand beside numbers from the results log of"
    )
    body = [
        parts.element("h1", "The papers"),
        f'<p class="note">{note} <code>{html.escape(workdir)}</code>. A paper\'s page has what is '
        "missing with the command that fills it and what that costs.</p>",
        parts.table(_HEAD, rows, "commands"),
    ]
    return style.write(folder / "index.html", parts.document("The papers", CSS, body).encode())


def _row(made: Report, folder: Path, workdir: str) -> Iterator[str]:
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
    ours = sum(each.ours is not None for each in made.compared)
    yield f"{ours:,} of {len(made.compared):,}"
    name = f"{paper.key}.html"
    command = shlex.join(["lth-report", f"--paper={paper.key}", f"--workdir={workdir}"])
    yield f'<a href="{name}">{name}</a>' if (folder / name).exists() else parts.code(command)
