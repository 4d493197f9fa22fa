"""The runs and steps in docs/papers/*.md, from planning what their commands run.

python tests/paper_costs.py    writes them anew
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lth_tf.experiments.planning import plan as plan_of
from lth_tf.report.commands import load
from lth_tf.report.paper import PaperStudy
from lth_tf.store.layout import Layout

DOCUMENTS = sorted((Path(__file__).resolve().parents[1] / "docs" / "papers").glob("*.md"))
PAPERS = tuple(document.stem for document in DOCUMENTS)

_COMMAND = re.compile(r"lth-(\w+) --gin_file=papers/\w+/NETWORK.gin --gin_file=(\S+)")
_ROW = re.compile(r"\| (\w+) \| (?:at most )?([\d,]+) \| (?:at most )?([\d,]+) \|")


def _document(paper: str) -> Path:
    return DOCUMENTS[PAPERS.index(paper)]


def rows(paper: str) -> Iterator[tuple[str, str, str]]:
    """Yields what a document has rows of: the figure's file, the command, the network."""
    command = figure = ""
    for line in _document(paper).read_text().splitlines():
        if found := _COMMAND.search(line):
            command, figure = found.groups()
        elif found := _ROW.match(line):
            yield figure, command, found[1]


def written(paper: str) -> dict[tuple[str, str, str], str]:
    """Returns the line of each row of a document."""
    lines = _document(paper).read_text().splitlines()
    return dict(zip(rows(paper), filter(_ROW.match, lines), strict=True))


def cost(paper: str, figure: str, command: str, network: str) -> tuple[str, str]:
    """Returns the runs and the steps of a figure of a network, of which nothing is there.

    Where something is decided on the way, 'at most' so many.
    """
    found = load([PaperStudy(paper, command, Path(figure).stem)], network)
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_of([experiment for experiment, _ in found], Layout(Path(folder) / "none"))
    most = "at most " if plan.choices else ""
    return f"{most}{plan.runs:,}", f"{most}{plan.steps:,}"


def document(paper: str) -> str:
    """Returns a document with the costs as they are."""
    lines, left = [], list(rows(paper))
    for line in _document(paper).read_text().splitlines(keepends=True):
        lines.append(with_cost(line, paper, *left.pop(0)) if _ROW.match(line) else line)
    return "".join(lines)


def with_cost(line: str, paper: str, figure: str, command: str, network: str) -> str:
    """Returns the line of a row with the cost as it is."""
    runs, steps = cost(paper, figure, command, network)
    return _ROW.sub(f"| {network} | {runs} | {steps} |", line, count=1)


if __name__ == "__main__":
    for name in PAPERS:
        _document(name).write_text(document(name))
