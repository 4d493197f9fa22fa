"""The runs and steps in docs/papers/lmc.md, from planning what its commands run.

python tests/lmc_costs.py    writes them anew
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lth_tf import config
from lth_tf.experiments import Imp, Instability, Training
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "papers" / "lmc.md"
KINDS = {"train": Training, "imp": Imp, "instability": Instability}
NETWORK = "papers/lmc/{}.gin"

_COMMAND = re.compile(r"lth-(\w+) --gin_file=papers/lmc/NETWORK.gin --gin_file=(\S+)")
_ROW = re.compile(r"\| (\w+) \| ([\d,]+) \| ([\d,]+) \|")


def rows() -> Iterator[tuple[str, str, str]]:
    """Yields what the document has rows of: the figure's file, the command, the network."""
    command = figure = ""
    for line in DOCUMENT.read_text().splitlines():
        if found := _COMMAND.search(line):
            command, figure = found.groups()
        elif found := _ROW.match(line):
            yield figure, command, found[1]


def cost(figure: str, command: str, network: str) -> tuple[int, int]:
    """Returns the runs and the steps of a figure of a network, of which nothing is there."""
    files = [NETWORK.format(network), figure]
    if command == "sweep":
        found = config.load_sweep(files, [], [])
    else:
        found = [config.load(KINDS[command], files, [])]
    requests = [r.measurement for experiment, _ in found for r in experiment.requests()]
    with tempfile.TemporaryDirectory() as folder:
        plan = make_plan(requests, Layout(Path(folder) / "none"))
    return plan.runs, plan.steps


def document() -> str:
    """Returns the document with the costs as they are."""
    lines, left = [], list(rows())
    for line in DOCUMENT.read_text().splitlines(keepends=True):
        if found := _ROW.match(line):
            runs, steps = cost(*left.pop(0))
            line = f"| {found[1]} | {runs:,} | {steps:,} |{line[found.end() :]}"
        lines.append(line)
    return "".join(lines)


if __name__ == "__main__":
    DOCUMENT.write_text(document())
