"""Linear Mode Connectivity and the Lottery Ticket Hypothesis.

Its networks are in lmc_networks.py, its figures, tables and algorithms in lmc_items.py, the lines
of figures in lmc_lines.py, its numbers in lmc_printed.py and lmc_printed_in_appendices.py.
"""

from lth_tf.papers.lmc.items import ITEMS
from lth_tf.papers.lmc.lines import LINES
from lth_tf.papers.lmc.networks import NETWORKS
from lth_tf.papers.lmc.numbers import PRINTED
from lth_tf.report.paper import Paper, Study


def _file(study: str = "") -> str:
    """The gin file of a network for a study; without one, its row of table 1."""
    return f"papers/lmc/{{network}}{study}.gin"


_ALL_LEVELS = _file("_all_levels_sweep")

STUDIES = {
    "train": Study("train", _file()),
    "instability": Study("instability", _file()),
    "restart": Study("sweep", _file("_restart_sweep")),
    "all_levels": Study("sweep", _ALL_LEVELS),
    # Whatever fills figs. 9 and 15 to 18 fills fig. 10, too.
    "extreme": Study("sweep", _ALL_LEVELS, _file("_extreme_sweep")),
    "state": Study("instability", _file("_state_instability")),
    "epochs": Study("instability", _file("_epochs_instability")),
    "functions": Study("instability", _file("_functions_instability")),
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
