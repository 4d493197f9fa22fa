"""Comparing networks: barriers along the line between two, planes, distances, spectra."""

from lth_tf.connectivity.barriers import BARRIERS, Barrier
from lth_tf.connectivity.distances import ConnectivityError, angle, cosine_distance, l2_distance
from lth_tf.connectivity.lanczos import Spectrum, lanczos

__all__ = [
    "BARRIERS", "Barrier", "ConnectivityError", "Spectrum", "angle", "cosine_distance",
    "l2_distance", "lanczos",
]  # fmt: skip
