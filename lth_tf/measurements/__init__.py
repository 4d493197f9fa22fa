"""Measurements of weights: one file a kind."""

from lth_tf.measurements.compare import Compare, Predict
from lth_tf.measurements.convergence import Convergence
from lth_tf.measurements.curvature import Curvature
from lth_tf.measurements.distance import Distance, Stability
from lth_tf.measurements.evaluate import Evaluate, EvaluateHead, EvaluateHeads, EvaluateTest
from lth_tf.measurements.forgetting import Forgetting
from lth_tf.measurements.gradient import Gradient, GradientMagnitude, HessianGradient
from lth_tf.measurements.interpolate import Interpolate, Segment, Statistics
from lth_tf.measurements.measurement import Measurement, require_two_samples
from lth_tf.measurements.plane import Plane
from lth_tf.measurements.pruning_ratio import PruningLosses, PruningRatio
from lth_tf.measurements.training_losses import TrainingLosses
from lth_tf.measurements.weights import Difference, WeightStatistics

__all__ = [
    "Compare", "Convergence", "Curvature", "Difference", "Distance", "Evaluate", "EvaluateHead",
    "EvaluateHeads", "EvaluateTest", "Gradient", "GradientMagnitude", "HessianGradient",
    "Forgetting", "Interpolate", "Measurement", "Plane", "Predict", "PruningLosses", "PruningRatio",
    "Segment", "Stability", "Statistics", "TrainingLosses", "WeightStatistics",
    "require_two_samples",
]  # fmt: skip
