"""The figures and tables of sgd_noise, in the order in which they appear.

Captions are the paper's, cut to what is shown. Figures show all settings of a network together.
"""

from collections.abc import Mapping
from typing import Any

from lth_tf.figures.by_setting import BySetting, Several
from lth_tf.figures.figure import Figure
from lth_tf.papers.sgd_noise.networks import (
    BATCHES,
    CLASSES,
    MAIN,
    MOMENTA,
    TESTS,
    key,
    keys,
    standing_for,
    words,
)
from lth_tf.report.paper import Table, Text

_MAIN = tuple(map(words, MAIN))
_LINE = {"barrier": "from_mean_of_ends"}
_TINY, _C10, _C100, _VGG = ("resnet34_tiny_imagenet", "resnet18_cifar10", "resnet18_cifar100",
                            "vgg16_cifar100")  # fmt: skip
_NAMES = {_TINY: "ResNet-34 on TinyImageNet", _C10: "ResNet-18 on CIFAR-10",
          _C100: "ResNet-18 on CIFAR-100", _VGG: "VGG-16 on CIFAR-100"}  # fmt: skip


def _instability(of: Mapping[str, Any], settings: tuple[str, ...] = _MAIN) -> Several:
    """Returns (a) the error on the line between copies and (b) the barrier, of each setting."""
    only = {**_LINE, **of}
    shown: dict[str, Any] = {"only": only, "settings": settings, "sample": "pair"}
    return Several("Instability", (
        BySetting("(a) Error along the interpolation", "instability", "test_errors", "error (%)",
                  "alphas", **shown),
        BySetting("(b) Error barrier", "instability", "test_instability", "error barrier (%)",
                  "pretrained", "", limit=True, ending="-b", **shown),
    ))  # fmt: skip


def _dense(number: str, file: str, settings: tuple[str, ...] = _MAIN, study: str = "settings",
           caption: str = "") -> Figure:  # fmt: skip
    return Figure(
        number,
        f"Instability for a dense {_NAMES[file]} with different training configurations{caption}. "
        "We show the full interpolation curve in (a) and the error barrier in (b).",
        _instability({"network": "dense"}, settings), standing_for(file), study,
        these_alone=study != "settings", together=True,
    )  # fmt: skip


def _of_tickets(number: str, level: int, sparsity: str) -> Figure:
    return Figure(
        number,
        f"Instability for a ResNet-34 ticket at {sparsity} sparsity trained on TinyImageNet with "
        "different training configurations.",
        _instability({"network": "imp", "level": level}), standing_for(_TINY), "tickets",
        these_alone=True, together=True,
    )  # fmt: skip


def _successive(number: str, file: str) -> Figure:
    return Figure(
        number,
        "Error barrier between trained tickets found in subsequent pruning iterations for "
        f"{_NAMES[file]}. Gray vertical lines indicate the trained tickets.",
        BySetting("Error between the tickets of successive levels", "connectivity", "test_errors",
                  "error (%)", "path", only={"to": "solution"}, settings=_MAIN),
        standing_for(file), "successive", together=True,
    )  # fmt: skip


def _accuracies(number: str, file: str) -> Figure:
    return Figure(
        number,
        f"Validation accuracies at different sparsities for Lottery Tickets of {_NAMES[file]}.",
        BySetting("Accuracy of tickets", "evaluation", "test_accuracy", "test accuracy (%)",
                  "density", only={"network": ("dense", "imp")}, settings=_MAIN, classes=CLASSES,
                  tests=TESTS),
        standing_for(file), "settings", together=True,
    )  # fmt: skip


def _probes(number: str, file: str) -> Figure:
    shown: dict[str, Any] = {"axes": ("block", "target", "searched_with"), "settings": _MAIN}
    return Figure(
        number,
        f"Linear probing results at all sparsities for Lottery Tickets of {_NAMES[file]}. (a) "
        "Without late rewinding, and (b) with late rewinding.",
        Several("Linear probes", tuple(
            BySetting(f"{part} Linear probes", "evaluation", "test_accuracy", "test accuracy (%)",
                      "block", "setting", "level", {"network": "imp", "rewinding": rewinding},
                      ending=ending, **shown)
            for part, rewinding, ending in (("(a)", "reset", ""), ("(b)", "rewound", "-b"))
        )),
        standing_for(file), "probes", together=True,
    )  # fmt: skip


def _few_shot(number: str, file: str) -> Figure:
    shown: dict[str, Any] = {
        "axes": ("searched_with", "search_share", "examples"), "settings": _MAIN,
        "classes": CLASSES, "tests": TESTS,
    }  # fmt: skip
    return Figure(
        number,
        f"Few-shot performances at all sparsities for Lottery Tickets of {_NAMES[file]}.",
        Several("Few-shot accuracy", tuple(
            BySetting(f"Few-shot accuracy, {name} pretraining", "evaluation", "test_accuracy",
                      "test accuracy (%)", "density", "examples",
                      only={"network": ("dense", "imp"), "rewinding": rewinding,
                            "Task.subset": "RandomSubset"}, ending=ending, **shown)
            for name, rewinding, ending in (("without", "reset", ""), ("with", "rewound", "-b"))
        )),
        standing_for(file), "few_shot", together=True,
    )  # fmt: skip


_KEPT: dict[str, Any] = {
    "lines": "kept", "panels": "", "axes": ("searched_with", "search_share", "examples"),
}  # fmt: skip
_SOME = {"network": "dense", "Task.subset": "MeasuredSubset"}
_FIGURE_7 = Several("Training without some examples", (
    BySetting("(a) Error along the interpolation", "instability", "test_errors", "error (%)",
              "alphas", only={**_LINE, **_SOME}, **_KEPT | {"panels": "examples"}),
    BySetting("(b) Error barrier", "instability", "test_instability", "error barrier (%)",
              "removed", only={**_LINE, **_SOME}, limit=True, ending="-b", **_KEPT),
    BySetting("(c) Test accuracy", "evaluation", "test_accuracy", "test accuracy (%)", "removed",
              only=_SOME, ending="-c", **_KEPT),
))  # fmt: skip


def _table(number: str, caption: str, study: str, *files: str, settings: Any = MAIN) -> Table:
    named = " and ".join(_NAMES[file] for file in files)
    networks = tuple(each for file in files for each in keys(file, settings))
    return Table(number, f"{caption}: {named}.", networks, study)


_FORGETTING = ("Average forgetting events per sample, proportion of unforgettable samples and "
               "convergence statistics")  # fmt: skip
_TICKETS = (
    "Lottery Ticket performances for different training parameters at different sparsity levels"
)
_AIMP = "AIMP results for different hyperparameter settings"
_PROBED = "Linear probing results at different locations in a ticket"
_TRANSFER = "Transferability of frozen tickets at 89.26% sparsity"
_SUBSET = "Validation accuracies of an 89.26% sparse ticket when trained on a subset"
_SEARCHED = ((0.0, 256), (0.9, 100))

ITEMS: tuple[Figure | Table | Text, ...] = (
    Text("Algorithm 1", "Iterative Magnitude Pruning with late rewinding.",
         ("Mask Search: in each of N rounds train the ticket, prune the weights of lowest "
          "magnitude, rewind the others to those of step k.",
          "Sparse Training: train the ticket that was found."),
         "lth_tf/experiments/search.py, search_levels; sparse_training.py"),
    _dense("1", _TINY),
    _table("1", _FORGETTING, "forgetting", _TINY),
    _table("2", _TICKETS, "settings", _TINY),
    _table("3", _AIMP, "short_searches", _TINY, settings=_SEARCHED),
    _table("4", "Grid search over Sparse Training parameters, Mask Search parameters fixed",
           "other_settings", _TINY),
    _table("5", _PROBED, "probes", _TINY),
    _table("6", _TRANSFER, "transfer", _C10),
    _table("7", _SUBSET, "few_shot", _TINY),
    _successive("2", _TINY),
    *(_dense(number, file) for number, file in (("3", _C10), ("4", _C100), ("5", _VGG))),
    *(_table(number, _FORGETTING, "forgetting", file)
      for number, file in (("8", _C10), ("9", _C100), ("10", _VGG))),
    Figure("6",
        "The evolution of forgetting events during training for (a) ResNet-18 + CIFAR-10, (b) "
        "ResNet-18 + CIFAR-100, (c) VGG16 + CIFAR-100, and (d) ResNet-34 + TinyImageNet.",
        BySetting("Forgetting events through training", "forgetting", "events_by_epoch",
                  "events of an example in an epoch", "epoch", "", scale=1,
                  only={"network": "dense"}, settings=_MAIN),
        standing_for(_C10, _C100, _VGG, _TINY), "forgetting", together=True),
    Figure("7",
        "(a) Linear interpolation curves, (b) error barriers, and (c) validation accuracies of "
        "ResNet18 networks trained on different subsets of CIFAR10, μ = 0.0, 256 batch size.",
        _FIGURE_7, (key(_C10, (0.0, 256)),), "without_some", these_alone=True, together=True),
    _of_tickets("8", 5, "67.23%"),
    _of_tickets("9", 10, "89.26%"),
    *(_successive(number, file) for number, file in (("10", _C10), ("11", _C100), ("12", _VGG))),
    _table("11", _TICKETS, "settings", _C10, _C100),
    _table("12", _TICKETS, "settings", _VGG),
    *(_accuracies(number, file)
      for number, file in (("13", _C10), ("14", _C100), ("15", _VGG), ("16", _TINY))),
    _dense("17", _C10, tuple(map(words, (*MAIN, *BATCHES))), "batches",
           ", featuring more batch sizes"),
    _table("13", f"{_TICKETS}, more extreme batch sizes", "batches", _C10, settings=BATCHES),
    _table("14", f"{_TICKETS}, different values for μ", "momenta", _C10, settings=MOMENTA),
    _table("15", "The first epoch at which stability to SGD noise occurs", "onset",
           _C10, _C100, _VGG, _TINY),
    _table("16", _AIMP, "short_searches", _C10),
    _table("17", _PROBED, "probes", _C10),
    _table("18", _PROBED, "probes", _C100),
    *(_probes(number, file) for number, file in (("18", _C10), ("19", _C100), ("20", _TINY))),
    _table("19", _TRANSFER, "transfer", _C100),
    _table("20", _TRANSFER, "transfer", _TINY),
    _table("21", _SUBSET, "few_shot", _C10),
    _table("22", _SUBSET, "few_shot", _C100),
    *(_few_shot(number, file) for number, file in (("21", _C10), ("22", _C100), ("23", _TINY))),
    _table("23", "Validation accuracies of a ticket, its permutation and the dense network on the "
           "examples that are forgotten least and most", "forgotten", _C10, settings=((0.0, 256),)),
)  # fmt: skip
