"""Comparing networks, in NumPy: barriers along the line between two, planes, distances, spectra."""

from lth_tf.connectivity.barriers import BARRIERS, Barrier
from lth_tf.connectivity.distances import (
    ConnectivityError,
    angle,
    changed_signs,
    cosine_distance,
    cosine_similarity,
    l2_distance,
    vectors,
)
from lth_tf.connectivity.lanczos import Spectrum, lanczos

__all__ = [
    "BARRIERS", "Barrier", "ConnectivityError", "Spectrum", "angle", "changed_signs",
    "cosine_distance", "cosine_similarity", "l2_distance", "lanczos", "vectors",
]  # fmt: skip
