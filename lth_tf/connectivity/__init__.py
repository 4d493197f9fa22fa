"""Comparing networks: barriers along the line between two, planes, distances, and behavior."""

from lth_tf.connectivity.barriers import BARRIERS
from lth_tf.connectivity.behavior import behavior
from lth_tf.connectivity.distances import (
    angle,
    classification_differences,
    cosine_distance,
    l2_distance,
    loss_distance,
)
from lth_tf.connectivity.lanczos import Spectrum, lanczos
from lth_tf.connectivity.lines import ConnectivityError, Evaluate, InterpolationLine, line

__all__ = [
    "BARRIERS", "ConnectivityError", "Evaluate", "InterpolationLine", "angle", "Spectrum",
    "behavior", "classification_differences", "cosine_distance", "l2_distance", "lanczos", "line",
    "loss_distance",
]  # fmt: skip
