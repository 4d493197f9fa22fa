"""The diagram and the algorithms of lmc, which nothing is measured for."""

from lth_tf.report.paper import Text

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
