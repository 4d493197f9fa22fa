"""The gin files that are shipped, and what their heads say."""

import re

import paper_costs
from binaries import REPOSITORY

from lth_tf.experiments import Imp, Instability, Onset, Training

GIN = REPOSITORY / "gin"
KINDS = {"train": Training, "imp": Imp, "instability": Instability, "onset": Onset}
# (paper, file of a figure, command, network) of each cost in docs/papers.
COSTS = [(paper, *row) for paper in paper_costs.PAPERS for row in paper_costs.rows(paper)]
SHIPPED = sorted(str(path.relative_to(GIN)) for path in GIN.rglob("*.gin"))
FIGURES = [file for file in SHIPPED if "/figures/" in file]


def parts(file: str) -> list[str]:
    """The files that a file includes, or names as the values of an axis of a sweep."""
    text = re.sub(r"(?m)^#.*", "", (GIN / file).read_text())
    return re.findall(r"""["']([\w/]+\.gin)["']""", text)


def inlined(file: str) -> str:
    """A file's text with what it includes in place of the include lines."""
    text = (GIN / file).read_text()
    return re.sub(r"(?m)^include '(.*)'$", lambda found: inlined(found[1]), text)


def header(file: str) -> str:
    """The comment that a file begins with, as one line; commands of two lines, too."""
    lines = []
    for line in (GIN / file).read_text().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.strip("# \\"))
    return " ".join(filter(None, lines))


def commands(file: str) -> dict[str, str]:
    """What the head of a file says about each command that it is for, by the binary's name.

    Files of figures go with those of networks: docs/papers has the commands and costs of both.
    """
    if file in FIGURES:
        return {}
    pieces = re.split(r"lth-(train|imp|instability|onset|sweep)(?=:| --gin_file=)", header(file))
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


COMMANDS = [(file, name) for file in SHIPPED for name in commands(file)]
EXPERIMENTS = [(file, name) for file, name in COMMANDS if name in KINDS]
