"""The timelines of early_phase, figs 2 and A1, in the words of section 4."""

from lth_tf.report.paper import Text

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
