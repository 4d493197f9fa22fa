"""Unmasking the Lottery Ticket Hypothesis, as data."""

from functools import partial

from lth_tf.papers.unmasking.figures import ITEMS
from lth_tf.papers.unmasking.networks import NETWORKS
from lth_tf.papers.unmasking.numbers import PRINTED
from lth_tf.report.paper import Paper, PaperStudy

_study = partial(PaperStudy, "unmasking")

PAPER = Paper(
    key="unmasking",
    title="Unmasking the Lottery Ticket Hypothesis: Efficient Adaptive Pruning for Finding "
    "Winning Tickets",
    source="M. Paul, F. Chen, B. W. Larsen, J. Frankle, S. Ganguli, G. K. Dziugaite; NeurIPS 2022 "
    "workshop Has it Trained Yet?",
    networks=NETWORKS,
    studies={
        "planes": _study("imp", "planes"),
        **{name: _study("sweep", name) for name in ("connectivity", "adaptive", "perturbation")},
    },
    items=ITEMS,
    printed=PRINTED,
    samples=(4, 1),
    remarks=(
        "Lines and bands are means and sample standard deviations (n - 1) over replicates, which "
        "differ in their initial weights and in their SGD noise.",
        "ε is the standard deviation of the test error of the dense networks, one a replicate: of "
        "four, it is itself uncertain by 40%. A barrier counts as none if it is below ε.",
        "The paper prints hardly a number; what it says in words stands here as a comparison.",
    ),
)
