"""Comparing two networks: barriers along the line between them, and distances."""

from lth_tf.connectivity.barriers import BARRIERS
from lth_tf.connectivity.distances import cosine_distance, l2_distance
from lth_tf.connectivity.lines import ConnectivityError, Evaluate, Line, line

__all__ = [
    "BARRIERS",
    "ConnectivityError",
    "Evaluate",
    "Line",
    "cosine_distance",
    "l2_distance",
    "line",
]
