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
from lth_tf.report.paper import Table, Text

_DIAGRAM = """<svg viewBox="0 0 366 186" role="img" aria-label="Two diagrams. Left, from step 0:
two copies of a network are trained from its initialization under different noise; the error along
the line between the two ends is the measure. Right, from step k: the network is trained for k steps
first, and the copies from there.">
<g fill="none" stroke="#555555" stroke-width="2"><path d="M190 100 C200 80 218 118 236 100"/>
<path stroke="#0072B2" d="M24 100 C52 90 70 37 112 43"/>
<path stroke="#E69F00" d="M24 100 C52 110 70 163 112 157"/>
<path stroke="#D55E00" stroke-dasharray="6 4" d="M112 43 L112 157"/>
<path stroke="#0072B2" d="M236 100 C260 90 272 37 306 43"/>
<path stroke="#E69F00" d="M236 100 C260 110 272 163 306 157"/>
<path stroke="#D55E00" stroke-dasharray="6 4" d="M306 43 L306 157"/></g>
<g fill="#555555"><circle cx="24" cy="100" r="5"/><circle cx="112" cy="43" r="5"/>
<circle cx="112" cy="157" r="5"/><circle cx="190" cy="100" r="5"/><circle cx="236" cy="100" r="5"/>
<circle cx="306" cy="43" r="5"/><circle cx="306" cy="157" r="5"/></g>
<g font-size="13" fill="currentColor"><text x="10" y="14">From step 0</text>
<text x="4" y="122">W₀</text><text x="120" y="46">W_T¹</text><text x="120" y="164">W_T²</text>
<text x="22" y="44">noise u₁</text><text x="22" y="168">noise u₂</text>
<text x="118" y="97">error on</text><text x="118" y="113">the line</text>
<text x="190" y="14">From step k</text><text x="178" y="122">W₀</text>
<text x="212" y="122">W_k</text><text x="188" y="84">k steps</text>
<text x="314" y="46">W_T¹</text><text x="314" y="164">W_T²</text>
<text x="226" y="44">noise u₁</text><text x="226" y="168">noise u₂</text>
<text x="312" y="97">error on</text><text x="312" y="113">the line</text></g></svg>"""

DIAGRAM = Text(
    "Figure 1", "A diagram of instability analysis from step k when comparing networks using "
    "linear interpolation.",
    svg=_DIAGRAM,
)  # fmt: skip

INSTABILITY_ANALYSIS = Text(
    "Algorithm 1", "Compute instability of W_k with function f.",
    ("Train W_k to W_T¹ with noise u₁ ~ U.",
     "Train W_k to W_T² with noise u₂ ~ U.",
     "Return f(W_T¹, W_T²), the instability of W_k to SGD noise."),
    "lth_tf/experiments/instability.py, by lth-instability",
)  # fmt: skip

IMP = Text(
    "Algorithm 2", "IMP rewinding to step k and N iterations.",
    ("Create a network with random initialization W₀.",
     "Initialize pruning mask to m = 1.",
     "Train W₀ to W_k with noise u ~ U.",
     "For n in {1, ..., N}:",
     "    Train m * W_k to m * W_T with noise u' ~ U.",
     "    Prune the lowest magnitude entries of W_T that remain: m[i] = 0.",
     "Return W_k, m."),
    "lth_tf/experiments/search.py, by lth-imp",
)  # fmt: skip

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
