"""What unmasking has that is not measured: its diagram, its algorithms, its settings."""

from lth_tf.report.paper import Text

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
