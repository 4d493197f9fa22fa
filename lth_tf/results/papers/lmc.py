"""Linear Mode Connectivity and the Lottery Ticket Hypothesis.

Its networks are in lmc_networks.py, its figures, tables and algorithms in lmc_items.py, the lines
of figures in lmc_lines.py, its numbers in lmc_printed.py and lmc_printed_in_appendices.py.
"""

from lth_tf.results.papers.lmc_items import ITEMS
from lth_tf.results.papers.lmc_lines import LINES
from lth_tf.results.papers.lmc_networks import NETWORKS
from lth_tf.results.papers.lmc_printed import PRINTED
from lth_tf.results.papers.paper import Paper, Study

_ROW = "papers/lmc/{network}.gin"


def _instability(name: str, *bindings: str) -> Study:
    """A study that is a file of its own for LeNet; else the network's row and some bindings."""
    return Study("instability", f"papers/lmc/{{network}}_{name}_instability.gin", _ROW, bindings)


STUDIES = {
    "train": Study("train", _ROW),
    "instability": Study("instability", _ROW),
    "restart": Study(
        "sweep",
        "papers/lmc/{network}_restart_sweep.gin",
        _ROW,
        ("Instability.networks = ('dense',)", "Instability.schedule = 'restarted'"),
    ),
    "all_levels": _instability(
        "all_levels",
        "Instability.networks = ('dense', 'imp', 'random_pruning')",
        "Instability.levels = {levels}",
        "MaskSearch.levels = {deepest}",
    ),
    "extreme": _instability(
        "extreme",
        "Instability.functions = ('error',)",
        "Instability.levels = {levels}",
        "MaskSearch.levels = {deepest}",
    ),
    "state": _instability(
        "state", "Instability.functions = ('state',)", "Instability.networks = ('dense', 'imp')"
    ),
    "epochs": _instability(
        "epochs",
        "Instability.functions = ('barrier',)",
        "Instability.networks = ('dense', 'imp')",
        "Instability.compare_every = {epoch}",
    ),
    "functions": _instability(
        "functions",
        "Instability.functions = ('state', 'behaviour', 'behaviour_against_dense')",
    ),
}

PAPER = Paper(
    key="lmc",
    title="Linear Mode Connectivity and the Lottery Ticket Hypothesis",
    source="J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin; ICML 2020; arXiv:1912.05671",
    networks=NETWORKS,
    studies=STUDIES,
    items=ITEMS,
    printed=PRINTED,
    lines=LINES,
    samples=(3, 3),
    remarks=(
        "Lines and bars are means and sample standard deviations (n - 1) over initialisations and "
        "noise samples; 30 values of alpha; stable means below 2%.",
        "The paper prints few numbers with its figures; those here are from its tables and text.",
    ),
)
