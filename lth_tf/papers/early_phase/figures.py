"""The figures and the table of early_phase, in the order in which they appear.

Captions are the paper's, cut to what a picture shows; colors of lines are those that its text
names. Panels of figs 4 to 8 are k = 500 and k = 2,000, those of fig. 9 the four pretext tasks. The
blue line of fig. 4 is what its caption says, signs and magnitudes of iteration 0 under the masks of
k; that of all others is IMP rewound to 0, with its own masks.
"""

from collections.abc import Iterable

from lth_tf.figures.against_density import AgainstDensity, DensityLine
from lth_tf.figures.chart import Look
from lth_tf.figures.figure import Figure, Form
from lth_tf.figures.palette import BLUE, GREEN, GREY, ORANGE, VERMILLION
from lth_tf.figures.perturbed import AgainstDeviation
from lth_tf.figures.telemetry import CURVATURE, AlongTraining
from lth_tf.papers.early_phase import kinds
from lth_tf.papers.early_phase.networks import MAIN, NETWORKS, OTHERS
from lth_tf.report.paper import Table, Text

_SVG = """<svg viewBox="0 0 560 132" role="img" aria-label="A timeline of the first 4,000 steps of
training, in three phases: the first few steps; to about step 500; and from there on.">
<g stroke="#555555" stroke-width="2"><path d="M20 66 L540 66"/>
<path d="M20 60 L20 72"/><path d="M110 60 L110 72"/><path d="M300 60 L300 72"/>
<path d="M430 60 L430 72"/><path d="M540 60 L540 72"/></g>
<g font-size="12" fill="currentColor" text-anchor="middle"><text x="20" y="88">0</text>
<text x="110" y="88">10</text><text x="300" y="88">500</text><text x="430" y="88">2,000</text>
<text x="540" y="88">4,000</text><text x="65" y="24">large gradients,</text>
<text x="65" y="40">rapid motion</text><text x="205" y="24">accuracy and magnitudes</text>
<text x="205" y="40">rise quickly</text><text x="420" y="24">all go on in the same</text>
<text x="420" y="40">direction, and slow down</text>
<text x="365" y="112">the benefit of rewinding</text>
<text x="365" y="128">saturates</text></g></svg>"""

_PHASES = (
    "The initial few iterations: gradient magnitudes are very large and, consequently, the network "
    "changes rapidly.",
    "About 500 iterations: performance quickly improves, weight magnitudes quickly increase, sign "
    "differences from initialization quickly increase, and gradient magnitudes reach a minimum "
    "before settling at a stable level.",
    "From there on: all of these quantities continue to change in the same direction, but begin to "
    "decelerate.",
    "The benefit of rewinding saturates roughly between 500 and 2000 iterations (figure 1).",
)
_WHERE = "lth_tf/experiments/telemetry.py, by lth-run"

TIMELINE = Text(
    "Figure 2", "Rough timeline of the early phase of training for ResNet-20 on CIFAR-10.",
    _PHASES, _WHERE, _SVG,
)  # fmt: skip
TIMELINE_OF_PAPERS = Text(
    "Figure A1", "Rough timeline of the early phase of training for ResNet-18 on CIFAR-10, "
    "including results from previous papers.",
    (*_PHASES,
     "Sagun et al. 2017, Gur-Ari et al. 2018: very rapidly a few large eigenvalues of the "
     "Hessian emerge, the bulk is close to zero, and negative ones become very small; gradient "
     "descent then appears to occur largely within the top subspace.",
     "Achille et al. 2019: a critical period, which extends well beyond the time studied here."),
    _WHERE,
)  # fmt: skip

_RED, _PURPLE, _BROWN, _SKY = VERMILLION, "#CC79A7", "#8C564B", "#56B4E9"
# By the step k that IMP is rewound to.
_LOOKS = {0: (BLUE, "o"), 100: (_SKY, "v"), 250: (GREEN, "^"), 500: (ORANGE, "s"),
          1000: (_RED, "D"), 2000: (_PURPLE, "P")}  # fmt: skip
# By the epochs of pretraining.
_LENGTHS = {2: (GREY, "v"), 5: (_SKY, "^"), 10: (GREEN, "D"), 20: (_RED, "P"), 40: (_PURPLE, "X")}
_PERTURBED = ((GREEN, "^"), (_RED, "D"), (_PURPLE, "v"), (_BROWN, "P"))


def _rewound(k: int, reference: bool = False) -> DensityLine:
    """Returns the line of IMP rewound to step k, from the dense network of its search on."""
    fields = {"network": ("dense", "imp"), "rewind_step": k}
    return DensityLine(f"Rewind to {k:,}", fields, Look(*_LOOKS[k]), reference=reference)


_REWOUND_TO_0, _REWOUND_TO_500 = _rewound(0, True), _rewound(500, True)


def _line(label: str, network: str, look: tuple[str, str], k: int | None = None) -> DensityLine:
    fields = {"network": network} | ({} if k is None else {"rewind_step": k})
    return DensityLine(label, fields, Look(*look))


def _perturbed(title: str, *lines: tuple[str, str], own_masks: bool = True) -> AgainstDensity:
    """Returns perturbations at both k, network and label each, beside IMP rewound to 0 and to k.

    Without IMP's own masks of 0, the first of them takes the color of IMP rewound to 0.
    """
    panels: dict[str, tuple[DensityLine, ...]] = {}
    looks = _PERTURBED if own_masks else ((BLUE, "o"), (_RED, "D"), (GREEN, "^"), (_PURPLE, "v"))
    for k in (500, 2000):
        blue = (_REWOUND_TO_0._replace(label="Rewound to 0"),) if own_masks else ()
        rewound = _rewound(k, True)._replace(label="Rewound to k", look=Look(ORANGE, "s"))
        perturbed = (_line(label, network, look, k)
                     for (network, label), look in zip(lines, looks, strict=False))  # fmt: skip
        panels[f"k = {k:,}"] = (*blue, rewound, *perturbed)
    return AgainstDensity(title, panels)


def _shuffled(title: str, networks: Iterable[str], *lines: tuple[str, str]) -> AgainstDensity:
    within = ("Shuffled globally", "Shuffled within layers", "Shuffled within filters")
    return _perturbed(title, *zip(networks, within, strict=True), *lines)


def _pretraining(pretext: str) -> tuple[DensityLine, ...]:
    lengths = (_line(f"Pre-trained for {n} epochs", kinds.pretrained(pretext, n), look)
               for n, look in _LENGTHS.items())  # fmt: skip
    return (_REWOUND_TO_0, _REWOUND_TO_500, *lengths)


_SPARSE = AgainstDensity("Sparse networks pre-trained on rotation for 40 epochs", {"": (
    _REWOUND_TO_0,
    _REWOUND_TO_500,
    *(_line(f"{label}, pre-trained", f"{network}_after_rotation", look, 500)
      for network, label, look in (
          ("imp", "IMP", (_RED, "D")),
          ("initial_weights", "Initial weights under IMP's mask", (_SKY, "P")),
          ("random_reinitialization", "Randomly reinitialized", (GREEN, "^")),
          ("random_pruning", "Randomly pruned", (_PURPLE, "v")))),
)})  # fmt: skip

# By the number in the main text, whose figures are of ResNet-20; appendix B has them for the
# others: caption, form, study.
_PERMUTED = "The effect of training an IMP-derived sub-network initialized with the weights at "
_BOTH: dict[str, tuple[str, Form, str]] = {
    "1": ("Accuracy of sub-networks at increasing sparsity when rewinding to several iterations.",
          AgainstDensity("IMP rewound to iteration k", {"": tuple(map(_rewound, _LOOKS))}), "imp"),
    "3": ("Basic telemetry about the state of the network during the first 4000 iterations of "
          "training.", AlongTraining(), "telemetry"),
    "4": ("Performance of an IMP-derived sub-network initialized to the signs at iteration 0 or k "
          "and the magnitudes at iteration 0 or k.",
          _perturbed("Signs and magnitudes of iterations 0 and k",
                     ("signs_initial_magnitudes_initial", "Signs 0, magnitudes 0"),
                     (kinds.MIXES[0], "Signs k, magnitudes 0"),
                     (kinds.MIXES[1], "Signs k, magnitudes of another initialization"),
                     (kinds.MIXES[2], "Signs 0, magnitudes k"), own_masks=False),
          "perturbations"),
    "5": ("Performance of an IMP-derived sub-network initialized with the weights at iteration k "
          "permuted within various structural elements.",
          _shuffled("Weights of iteration k, shuffled", kinds.SHUFFLES), "perturbations"),
    "6": (f"{_PERMUTED}iteration k as shuffled within various structural elements where shuffling "
          "only occurs between weights with the same sign.",
          _shuffled("Weights of iteration k, shuffled among those of the same sign",
                    kinds.SAME_SIGN, (kinds.SHUFFLED_MAGNITUDES,
                                      "Signs 0, magnitudes shuffled within layers")),
          "perturbations"),
    "7": (f"{_PERMUTED}iteration k and Gaussian noise of nσ, where σ is the standard deviation of "
          "the initialization distribution for each layer.",
          _perturbed("Weights of iteration k with Gaussian noise",
                     *((name, f"{name.removeprefix('noise_')} σ") for name in kinds.NOISES)),
          "perturbations"),
    "8": ("The effective standard deviation of various perturbations as a function of mean "
          "evaluation accuracy (across 5 seeds) at sparsity 26.2%.",
          AgainstDeviation(kinds.FOURTEEN, (500, 2000)), "perturbations"),
}  # fmt: skip


def _both(number: str, networks: tuple[str, ...], prefix: str = "") -> Figure:
    """Returns a figure for ResNet-20 or, as 'A2' and on, for other networks.

    Beside telemetry stands the chart of curvature, as section 2 tells of it.
    """
    caption, form, study = _BOTH[number]
    also = (CURVATURE,) if number == "3" else ()
    return Figure(prefix or number, caption, form, networks, study, also)


ITEMS: tuple[Figure | Table | Text, ...] = (
    _both("1", (MAIN,)),
    TIMELINE,
    *(_both(number, (MAIN,)) for number in "345678"),
    Figure("9", "The effect of pre-training ResNet-20 on CIFAR-10 with random labels, "
           "self-supervised rotation, 4x blurring, and 4x blurring and self-supervised rotation.",
           AgainstDensity("IMP after pre-training",
                          {text[0].upper() + text[1:]: _pretraining(key)
                           for key, text in kinds.PRETEXTS.items()}), (MAIN,), "pretraining"),
    Figure("10", "The effect of pretraining sparse sub-networks of ResNet-20 (rewound to iteration "
           "500) with 40 epochs of self-supervised rotation before training on CIFAR-10.",
           _SPARSE, (MAIN,), "sparse_pretraining"),
    Table("A1", "Summary of the networks we study in this paper.", tuple(NETWORKS), "train",
          ("Epochs", "Batch Size", "Learning Rate", "Parameters")),
    TIMELINE_OF_PAPERS,
    *(_both(number, OTHERS, f"A{place}") for place, number in enumerate(_BOTH, 2)),
    *(Figure(f"A{place}", f"The effect of pre-training CIFAR-10 with {text}.",
             AgainstDensity(f"IMP after pre-training on {text}", {"": _pretraining(key)}),
             OTHERS, "pretraining")
      for place, (key, text) in enumerate(kinds.PRETEXTS.items(), 9)),
)  # fmt: skip
