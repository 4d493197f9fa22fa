"""The figures, tables and algorithms of lmc, in the order in which they appear.

Captions are the paper's, cut to what a panel shows. Pairs are of every two of three noise samples,
runs of all three: captions say nine samples in total, section 2 three runs of each initialization.
One row of each initialization is enough of what copies start from and of the way to one end
(figs 11 to 13), and where a caption counts initializations alone (figs 10, 16, 18 and 24).
"""

from typing import Any

from lth_tf.figures import forms
from lth_tf.figures.criteria import BestOfSteps, Onsets
from lth_tf.figures.curves import SPARSE, Curves
from lth_tf.figures.figure import Figure
from lth_tf.figures.forms import ERROR
from lth_tf.papers.lmc.networks import NETWORKS
from lth_tf.papers.lmc.texts import DIAGRAM, IMP, INSTABILITY_ANALYSIS
from lth_tf.report.paper import Table, Text

_EVERY = tuple(NETWORKS)
_CIFAR = tuple(name for name in NETWORKS if name.startswith(("resnet20", "vgg16")))
_NOT_IMAGENET = ("lenet", *_CIFAR)
_LINE = {"barrier": "from_mean_of_ends"}
_WAYS = ("initialization_to_k", "k_to_end", "end_to_end")


def _instability(title: str, *networks: str, **more: Any) -> Curves:
    return forms.instability(title, only={**_LINE, "network": networks}, **more)


def _error(title: str, fields: tuple[str, ...], *networks: str, **more: Any) -> Curves:
    only = {"network": networks}
    return Curves(title, "evaluation", fields, "error (%)", band=True, only=only, **more)


def _along_the_line(network: str, **of: int) -> Curves:
    return forms.along_the_line(only={**_LINE, "network": network, **of})


def _every_level(title: str, kind: str, name: str, **more: Any) -> Curves:
    of = {"only": {"network": SPARSE}, "optional": SPARSE[2:]}
    return forms.every_level(title, kind, name, **of, **more)


def _distances(network: str) -> Curves:
    of = {"network": network, "between": _WAYS}
    return forms.distances_at_k(panels="", only=of, samples={"end_to_end": "pair"})


_INSTABILITY = _every_level("Instability", "instability", "test_instability", limit=True)
_ERROR = _every_level("Test error", "evaluation", "test_error", band=True, over="initializations")
_COPIED = "networks that are trained to iteration k, copied, and trained on different data orders"
_PRUNED = (
    "subnetworks that are created by using the state of the full network at iteration k and "
    "applying a pruning mask"
)
_FROM_K = "created using the state of the full network at step k and applying a pruning mask."

ITEMS: tuple[Figure | Table | Text, ...] = (
    DIAGRAM,
    INSTABILITY_ANALYSIS,
    Table("1", "Our networks and hyperparameters. Accuracies are the means and standard deviations "
          "across three initializations.", _EVERY, "train", tuple(NETWORKS["lenet"].facts)),
    Figure("2", "Error when linearly interpolating between networks trained from the same "
           "initialization with different SGD noise. Trained networks are at 0 and 1.",
           _along_the_line("dense", rewind_step=0), _EVERY, "instability"),
    Figure("3", "Linear interpolation instability when starting from step k.",
        _instability("Instability", "dense"), _EVERY, "instability"),
    Figure("4", "Linear interpolation instability on the test set when making two copies of the "
           "state of the network at step k and either (1) training for the remaining T - k steps "
           "or (2) training for T steps with the learning rate schedule reset to step 0.",
           forms.restarted(
               only={**_LINE, "network": "dense", "schedule": ("absolute", "restarted")}
           ), _CIFAR, "restart"),
    IMP,
    Table("2", "Accuracy of IMP and random subnetworks when rewinding to k = 0 at the sparsities "
          "in Table 1. Accuracies are means across three initializations. All standard deviations "
          "are < 0.2.", _EVERY, "instability"),
    Figure("5", "Test error when linearly interpolating between subnetworks trained from the same "
           "initialization with different SGD noise.",
           Curves(
               "Test error of subnetworks along the interpolation", "instability", ("test_errors",),
               "test error (%)", x="alphas", panels="rewind_step", spread="band", from_zero=True,
               only={**_LINE, "network": SPARSE, "rewind_step": 0},
           ), _EVERY, "instability"),
    Figure("6", f"Linear interpolation instability of subnetworks {_FROM_K}",
        _instability("Instability of subnetworks", *SPARSE, fields=("test_instability",)),
        _EVERY, "instability"),
    *(Figure(number, f"{split} error of subnetworks {_FROM_K}",
          _error(f"{split} error of subnetworks", (f"{split.lower()}_error",), *SPARSE),
          _EVERY, "instability")
      for number, split in (("7", "Test"), ("8", "Train"))),
    Figure("9", "The median rewinding iteration at which IMP subnetworks and randomly pruned "
           "subnetworks become stable and matching.",
           Onsets(), ("resnet20", "vgg16"), "all_levels"),
    Figure("10", "The methodology by which we select the extreme sparsity levels: the maximum "
           "accuracy achieved by any IMP subnetwork under any rewinding iteration, and the "
           "accuracy of the full network.", BestOfSteps(), _EVERY, "extreme"),
    Figure("11", "The error of the full networks at the rewinding iteration specified on the "
           "x-axis, before any copies are made or further training occurs.",
           forms.error_at_k("Error of the full network at step k", only={"network": "dense"}),
           _EVERY, "state"),
    Figure("12", "Various L2 distances for the full networks at the rewinding iteration specified "
           "on the x-axis.", _distances("dense"), _EVERY, "state"),
    Figure("13", "Various L2 distances for the IMP subnetworks at the rewinding iteration "
           "specified on the x-axis, after applying the pruning mask to the states of the networks "
           "in question.", _distances("imp"), _EVERY, "state"),
    Figure("14", "Instability throughout training using both the unpruned networks and the "
           "IMP-pruned networks as computed on both the test set and train set.",
           forms.through_training(rows="network", only={**_LINE, "network": ("dense", "imp")}),
           ("resnet20", "vgg16"), "epochs"),
    *(Figure(number, f"The {what} of subnetworks of {NETWORKS[network].title} created using the "
             "state of the full network at iteration k and trained on different data orders from "
             "there.", form, (network,), "all_levels")
      for number, network, what, form in (
          ("15", "resnet20", "instability", _INSTABILITY),
          ("16", "resnet20", "test error", _ERROR),
          ("17", "vgg16", "instability", _INSTABILITY),
          ("18", "vgg16", "test error", _ERROR))),
    *(Figure(number, "The error when linearly interpolating between the minima found by randomly "
             f"initializing a network, training to iteration k, {how}training two copies from "
             "there to completion using different data orders.",
             _along_the_line(network), _EVERY, "instability")
      for number, network, how in (
          ("19", "dense", "and "),
          ("20", "imp", "pruning according to IMP, and "),
          ("21", "random_pruning",
           "pruning randomly in the same layerwise proportions as IMP, and "),
          ("22", "random_reinitialization",
           "pruning according to IMP, randomly reinitializing, and "))),
    *(Figure(number, f"The train and test set {what} of subnetworks that are created by using "
             "the state of the full network at iteration k and applying the mask found by IMP "
             "with rewinding to k.", form, _EVERY, "instability")
      for number, what, form in (
          ("23", "instability", _instability("Instability of IMP", "imp")),
          ("24", "error", _error("Error of IMP", ERROR, "imp", over="initializations")))),
    *(Figure(number, f"The {title} distance between {what}.",
          Curves("Distance between copies", "between_copies", (f"{title.lower()}_distance",),
                 f"{title} distance", panels="", only={"network": networks}, from_zero=True),
          _EVERY, "functions")
      for number, title, networks, what in (
          ("25", "L2", ("dense",), f"{_COPIED} from there"),
          ("26", "L2", SPARSE, _PRUNED),
          ("27", "cosine", ("dense",), f"{_COPIED} from there"),
          ("28", "cosine", SPARSE, _PRUNED))),
    *(Figure(number, f"The {what} {name.partition('_')[0]} set{more} for networks that are "
             "created by training the full network to iteration k, optionally applying a pruning "
             "mask, and training on different data orders.",
             forms.comparison(title, (name,), unit),
             _EVERY if name.startswith("test") else _NOT_IMAGENET, "functions",
             also=(forms.comparison(f"{title}, sparse against dense", (name,), unit, "unlike",
                                    called="sparse against dense"),))
      for name, number, title, unit, what, more in (
          (f"{split}_{field}", numbers[i], *of)
          for field, numbers, *of in (
              ("differences", ("29", "30"), "Classifications that differ", "examples",
               "number of different", " classifications"),
              ("loss_distance", ("31", "32"), "L2 distance of losses by example",
               "L2 distance (nats)", "L2 distance between the per-example losses on the", ""))
          for i, split in enumerate(("test", "train")))),
)  # fmt: skip
