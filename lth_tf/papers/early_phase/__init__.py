"""The Early Phase of Neural Network Training, as data."""

from functools import partial

from lth_tf.papers.early_phase.figures import ITEMS
from lth_tf.papers.early_phase.networks import NETWORKS
from lth_tf.papers.early_phase.numbers import PRINTED
from lth_tf.report.paper import Paper, PaperStudy

_study = partial(PaperStudy, "early_phase")

PAPER = Paper(
    key="early_phase",
    title="The Early Phase of Neural Network Training",
    source="J. Frankle, D. J. Schwab, A. S. Morcos; ICLR 2020; arXiv:2002.10365",
    networks=NETWORKS,
    studies={
        "train": _study("train"),
        "imp": _study("imp"),
        **{name: _study("sweep", name) for name in (
            "telemetry", "perturbations", "pretraining", "sparse_pretraining")},
    },
    items=ITEMS,
    printed=PRINTED,
    samples=(5, 1),
    remarks=(
        "Lines and bands are means and sample standard deviations (n - 1) over replicates, each "
        "with an initialization and a data order of its own.",
        "'Sparsity 26.2%' is of weights left. 400 iterations are the paper's epoch, 390 steps.",
        "The paper speaks of three architectures in sections 1 and 3, and shows five.",
    ),
)  # fmt: skip
