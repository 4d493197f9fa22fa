"""Linear Mode Connectivity and the Lottery Ticket Hypothesis, as data."""

from functools import partial

from lth_tf.papers.lmc.figures import ITEMS
from lth_tf.papers.lmc.networks import NETWORKS
from lth_tf.papers.lmc.numbers import PRINTED
from lth_tf.report.paper import Paper, PaperStudy

_study = partial(PaperStudy, "lmc")

PAPER = Paper(
    key="lmc",
    title="Linear Mode Connectivity and the Lottery Ticket Hypothesis",
    source="J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin; ICML 2020; arXiv:1912.05671",
    networks=NETWORKS,
    studies={
        "train": _study("train"),
        "instability": _study("instability"),
        "restart": _study("sweep", "restart"),
        "all_levels": _study("sweep", "all_levels"),
        # Whatever fills figs. 9 and 15 to 18 fills fig. 10, too.
        "extreme": _study("sweep", "extreme",
                          dict.fromkeys(("lenet", "resnet20", "vgg16"), "all_levels")
                          | dict.fromkeys(("resnet50", "inception_v3"), "one_shot_extreme")),
        **{name: _study("instability", name) for name in ("state", "epochs", "functions")},
    },
    items=ITEMS,
    printed=PRINTED,
    samples=(3, 3),
    remarks=(
        "Lines and bars are means and sample standard deviations (n - 1) over initializations and "
        "noise samples; 30 values of alpha; stable means below 2%.",
        "The paper prints few numbers with its figures; those here are from its tables and text.",
    ),
)  # fmt: skip
