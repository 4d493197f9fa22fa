"""The runs and steps in docs/papers/*.md, from planning what their commands run.

python tests/paper_costs.py    writes them anew
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lth_tf import config
from lth_tf.experiments import Imp, Instability, Training
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan

DOCUMENTS = sorted((Path(__file__).resolve().parents[1] / "docs" / "papers").glob("*.md"))
PAPERS = tuple(document.stem for document in DOCUMENTS)
KINDS = {"train": Training, "imp": Imp, "instability": Instability}

_COMMAND = re.compile(r"lth-(\w+) --gin_file=papers/\w+/NETWORK.gin --gin_file=(\S+)")
_ROW = re.compile(r"\| (\w+) \| ([\d,]+) \| ([\d,]+) \|")


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


def cost(paper: str, figure: str, command: str, network: str) -> tuple[int, int]:
    """Returns the runs and the steps of a figure of a network, of which nothing is there."""
    files = [f"papers/{paper}/{network}.gin", figure]
    if command == "sweep":
        found = config.load_sweep(files, [], [])
    else:
        found = [config.load(KINDS[command], files, [])]
    requests = [r.measurement for experiment, _ in found for r in experiment.requests()]
    with tempfile.TemporaryDirectory() as folder:
        plan = make_plan(requests, Layout(Path(folder) / "none"))
    return plan.runs, plan.steps


def document(paper: str) -> str:
    """Returns a document with the costs as they are."""
    lines, left = [], list(rows(paper))
    for line in _document(paper).read_text().splitlines(keepends=True):
        if found := _ROW.match(line):
            runs, steps = cost(paper, *left.pop(0))
            line = f"| {found[1]} | {runs:,} | {steps:,} |{line[found.end() :]}"
        lines.append(line)
    return "".join(lines)


if __name__ == "__main__":
    for name in PAPERS:
        _document(name).write_text(document(name))
