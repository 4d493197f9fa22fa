"""Linear Mode Connectivity and the Lottery Ticket Hypothesis, as data."""

from functools import partial

from lth_tf.papers.lmc.figures import ITEMS
from lth_tf.papers.lmc.networks import NETWORKS
from lth_tf.papers.lmc.numbers import PRINTED
from lth_tf.report.paper import Paper, PaperStudy, gin_files

_files = partial(gin_files, "lmc")

PAPER = Paper(
    key="lmc",
    title="Linear Mode Connectivity and the Lottery Ticket Hypothesis",
    source="J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin; ICML 2020; arXiv:1912.05671",
    networks=NETWORKS,
    studies={
        "train": PaperStudy("train", _files()),
        "instability": PaperStudy("instability", _files()),
        "restart": PaperStudy("sweep", _files("restart")),
        "all_levels": PaperStudy("sweep", _files("all_levels")),
        "extreme": PaperStudy(
            "sweep",
            _files("extreme"),
            # Whatever fills figs. 9 and 15 to 18 fills fig. 10, too.
            dict.fromkeys(("lenet", "resnet20", "vgg16"), _files("all_levels"))
            | dict.fromkeys(("resnet50", "inception_v3"), _files("one_shot_extreme")),
        ),
        "state": PaperStudy("instability", _files("state")),
        "epochs": PaperStudy("instability", _files("epochs")),
        "functions": PaperStudy("instability", _files("functions")),
    },
    items=ITEMS,
    printed=PRINTED,
    samples=(3, 3),
    remarks=(
        "Lines and bars are means and sample standard deviations (n - 1) over initializations and "
        "noise samples; 30 values of alpha; stable means below 2%.",
        "The paper prints few numbers with its figures; those here are from its tables and text.",
    ),
)
