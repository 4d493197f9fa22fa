"""The figures and the table of early_phase, in the order in which they appear.

Captions are the paper's, cut to what a picture shows; colors of lines are those that its text
names. Panels of figs 4 to 8 are k = 500 and k = 2,000, those of fig. 9 the four pretext tasks. The
blue line of fig. 4 is what its caption says, signs and magnitudes of iteration 0 under the masks of
k; that of all others is IMP rewound to 0, with its own masks.
"""

from collections.abc import Mapping

from lth_tf.figures.against_density import AgainstDensity, DensityLine
from lth_tf.figures.chart import Look
from lth_tf.figures.figure import Figure, Form
from lth_tf.figures.palette import BLUE, GREEN, GREY, ORANGE, VERMILLION
from lth_tf.figures.perturbed import AgainstDeviation
from lth_tf.figures.telemetry import CURVATURE, AlongTraining
from lth_tf.papers.early_phase.kinds import (
    FOURTEEN,
    LENGTHS,
    MIXES,
    NOISES,
    PRETEXTS,
    SAME_SIGN,
    SHUFFLED_MAGNITUDES,
    SHUFFLES,
    pretrained,
)
from lth_tf.papers.early_phase.networks import NETWORKS, OTHERS
from lth_tf.papers.early_phase.texts import TIMELINE, TIMELINE_OF_PAPERS
from lth_tf.report.paper import Table, Text

_RED, _PURPLE, _BROWN, _SKY = VERMILLION, "#CC79A7", "#8C564B", "#56B4E9"
_EVERY, _MAIN = tuple(NETWORKS), ("resnet20",)
_STEPS = {0: (BLUE, "o"), 100: (_SKY, "v"), 250: (GREEN, "^"), 500: (ORANGE, "s"),
          1000: (_RED, "D"), 2000: (_PURPLE, "P")}  # fmt: skip
_EPOCHS = ((GREY, "v"), (_SKY, "^"), (GREEN, "D"), (_RED, "P"), (_PURPLE, "X"))


def _rewound(k: int) -> DensityLine:
    """Returns the line of IMP rewound to step k, from the dense network of its search on."""
    fields = {"network": ("dense", "imp"), "rewind_step": k}
    return DensityLine(f"Rewind to {k:,}", fields, Look(*_STEPS[k]))


def _beside(k: int) -> DensityLine:
    """Returns the same, beside what else was done to its networks."""
    return _rewound(k)._replace(reference=True)


def _kind(network: str, label: str, color: str, marker: str, k: int | None = None) -> DensityLine:
    fields = {"network": network} | ({} if k is None else {"rewind_step": k})
    return DensityLine(label, fields, Look(color, marker))


def _perturbed(
    title: str, *kinds: tuple[str, str, str, str], own_masks: bool = True
) -> AgainstDensity:
    """Returns the figure of perturbations at both k, beside IMP rewound to 0 and to k."""
    panels: dict[str, tuple[DensityLine, ...]] = {}
    for k in (500, 2000):
        rewound = _beside(k)._replace(label="Rewound to k", look=Look(ORANGE, "s"))
        blue = (_beside(0)._replace(label="Rewound to 0"),) if own_masks else ()
        panels[f"k = {k:,}"] = (*blue, rewound, *(_kind(*kind, k) for kind in kinds))
    return AgainstDensity(title, panels)


def _pretraining(pretext: str) -> tuple[DensityLine, ...]:
    lengths = (
        _kind(pretrained(pretext, epochs), f"Pre-trained for {epochs} epochs", *look)
        for epochs, look in zip(LENGTHS, _EPOCHS, strict=True)
    )
    return (_beside(0), _beside(500), *lengths)


_IMP = AgainstDensity("IMP rewound to iteration k", {"": tuple(map(_rewound, _STEPS))})
_MIXED = _perturbed(
    "Signs and magnitudes of iterations 0 and k",
    ("signs_initial_magnitudes_initial", "Signs 0, magnitudes 0", BLUE, "o"),
    (MIXES[0], "Signs k, magnitudes 0", _RED, "D"),
    (MIXES[1], "Signs k, magnitudes of another initialization", GREEN, "^"),
    (MIXES[2], "Signs 0, magnitudes k", _PURPLE, "v"),
    own_masks=False,
)
_SHUFFLED = _perturbed(
    "Weights of iteration k, shuffled",
    (SHUFFLES[0], "Shuffled globally", GREEN, "^"),
    (SHUFFLES[1], "Shuffled within layers", _RED, "D"),
    (SHUFFLES[2], "Shuffled within filters", _PURPLE, "v"),
)
_SHUFFLED_SIGNS = _perturbed(
    "Weights of iteration k, shuffled among those of the same sign",
    (SAME_SIGN[0], "Shuffled globally", GREEN, "^"),
    (SAME_SIGN[1], "Shuffled within layers", _RED, "D"),
    (SAME_SIGN[2], "Shuffled within filters", _PURPLE, "v"),
    (SHUFFLED_MAGNITUDES, "Signs 0, magnitudes shuffled within layers", _BROWN, "P"),
)
_NOISE = _perturbed(
    "Weights of iteration k with Gaussian noise",
    *(
        (name, f"{name.removeprefix('noise_')} σ", color, marker)
        for name, color, marker in zip(NOISES, (GREEN, _RED, _PURPLE, _BROWN), "^DvP", strict=True)
    ),
)
_DEVIATION = AgainstDeviation(FOURTEEN, (500, 2000))
_PRETRAINED = AgainstDensity(
    "IMP after pre-training",
    {text[0].upper() + text[1:]: _pretraining(key) for key, text in PRETEXTS.items()},
)
_SPARSE = AgainstDensity(
    "Sparse networks pre-trained on rotation for 40 epochs",
    {
        "": (
            _beside(0),
            _beside(500),
            _kind("imp_after_rotation", "IMP, pre-trained", _RED, "D", 500),
            _kind("initial_weights_after_rotation", "Initial weights under IMP's mask, pre-trained",
                  _SKY, "P", 500),
            _kind("random_reinitialization_after_rotation", "Randomly reinitialized, pre-trained",
                  GREEN, "^", 500),
            _kind("random_pruning_after_rotation", "Randomly pruned, pre-trained", _PURPLE, "v",
                  500),
        )
    },
)  # fmt: skip

# Number, number in appendix B, caption, form, study.
_BOTH = (
    ("1", "A2", "Accuracy of sub-networks at increasing sparsity when rewinding to several "
     "iterations.", _IMP, "imp"),
    ("3", "A3", "Basic telemetry about the state of the network during the first 4000 iterations "
     "of training.", AlongTraining(), "telemetry"),
    ("4", "A4", "Performance of an IMP-derived sub-network initialized to the signs at iteration 0 "
     "or k and the magnitudes at iteration 0 or k.", _MIXED, "perturbations"),
    ("5", "A5", "Performance of an IMP-derived sub-network initialized with the weights at "
     "iteration k permuted within various structural elements.", _SHUFFLED, "perturbations"),
    ("6", "A6", "The effect of training an IMP-derived sub-network initialized with the weights at "
     "iteration k as shuffled within various structural elements where shuffling only occurs "
     "between weights with the same sign.", _SHUFFLED_SIGNS, "perturbations"),
    ("7", "A7", "The effect of training an IMP-derived sub-network initialized with the weights at "
     "iteration k and Gaussian noise of nσ, where σ is the standard deviation of the "
     "initialization distribution for each layer.", _NOISE, "perturbations"),
    ("8", "A8", "The effective standard deviation of various perturbations as a function of mean "
     "evaluation accuracy (across 5 seeds) at sparsity 26.2%.", _DEVIATION, "perturbations"),
)  # fmt: skip


def _main(number: str) -> Figure:
    """Returns a figure of the main text, which is about ResNet-20."""
    found = next(row for row in _BOTH if row[0] == number)
    _, _, caption, form, study = found
    return Figure(number, caption, form, _MAIN, study, _also(form))


def _also(form: Form) -> tuple[Form, ...]:
    """Returns the chart of curvature beside telemetry, as the paper's section 2 tells of it."""
    return (CURVATURE,) if isinstance(form, AlongTraining) else ()


def _appendix() -> Mapping[str, Figure]:
    """Returns the figures of appendix B, of the other networks; A3 is of all."""
    found = {}
    for _, number, caption, form, study in _BOTH:
        found[number] = Figure(number, caption, form, OTHERS, study, _also(form))
    for number, (key, text) in zip(("A9", "A10", "A11", "A12"), PRETEXTS.items(), strict=True):
        form = AgainstDensity(f"IMP after pre-training on {text}", {"": _pretraining(key)})
        caption = f"The effect of pre-training CIFAR-10 with {text}."
        found[number] = Figure(number, caption, form, OTHERS, "pretraining")
    return found


ITEMS: tuple[Figure | Table | Text, ...] = (
    _main("1"),
    TIMELINE,
    *(_main(number) for number in ("3", "4", "5", "6", "7", "8")),
    Figure("9",
        "The effect of pre-training ResNet-20 on CIFAR-10 with random labels, self-supervised "
        "rotation, 4x blurring, and 4x blurring and self-supervised rotation.",
        _PRETRAINED, _MAIN, "pretraining"),
    Figure("10",
        "The effect of pretraining sparse sub-networks of ResNet-20 (rewound to iteration 500) "
        "with 40 epochs of self-supervised rotation before training on CIFAR-10.",
        _SPARSE, _MAIN, "sparse_pretraining"),
    Table("A1", "Summary of the networks we study in this paper.", _EVERY, "train",
          ("Epochs", "Batch Size", "Learning Rate", "Parameters")),
    TIMELINE_OF_PAPERS,
    *_appendix().values(),
)  # fmt: skip
