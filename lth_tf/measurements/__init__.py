"""What is measured of weights: one file a kind."""

from lth_tf.measurements.compare import Compare, Predict
from lth_tf.measurements.curvature import Curvature
from lth_tf.measurements.distance import Distance
from lth_tf.measurements.evaluate import Evaluate
from lth_tf.measurements.interpolate import Interpolate
from lth_tf.measurements.measurement import Measurement, require_two_samples
from lth_tf.measurements.weights import Difference, WeightStatistics

__all__ = [
    "Compare",
    "Curvature",
    "Difference",
    "Distance",
    "Evaluate",
    "Interpolate",
    "Measurement",
    "Predict",
    "WeightStatistics",
    "require_two_samples",
]
