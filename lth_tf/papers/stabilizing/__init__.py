"""Stabilizing the Lottery Ticket Hypothesis, as data."""

from functools import partial

from lth_tf.papers.stabilizing.figures import ITEMS
from lth_tf.papers.stabilizing.networks import NETWORKS
from lth_tf.papers.stabilizing.numbers import PRINTED
from lth_tf.report.paper import Paper, PaperStudy

_study = partial(PaperStudy, "stabilizing")

PAPER = Paper(
    key="stabilizing",
    title="Stabilizing the Lottery Ticket Hypothesis",
    source="J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin; 2019; arXiv:1903.01611v3",
    networks=NETWORKS,
    studies={
        "networks": _study("train"),
        "stability": _study("sweep", "stability"),
        "all_levels": _study("sweep", "all_levels"),
        "one_shot": _study("sweep", "one_shot", {"resnet50_iterative": "all_levels"}),
        "scores": _study("sweep", "snip"),
    },
    items=ITEMS,
    printed=PRINTED,
    samples=(3, 4),
    remarks=(
        "Errors are 'the minimum or maximum': how far from the mean the smallest or the largest "
        "sample lies, and no deviation; with such numbers stand the smallest and largest of ours, "
        "and whether our mean lies within the paper's. Bars of figures go to both.",
        "18 samples are the pairs of four copies in three trials. Distances and angles are of the "
        "kernels alone: with the scales of batch norm the printed angles could not be.",
        "Sparsity is of weights left in figs 3 and 10, where 16.7% and 2.2% are 0.8^8 and 0.8^17 "
        "cut off, and of weights pruned in fig. 6.",
        "'50% to 99% smaller' is said of networks for ImageNet, of which the paper prunes none "
        "beyond 80%; '75x fewer parameters' is 73 by fig. 2; '0.1% to 7% through' is 100 of 112K "
        "steps to 10 of 150 epochs.",
    ),
)
