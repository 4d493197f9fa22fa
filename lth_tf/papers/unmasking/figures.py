"""The figures and appendices of unmasking, in the order in which they appear.

Captions are the paper's, cut to what a panel shows. A point is of one run of each of 4 replicates.
"""

from lth_tf.figures.against_density import AdaptiveRatio
from lth_tf.figures.curves import Curves
from lth_tf.figures.figure import Figure
from lth_tf.figures.landscape import Connectivity, Planes
from lth_tf.papers.unmasking.networks import NETWORKS
from lth_tf.report.paper import Table, Text

_DIAGRAM = """<svg viewBox="0 0 380 190" role="img" aria-label="Two nested planes, subspaces of the
weights that two masks leave. In the larger one the network of level L is trained from its rewind
point, a circle, to its solution, a triangle. Pruning projects the solution onto the smaller one, a
cross; the rewind point under that mask is trained to the solution of level L + 1, a triangle on the
smaller plane. A region around both solutions is connected without a barrier.">
<g stroke="none"><path fill="#0072B2" opacity="0.15" d="M20 150 L150 30 L370 30 L300 150 Z"/>
<path fill="#E69F00" opacity="0.3" d="M20 150 L300 150 L310 170 L30 170 Z"/>
<ellipse fill="#009E73" opacity="0.22" cx="215" cy="112" rx="62" ry="58"/></g>
<g fill="none" stroke-width="2"><path stroke="#0072B2" d="M90 110 C120 60 160 70 214 84"/>
<path stroke="#D55E00" d="M78 160 C120 150 180 172 238 158"/>
<path stroke="#555555" stroke-dasharray="5 4" d="M214 90 L190 156"/></g>
<g><circle cx="90" cy="110" r="5" fill="#0072B2"/><circle cx="78" cy="160" r="5" fill="#D55E00"/>
<path d="M214 76 L221 90 L207 90 Z" fill="#0072B2"/>
<path d="M240 151 L247 165 L233 165 Z" fill="#D55E00"/>
<path d="M184 152 L196 164 M196 152 L184 164" stroke="#D55E00" stroke-width="3"/></g>
<g font-size="12" fill="currentColor"><text x="62" y="98">rewind point</text>
<text x="222" y="76">level L solution</text><text x="250" y="168">level L + 1 solution</text>
<text x="136" y="184">level L projection</text><text x="262" y="110">no barrier</text></g></svg>"""

DIAGRAM = Text(
    "Figure 1", "Error landscape of IMP: it moves through a sequence of nested axial subspaces of "
    "increasing sparsity; where it finds matching solutions, there is no error barrier on the "
    "piecewise linear path between them.",
    svg=_DIAGRAM,
)  # fmt: skip

ADAPTIVE = Text(
    "Heuristic", "A simple adaptive pruning heuristic for optimizing IMP (section 2.2).",
    ("Estimate an ε: the standard deviation of the training loss across batches over the last "
     "epoch of training the dense network; the threshold is its training loss + ε.",
     "At the level L solution, find the maximum of the ratios 10%, 20%, ... such that the "
     "training loss on the line to the pruned solution is less than the threshold.",
     "Prune that ratio, or 20% if it is less, and retrain."),
    "lth_tf/experiments/adaptive.py, by lth-run --experiment=AdaptiveImp",
)  # fmt: skip

IMP = Text(
    "Algorithm 1", "Iterative Magnitude Pruning-Weight Rewinding (IMP-WR).",
    ("Initialize a dense network w₀ and a pruning mask m⁽⁰⁾ = 1.",
     "Train w₀ for τ steps to w_τ.",
     "For L in {0, ..., L_max - 1}:",
     "    Train the pruned network m⁽ᴸ⁾ * w_τ to obtain a level L solution w⁽ᴸ⁾.",
     "    Prune a fraction 1 - α of smallest magnitude nonzero weights after training.",
     "Train the final network m⁽ᴸᵐᵃˣ⁾ * w_τ. Measure its accuracy."),
    "lth_tf/experiments/search.py, by lth-imp",
)  # fmt: skip

SETTINGS = Text(
    "Appendix C", "Experimental details; 4 replicates of each network, 20% of the weights pruned "
    "at each round.",
    ("CIFAR-10 ResNet-20: SGD, batch 128, 62400 steps, rate 0.1, momentum 0.9, decay 0.0001; "
     "rate / 10 at 31200 and 46800 steps; 12 rounds; rewound to 0, 250, 2000.",
     "CIFAR-100 ResNet-18: SGD, batch 128, 78125 steps, rate 0.1, momentum 0.9, decay 0.0005; "
     "rate / 5 at 23438, 46875, 62500 steps; 15 rounds; rewound to 0, 400, 3200.",
     "ImageNet ResNet-50: decoupled SGD, batch 2048, 15970 steps, rate 2.048, momentum 0.875, "
     "decay 0.0005; cosine, 5000 steps of warm-up; 12 rounds; rewound to 0, 1250, 5000.",
     "Lines are evaluated at β = 0.1, 0.2, ..., 0.9; slices on a grid of 51 x 51."),
    "gin/papers/unmasking",
)  # fmt: skip

_EVERY = tuple(NETWORKS)

ITEMS: tuple[Figure | Table | Text, ...] = (
    DIAGRAM,
    Figure("2", "Error connectivity of IMP: the error along a piecewise linear path connecting "
           "each level L solution to the L + 1 solution for 3 different rewind steps; the same of "
           "the step that produces matching subnetworks; the maximal error between all pairs of "
           "solutions at different levels, from that step.",
           Connectivity(), ("resnet50", "resnet20"), "connectivity"),
    Figure("3", "Two-dimensional slices of the error landscape spanned by the level L solution, "
           "its projection onto the axial subspace of the level L + 1 mask, and the level L + 1 "
           "solution, at three levels.",
           Planes(panels=3), ("resnet20", "resnet18_cifar100"), "planes"),
    Figure("4", "Adaptive pruning heuristic, compared to IMP with a fixed pruning ratio of 20% at "
           "each level.", AdaptiveRatio(), ("resnet18_cifar100",), "adaptive"),
    ADAPTIVE,
    Table("2.2", "What the text says of the other networks: levels to the sparsest density at "
          "which IMP matches, and the first ratio that the heuristic takes.",
          ("resnet20", "resnet50"), "adaptive", called="Section"),
    IMP,
    SETTINGS,
    Table("D", "Pruning a dense network: barriers between the dense network and level 1, or the "
          "dense network that is trained from a perturbed rewind point, and its instability; over "
          "ε, the standard deviation of the dense network's error.",
          _EVERY, "perturbation", called="Appendix"),
    Figure("5", "Error and rewind steps for IMP.",
           Curves("Test error at every level", "evaluation", ("test_error",), "test error (%)",
                  x="level", lines="rewind_step", panels="", spread="band",
                  only={"network": ("dense", "imp")}), _EVERY, "connectivity"),
    Figure("6", "The same plots as Figure 2.", Connectivity(), _EVERY, "connectivity"),
    *(Figure(number, f"All the projection levels for {dataset}: the slice determined at each "
             "level L by the solution found there, its projection onto the axial subspace, and "
             "the solution found at level L + 1.", Planes(), (network,), "planes")
      for number, network, dataset in (("7", "resnet20", "CIFAR-10"),
                                       ("8", "resnet18_cifar100", "CIFAR-100"))),
)  # fmt: skip
