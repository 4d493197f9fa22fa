"""What is measured of weights: one file a kind."""

from lth_tf.measurements.compare import Compare, Predict
from lth_tf.measurements.distance import Distance
from lth_tf.measurements.evaluate import Evaluate
from lth_tf.measurements.interpolate import Interpolate
from lth_tf.measurements.measurement import Measurement, require_two_samples
from lth_tf.measurements.plane import Plane
from lth_tf.measurements.pruning_ratio import PruningLosses, PruningRatio
from lth_tf.measurements.segment import Segment
from lth_tf.measurements.training_losses import TrainingLosses

__all__ = [
    "Compare",
    "Distance",
    "Evaluate",
    "Interpolate",
    "Measurement",
    "Plane",
    "Predict",
    "PruningLosses",
    "PruningRatio",
    "Segment",
    "TrainingLosses",
    "require_two_samples",
]
