"""The figures, tables and algorithms of lmc, in the order in which they appear.

Captions are the paper's, cut to what a panel shows.
"""

from collections.abc import Callable

from lth_tf.analysis import criteria as findings
from lth_tf.analysis.points import at_the_end, instabilities, of
from lth_tf.figures import plots_of_functions, plots_of_lines, plots_of_sparsity, plots_of_training
from lth_tf.figures.plots import Draw, Drawn
from lth_tf.figures.plots_of_steps import AgainstStep
from lth_tf.log.schema import Row
from lth_tf.papers.lmc.networks import NETWORKS
from lth_tf.report.paper import Figure, Table, Text

_SPARSE = ("imp", "random_pruning", "random_reinitialization")
_EVERY = tuple(NETWORKS)
_CIFAR = tuple(name for name in NETWORKS if name.startswith(("resnet20", "vgg16")))
_NOT_IMAGENET = ("lenet", *_CIFAR)

Select = Callable[[list[Row]], list[Row]]


def _lines(*networks: str, k: int | None = None) -> Select:
    """Instabilities at the end, of some kinds of network, from all steps or from one."""

    def select(rows: list[Row]) -> list[Row]:
        found = [r for r in instabilities(at_the_end(rows)) if r["network"] in networks]
        return found if k is None else of(found, rewind_step=k)

    return select


def _ends(*networks: str) -> Select:
    """Evaluations at the end."""
    return lambda rows: [
        r for r in of(at_the_end(rows), kind="evaluation") if r["network"] in networks
    ]


def _distances(*networks: str) -> Select:
    """Distances at rewinding."""
    return lambda rows: [
        row for row in of(rows, kind="distance", schedule="absolute") if row["network"] in networks
    ]


def _copies(*networks: str) -> Select:
    """Distances between the ends of two copies, each pair once."""
    return lambda rows: [
        row
        for row in plots_of_functions.between_copies(at_the_end(rows))
        if row["network"] in networks
    ]


_SPARSE_LINES = _lines(*_SPARSE)
_ALL_ENDS = _ends("dense", *_SPARSE)


def _compared(rows: list[Row]) -> list[Row]:
    return of(at_the_end(rows), kind="comparison")


def _behaviour(split: str, value: str, title: str, unit: str) -> Draw:
    """Two copies of each network; then, where that was measured, a sparse one and a dense one."""
    whole = f"{title}, {split} set"
    alike = AgainstStep("pair", {f"{split} set": f"{split}_{value}"}, whole, unit, 1)
    crossed = AgainstStep(
        "pair", {f"{split} set, sparse against dense": f"{split}_{value}"}, whole, unit, 1
    )

    def draw(rows: list[Row], about: str) -> Drawn:
        yield from alike([r for r in rows if r["against"] == r["network"]], about)
        others = [r for r in rows if r["against"] != r["network"]]
        for _, figure in crossed(others, about):
            yield "-against_dense", figure

    return draw


_INSTABILITY = {"test set": "test_instability", "train set": "train_instability"}
_TEST_INSTABILITY = {"test set": "test_instability"}
_ERROR = {"test set": "test_error", "train set": "train_error"}
_OF_COPIES = "Distance between copies"

_DIAGRAM = """<svg viewBox="0 0 366 186" role="img" aria-label="Two diagrams. Left, from step 0:
two copies of a network are trained from its initialisation under different noise; the error along
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

ITEMS: tuple[Figure | Table | Text, ...] = (
    Text(
        "Figure 1",
        "A diagram of instability analysis from step k when comparing networks using linear "
        "interpolation.",
        svg=_DIAGRAM,
    ),
    Text(
        "Algorithm 1",
        "Compute instability of W_k with function f.",
        (
            "Train W_k to W_T¹ with noise u₁ ~ U.",
            "Train W_k to W_T² with noise u₂ ~ U.",
            "Return f(W_T¹, W_T²), the instability of W_k to SGD noise.",
        ),
        "lth_tf/experiments/instability.py, by lth-instability",
    ),
    Table(
        1,
        "Our networks and hyperparameters. Accuracies are the means and standard deviations across "
        "three initializations.",
        _EVERY,
        "train",
        ("Dataset", "Params", "Steps", "Batch", "Optimizer", "Rate", "Schedule", "Warmup")
        + ("BatchNorm", "Density", "Style"),
    ),
    Figure(
        2,
        "Error when linearly interpolating between networks trained from the same initialization "
        "with different SGD noise. Trained networks are at 0 and 1.",
        _EVERY,
        "instability",
        plots_of_lines.error_along_interpolation,
        _lines("dense", k=0),
    ),
    Figure(
        3,
        "Linear interpolation instability when starting from step k.",
        _EVERY,
        "instability",
        AgainstStep("pair", _INSTABILITY, "Instability", "instability (%)", stable=True),
        _lines("dense"),
    ),
    Figure(
        4,
        "Linear interpolation instability on the test set when making two copies of the state of "
        "the network at step k and either (1) training for the remaining T - k steps or (2) "
        "training for T steps with the learning rate schedule reset to step 0.",
        _CIFAR,
        "restart",
        plots_of_training.restarted_schedule,
        lambda rows: of(rows, kind="instability", network="dense"),
    ),
    Text(
        "Algorithm 2",
        "IMP rewinding to step k and N iterations.",
        (
            "Create a network with random initialization W₀.",
            "Initialize pruning mask to m = 1.",
            "Train W₀ to W_k with noise u ~ U.",
            "For n in {1, ..., N}:",
            "    Train m * W_k to m * W_T with noise u' ~ U.",
            "    Prune the lowest magnitude entries of W_T that remain: m[i] = 0.",
            "Return W_k, m.",
        ),
        "lth_tf/experiments/search.py, by lth-imp",
    ),
    Table(
        2,
        "Accuracy of IMP and random subnetworks when rewinding to k = 0 at the sparsities in "
        "Table 1. Accuracies are means across three initializations. All standard deviations are "
        "< 0.2.",
        _EVERY,
        "instability",
    ),
    Figure(
        5,
        "Test error when linearly interpolating between subnetworks trained from the same "
        "initialization with different SGD noise.",
        _EVERY,
        "instability",
        plots_of_lines.subnetworks_along_interpolation,
        _lines(*_SPARSE, k=0),
    ),
    Figure(
        6,
        "Linear interpolation instability of subnetworks created using the state of the full "
        "network at step k and applying a pruning mask.",
        _EVERY,
        "instability",
        AgainstStep(
            "pair", _TEST_INSTABILITY, "Instability of subnetworks", "instability (%)", stable=True
        ),
        _lines(*_SPARSE),
    ),
    Figure(
        7,
        "Test error of subnetworks created using the state of the full network at step k and "
        "applying a pruning mask.",
        _EVERY,
        "instability",
        AgainstStep(
            "run", {"test set": "test_error"}, "Test error of subnetworks", "error (%)", band=True
        ),
        _ALL_ENDS,
    ),
    Figure(
        8,
        "Train error of subnetworks created using the state of the full network at step k and "
        "applying a pruning mask.",
        _EVERY,
        "instability",
        AgainstStep(
            "run", {"train set": "train_error"}, "Train error of subnetworks", "error (%)",
            band=True,
        ),
        _ALL_ENDS,
    ),
    Figure(
        9,
        "The median rewinding iteration at which IMP subnetworks and randomly pruned subnetworks "
        "become stable and matching.",
        ("resnet20", "vgg16"),
        "all_levels",
        plots_of_sparsity.first_stable_and_matching_step,
        at_the_end,
        every_level=True,
    ),
    Figure(
        10,
        "The methodology by which we select the extreme sparsity levels: the maximum accuracy "
        "achieved by any IMP subnetwork under any rewinding iteration, and the accuracy of the "
        "full network.",
        _EVERY,
        "extreme",
        plots_of_sparsity.extreme_sparsity,
        _ALL_ENDS,
        every_level=True,
    ),
    Figure(
        11,
        "The error of the full networks at the rewinding iteration specified on the x-axis, before "
        "any copies are made or further training occurs.",
        _EVERY,
        "state",
        plots_of_training.error_at_rewinding,
        findings.along_training,
    ),
    Figure(
        12,
        "Various L2 distances for the full networks at the rewinding iteration specified on the "
        "x-axis.",
        _EVERY,
        "state",
        plots_of_training.distances_at_rewinding,
        _distances("dense"),
    ),
    Figure(
        13,
        "Various L2 distances for the IMP subnetworks at the rewinding iteration specified on the "
        "x-axis, after applying the pruning mask to the states of the networks in question.",
        _EVERY,
        "state",
        plots_of_training.distances_at_rewinding,
        _distances("imp"),
    ),
    Figure(
        14,
        "Instability throughout training using both the unpruned networks and the IMP-pruned "
        "networks as computed on both the test set and train set.",
        ("resnet20", "vgg16"),
        "epochs",
        plots_of_training.instability_through_training,
        lambda rows: of(rows, kind="instability", schedule="absolute"),
    ),
    *(
        Figure(
            number,
            f"The {what} of subnetworks of {title} created using the state of the full network at "
            "iteration k and trained on different data orders from there.",
            (network,),
            "all_levels",
            draw,
            select,
            every_level=True,
        )
        for number, network, title, what, draw, select in (
            (15, "resnet20", "ResNet-20", "instability",
             plots_of_sparsity.instability_at_every_level, _SPARSE_LINES),
            (16, "resnet20", "ResNet-20", "test error",
             plots_of_sparsity.error_at_every_level, _ALL_ENDS),
            (17, "vgg16", "VGG-16", "instability",
             plots_of_sparsity.instability_at_every_level, _SPARSE_LINES),
            (18, "vgg16", "VGG-16", "test error",
             plots_of_sparsity.error_at_every_level, _ALL_ENDS),
        )
    ),
    *(
        Figure(
            number,
            "The error when linearly interpolating between the minima found by randomly "
            f"initializing a network, training to iteration k, {how}training two copies from there "
            "to completion using different data orders.",
            _EVERY,
            "instability",
            plots_of_lines.error_along_interpolation,
            _lines(network),
        )
        for number, network, how in (
            (19, "dense", "and "),
            (20, "imp", "pruning according to IMP, and "),
            (21, "random_pruning",
             "pruning randomly in the same layerwise proportions as IMP, and "),
            (22, "random_reinitialization",
             "pruning according to IMP, randomly reinitializing, and "),
        )
    ),
    Figure(
        23,
        "The train and test set instability of subnetworks that are created by using the state of "
        "the full network at iteration k and applying the mask found by IMP with rewinding to k.",
        _EVERY,
        "instability",
        AgainstStep("pair", _INSTABILITY, "Instability of IMP", "instability (%)", stable=True),
        _lines("imp"),
    ),
    Figure(
        24,
        "The train and test set error of subnetworks that are created by using the state of the "
        "full network at iteration k and applying the mask found by IMP with rewinding to k.",
        _EVERY,
        "instability",
        AgainstStep("initialisation", _ERROR, "Error of IMP", "error (%)", band=True),
        _ends("dense", "imp"),
    ),
    *(
        Figure(
            number,
            f"The {name} distance between {what}",
            _EVERY,
            "functions",
            AgainstStep("pair", {f"{kind} networks": value}, _OF_COPIES, f"{name} distance", 1),
            _copies(*networks),
        )
        for number, name, value, kind, networks, what in (
            (25, "L2", "l2_distance", "dense", ("dense",),
             "networks that are trained to iteration k, copied, and trained on different data "
             "orders from there."),
            (26, "L2", "l2_distance", "sparse", _SPARSE,
             "subnetworks that are created by using the state of the full network at iteration k "
             "and applying a pruning mask."),
            (27, "cosine", "cosine_distance", "dense", ("dense",),
             "networks that are trained to iteration k, copied, and trained on different data "
             "orders from there."),
            (28, "cosine", "cosine_distance", "sparse", _SPARSE,
             "subnetworks that are created by using the state of the full network at iteration k "
             "and applying a pruning mask."),
        )
    ),
    *(
        Figure(
            number,
            f"The {what} for networks that are created by training the full network to iteration "
            "k, optionally applying a pruning mask, and training on different data orders.",
            _EVERY if split == "test" else _NOT_IMAGENET,
            "functions",
            _behaviour(split, value, title, unit),
            _compared,
        )
        for number, split, value, title, unit, what in (
            (29, "test", "differences", "Classifications that differ", "examples",
             "number of different test set classifications"),
            (30, "train", "differences", "Classifications that differ", "examples",
             "number of different train set classifications"),
            (31, "test", "loss_distance", "L2 distance of losses by example", "L2 distance (nats)",
             "L2 distance between the per-example losses on the test set"),
            (32, "train", "loss_distance", "L2 distance of losses by example",
             "L2 distance (nats)",
             "L2 distance between the per-example losses on the train set"),
        )
    ),
)  # fmt: skip
