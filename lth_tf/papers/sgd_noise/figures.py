"""The figures and tables of sgd_noise, in the order in which they appear.

Captions are the paper's, cut to what is shown. Figures show all settings of a network together.
"""

from collections.abc import Iterator
from typing import Any

from lth_tf.figures.by_setting import BySetting, Several
from lth_tf.figures.figure import Figure, Form
from lth_tf.papers.sgd_noise.networks import (
    BATCHES,
    C10,
    C100,
    CLASSES,
    DATASETS,
    MAIN,
    MODELS,
    MOMENTA,
    PLAIN,
    TESTS,
    TINY,
    VGG,
    keys,
    standing_for,
    words,
)
from lth_tf.report.paper import Table, Text

_MAIN = tuple(map(words, MAIN))
_NAMES = {file: f"{name} on {DATASETS[dataset]}" for file, (name, _, dataset, _) in MODELS.items()}


def _line(x: str, only: dict[str, Any], **shown: Any) -> tuple[BySetting, BySetting]:
    """Returns (a) the error on the line between copies and (b) the barrier, against x."""
    shown["only"] = {"barrier": "from_mean_of_ends", **only}
    return (
        BySetting("(a) Error along the interpolation", "instability", "test_errors", "error (%)",
                  "alphas", **shown),
        BySetting("(b) Error barrier", "instability", "test_instability", "error barrier (%)", x,
                  limit=True, ending="-b", **shown | {"panels": ""}),
    )  # fmt: skip


def _instability(settings: tuple[str, ...] = _MAIN, **only: Any) -> Several:
    shown = {"settings": settings, "sample": "pair"}
    return Several("Instability", _line("pretrained", only, **shown))


def _accuracy(title: str, x: str, only: dict[str, Any], panels: str, **shown: Any) -> BySetting:
    return BySetting(title, "evaluation", "test_accuracy", "test accuracy (%)", x, panels,
                     only=only, **shown)  # fmt: skip


_TICKETS = {"network": ("dense", "imp")}
_MARKED: dict[str, Any] = {"settings": _MAIN, "classes": CLASSES, "tests": TESTS}  # runs at chance
_SEARCHED = ("searched_with", "search_share", "examples")
_SOME = {"network": "dense", "Task.subset": "MeasuredSubset", "MeasuredSubset.balanced": False}
_KEPT: dict[str, Any] = {"lines": "kept", "axes": _SEARCHED}
_WITHOUT_SOME = Several("Training without some examples", (
    *_line("removed", _SOME, panels="examples", **_KEPT),
    _accuracy("(c) Test accuracy", "removed", _SOME, "", ending="-c", **_KEPT),
))  # fmt: skip

# Figures of several networks: caption, form and study.
_DENSE = ("Instability for a dense {} with different training configurations. We show the full "
          "interpolation curve in (a) and the error barrier in (b).",
          _instability(network="dense"), "settings")  # fmt: skip
_SUCCESSIVE = (
    "Error barrier between trained tickets found in subsequent pruning iterations for {}. Gray "
    "vertical lines indicate the trained tickets.",
    BySetting("Error between the tickets of successive levels", "connectivity", "test_errors",
              "error (%)", "path", only={"to": "solution"}, settings=_MAIN), "successive",
)  # fmt: skip
_ACCURACIES = ("Validation accuracies at different sparsities for Lottery Tickets of {}.",
               _accuracy("Accuracy of tickets", "density", _TICKETS, "pretrained", **_MARKED),
               "settings")  # fmt: skip
_PROBES = (
    "Linear probing results at all sparsities for Lottery Tickets of {}. (a) Without late "
    "rewinding, and (b) with late rewinding.",
    Several("Linear probes", tuple(
        _accuracy(f"{part} Linear probes", "block", {"network": "imp", "rewinding": rewinding},
                  "setting", lines="level", axes=("block", "target", "searched_with"),
                  settings=_MAIN, ending=ending)
        for part, rewinding, ending in (("(a)", "reset", ""), ("(b)", "rewound", "-b")))),
    "probes",
)  # fmt: skip
_FEW_SHOT = (
    "Few-shot performances at all sparsities for Lottery Tickets of {}.",
    Several("Few-shot accuracy", tuple(
        _accuracy(f"Few-shot accuracy, {name} pretraining", "density",
                  {**_TICKETS, "rewinding": rewinding, "Task.subset": "RandomSubset"}, "examples",
                  axes=_SEARCHED, ending=ending, **_MARKED)
        for name, rewinding, ending in (("without", "reset", ""), ("with", "rewound", "-b")))),
    "few_shot",
)  # fmt: skip


def _figures(kind: tuple[str, Form, str], files: dict[str, str]) -> Iterator[Figure]:
    """Yields the figures of a kind; `files` are those of the networks by a figure's number."""
    caption, form, study = kind
    for number, file in files.items():
        yield Figure(number, caption.format(_NAMES[file]), form, standing_for(file), study,
                     together=True)  # fmt: skip


# By study.
_CAPTIONS = {
    "forgetting": "Average forgetting events per sample, proportion of unforgettable samples and "
                  "convergence statistics",
    "settings": "Lottery Ticket performances for different training parameters at different "
                "sparsity levels",
    "short_searches": "AIMP results for different hyperparameter settings",
    "other_settings": "Grid search over Sparse Training parameters, Mask Search parameters fixed",
    "probes": "Linear probing results at different locations in a ticket",
    "transfer": "Transferability of frozen tickets at 89.26% sparsity",
    "few_shot": "Validation accuracies of an 89.26% sparse ticket when trained on a subset",
    "onset": "The first epoch at which stability to SGD noise occurs",
    "forgotten": "Validation accuracies of a ticket, its permutation and the dense network on the "
                 "examples that are forgotten least and most",
}  # fmt: skip
_CAPTIONS["batches"] = f"{_CAPTIONS['settings']}, more extreme batch sizes"
_CAPTIONS["momenta"] = f"{_CAPTIONS['settings']}, different values for μ"


def _table(number: str, study: str, *files: str, settings: Any = MAIN) -> Table:
    named = " and ".join(_NAMES[file] for file in files)
    networks = tuple(network for file in files for network in keys(file, settings))
    return Table(number, f"{_CAPTIONS[study]}: {named}.", networks, study)


ITEMS: tuple[Figure | Table | Text, ...] = (
    Text("Algorithm 1", "Iterative Magnitude Pruning with late rewinding.",
         ("Mask Search: in each of N rounds train the ticket, prune the weights of lowest "
          "magnitude, rewind the others to those of step k.",
          "Sparse Training: train the ticket that was found."),
         "lth_tf/experiments/search.py, search_levels; sparse_training.py"),
    *_figures(_DENSE, {"1": TINY}),
    _table("1", "forgetting", TINY),
    _table("2", "settings", TINY),
    _table("3", "short_searches", TINY, settings=(PLAIN, (0.9, 100))),
    _table("4", "other_settings", TINY),
    _table("5", "probes", TINY),
    _table("6", "transfer", C10),
    _table("7", "few_shot", TINY),
    *_figures(_SUCCESSIVE, {"2": TINY}),
    *_figures(_DENSE, {"3": C10, "4": C100, "5": VGG}),
    *(_table(number, "forgetting", file)
      for number, file in (("8", C10), ("9", C100), ("10", VGG))),
    Figure("6", "The evolution of forgetting events during training for (a) ResNet-18 + CIFAR-10, "
           "(b) ResNet-18 + CIFAR-100, (c) VGG16 + CIFAR-100, and (d) ResNet-34 + TinyImageNet.",
           BySetting("Forgetting events through training", "forgetting", "events_by_epoch",
                     "events of an example in an epoch", "epoch", "", scale=1,
                     only={"network": "dense"}, settings=_MAIN),
           standing_for(C10, C100, VGG, TINY), "forgetting", together=True),
    Figure("7", "(a) Linear interpolation curves, (b) error barriers, and (c) validation "
           "accuracies of ResNet18 networks trained on different subsets of CIFAR10, μ = 0.0, 256 "
           "batch size.", _WITHOUT_SOME, keys(C10, (PLAIN,)), "without_some",
           together=True),
    *(Figure(number, f"Instability for a ResNet-34 ticket at {sparsity} sparsity trained on "
             "TinyImageNet with different training configurations.",
             _instability(network="imp", level=level), standing_for(TINY), "tickets",
             these_alone=True, together=True)
      for number, level, sparsity in (("8", 5, "67.23%"), ("9", 10, "89.26%"))),
    *_figures(_SUCCESSIVE, {"10": C10, "11": C100, "12": VGG}),
    _table("11", "settings", C10, C100),
    _table("12", "settings", VGG),
    *_figures(_ACCURACIES, {"13": C10, "14": C100, "15": VGG, "16": TINY}),
    Figure("17", "Instability for a dense ResNet-18 on CIFAR-10 with different training "
           "configurations, featuring more batch sizes. We show the full interpolation curve in "
           "(a) and the error barrier in (b).",
           _instability((*_MAIN, *map(words, BATCHES)), network="dense"), standing_for(C10),
           "batches", these_alone=True, together=True),
    _table("13", "batches", C10, settings=BATCHES),
    _table("14", "momenta", C10, settings=MOMENTA),
    _table("15", "onset", C10, C100, VGG, TINY),
    _table("16", "short_searches", C10),
    _table("17", "probes", C10),
    _table("18", "probes", C100),
    *_figures(_PROBES, {"18": C10, "19": C100, "20": TINY}),
    _table("19", "transfer", C100),
    _table("20", "transfer", TINY),
    _table("21", "few_shot", C10),
    _table("22", "few_shot", C100),
    *_figures(_FEW_SHOT, {"21": C10, "22": C100, "23": TINY}),
    _table("23", "forgotten", C10, settings=(PLAIN,)),
)  # fmt: skip
