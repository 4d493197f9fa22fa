"""The figures of stabilizing, in the order in which they appear; 2, 3, 6 and 10 are tables.

Captions are the paper's, cut to what a picture shows: one network, where the paper has several. So
the line of a network's tickets is blue in every picture of fig. 1, whose lines for three settings
are blue, green and orange; and in those of all networks in fig. 8, whose last panel has others.
"""

from typing import Any

from lth_tf.figures import forms
from lth_tf.figures.against_density import AgainstDensity, DensityLine
from lth_tf.figures.chart import Look
from lth_tf.figures.curves import Curves, Stacked
from lth_tf.figures.figure import Figure
from lth_tf.figures.palette import BLUE, GREEN, GREY, ORANGE, VERMILLION
from lth_tf.papers.stabilizing.networks import EPOCH, FACTS, LARGE, SMALL, STANDARD
from lth_tf.report.paper import Table, Text

_KINDS = {"network": ("imp", "random_pruning")}
_CIFAR = tuple(key for key in SMALL if key != "lenet")


def _against_k(title: str, to: tuple[str, ...], name: str, epoch: int = 0) -> Stacked:
    """Returns stability to data order (a sample a pair of copies) or pruning, above accuracy."""
    shown: dict[str, Any] = {"only": _KINDS, "spread": "range", "epoch": epoch}
    one_a_trial = dict.fromkeys(_KINDS["network"], "one")
    stabilities = (
        forms.stability(each, name, samples=one_a_trial if each == "pruning" else {}, **shown)
        for each in to
    )
    accuracy = Curves("Accuracy", "evaluation", ("test_accuracy",), "test accuracy (%)", panels="",
                      over="initializations", band=True, **shown)  # fmt: skip
    return Stacked(title, (*stabilities, accuracy))


def _line(
    label: str, network: str, *look: Any, rewinding: str = "reset", **more: Any
) -> DensityLine:
    """Returns a kind of network reset to k = 0, or 'rewound': a line for each later k."""
    fields = {"network": network, "rewinding": rewinding}
    return DensityLine(label, fields, Look(*look), rewinding == "rewound", **more)


def _across_levels(title: str, *lines: DensityLine) -> AgainstDensity:
    return AgainstDensity(title, {"": lines}, from_dense=True, spread="range")


_BOTH = ("data_order", "pruning")
_RESET = _line("IMP, reset to k = 0", "imp", ORANGE, "s")
_REWOUND = _line("IMP, rewound", "imp", BLUE, "o", rewinding="rewound")
_REINITIALIZED = ("randomly reinitialized", "random_reinitialization", BLUE, "^", "--", False)

ALGORITHM = Text(
    "Algorithm 1", "Iterative Magnitude Pruning (IMP) with rewinding to iteration k.",
    ("Randomly initialize a neural network f(x; m * W_0) with initial trivial pruning mask "
     "m = 1.",
     "Train the network for k iterations, producing network f(x; m * W_k).",
     "Train the network for T - k further iterations, producing network f(x; m * W_T).",
     "Prune the remaining entries with the lowest magnitudes from W_T. That is, let m[i] = 0 if "
     "W_T[i] is pruned.",
     "If satisfied, the resulting network is f(x; m * W_T).",
     "Otherwise, reset W to W_k and repeat steps 3-5 iteratively, gradually removing more of "
     "the network."),
    "lth_tf/experiments/search.py, by lth-imp",
)  # fmt: skip
ITEMS: tuple[Figure | Table | Text, ...] = (
    ALGORITHM,
    Figure("1", "On deeper networks for CIFAR10, IMP fails to find winning tickets unless the "
           "learning rate schedule is altered.",
           _across_levels("Accuracy of tickets reset to k = 0",
               _line("IMP, reset to k = 0", "imp", BLUE, "o"), _line(*_REINITIALIZED)),
           _CIFAR, "all_levels"),
    Table("2", "Networks for MNIST and CIFAR10. Accuracies averaged across three trials.",
          SMALL, "networks", FACTS, "Figure"),
    Table("3", "The average data order stability of subnetworks obtained by IMP and by randomly "
          "pruning. Errors are the minimum or maximum across 18 samples.",
          SMALL, "stability", ("Sparsity",), "Figure"),
    Figure("4", "The effect of the rewinding iteration on data order (top) and pruning (middle) "
           "stability and accuracy (bottom). Error bars are the minimum and maximum across 18 "
           "(data order) and three samples (stability and accuracy).",
           _against_k("Stability against the rewinding step", _BOTH, "l2_distance"),
           SMALL, "stability"),
    Figure("5", "IMP subnetworks rewound to an iteration early in training outperform the original "
           "networks, while resetting to iteration 0 does not.",
           _across_levels("Accuracy of tickets reset and rewound", _RESET, _REWOUND),
           STANDARD, "all_levels"),
    Table("6", "Networks for experiments on ImageNet with TPUs. Accuracies averaged across five "
          "trials.", LARGE, "networks",
          ("Params", "Eps.", "Batch", "Learning Schedule", "Sparsity"), "Figure"),
    Figure("7", "The effect of the rewinding epoch (x-axis) on data order stability and accuracy.",
           _against_k("Stability against the rewinding epoch", _BOTH[:1], "l2_distance", EPOCH),
           LARGE, "stability", these_alone=True),
    Figure("8", "Rewinding to iterations early in training produces subnetworks that outperform "
           "the original networks, even when resetting to iteration 0 does not.",
           _across_levels("Accuracy of tickets rewound, reinitialized and reset",
                          _REWOUND, _line(*_REINITIALIZED, rewinding="rewound"), _RESET),
           (*LARGE, "resnet50_iterative"), "one_shot", these_alone=True),
    Figure("9", "The accuracy achieved on CIFAR10 when pruned to the specified size using "
           "iterative pruning and SNIP. Networks are trained with warmup and the learning rate "
           "hyperparameters used by Frankle and Carbin.",
           _across_levels("Accuracy of IMP and of pruning before training",
               _line("IMP", "imp", BLUE, "o"),
               _line("IMP, randomly reinitialized", "random_reinitialization", ORANGE, "^"),
               _line("SNIP", "snip", GREEN, "s"),
               # Beyond the paper.
               _line("GraSP", "grasp", VERMILLION, "P", optional=True),
               _line("SynFlow", "synflow", GREY, "v", optional=True)),
           ("vgg19_warmup", "resnet20_warmup"), "scores"),
    Table("10", "The average stability (as measured in angle) of subnetworks obtained by IMP and "
          "by randomly pruning. Errors are the minimum or maximum across 18 samples (data order) "
          "and 3 samples (pruning and accuracy).", SMALL, "stability", ("Sparsity",), "Figure"),
    Figure("11", "The effect of the rewinding iteration on angle data order stability (top), angle "
           "pruning stability (middle), and accuracy (bottom). This figure accompanies Figure 4.",
           _against_k("Angles against the rewinding step", _BOTH, "angle"),
           SMALL, "stability"),
    Figure("12", "The effect of the rewinding epoch (x-axis) on data order stability (top), "
           "pruning stability (middle), and accuracy (bottom).",
           _against_k("Angles against the rewinding epoch", _BOTH, "angle", EPOCH),
           LARGE, "stability", these_alone=True),
)  # fmt: skip
