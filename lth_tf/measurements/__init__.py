"""Measurements of weights: one file a kind."""

from lth_tf.measurements.compare import Compare, Predict
from lth_tf.measurements.convergence import Convergence
from lth_tf.measurements.distance import Distance
from lth_tf.measurements.evaluate import Evaluate
from lth_tf.measurements.forgetting import Forgetting
from lth_tf.measurements.gradient import Gradient, HessianGradient
from lth_tf.measurements.interpolate import Interpolate
from lth_tf.measurements.measurement import Measurement, require_two_samples
from lth_tf.measurements.stability import Stability

__all__ = [
    "Compare",
    "Convergence",
    "Distance",
    "Evaluate",
    "Gradient",
    "HessianGradient",
    "Forgetting",
    "Interpolate",
    "Measurement",
    "Predict",
    "Stability",
    "require_two_samples",
]
