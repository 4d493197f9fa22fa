"""Distances between two networks' weights."""

from collections.abc import Mapping

import numpy as np

from lth_tf.errors import UserError

Weights = Mapping[str, np.ndarray]


class ConnectivityError(UserError, ValueError):
    """Two networks that cannot be compared, in one line."""


def l2_distance(first: Weights, second: Weights) -> float:
    """Returns ||W_1 - W_2||_2 (lmc appendix G)."""
    a, b = _vectors(first, second)
    return float(np.linalg.norm(a - b))


def cosine_distance(first: Weights, second: Weights) -> float:
    """Returns 1 - W_1 . W_2 / (||W_1|| ||W_2||), in [0, 2]; NaN for a zero W (lmc appendix G)."""
    a, b = _vectors(first, second)
    return float(1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def angle(first: Weights, second: Weights) -> float:
    """Returns the angle between W_1 and W_2 in degrees, in [0, 180]; NaN for a zero W.

    arccos(W_1 . W_2 / (||W_1|| ||W_2||)) (stabilizing appendix B), in a form that is as exact for
    small angles as for large ones: half of it is the angle of the rhombus's two diagonals.
    """
    a, b = _vectors(first, second)
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if 0 in lengths:
        return float("nan")
    a, b = a / lengths[0], b / lengths[1]
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def _vectors(first: Weights, second: Weights) -> list[np.ndarray]:
    """Returns all weights of each network as one vector, float64, in the order of the first."""
    return [
        np.concatenate([np.asarray(weights[name], np.float64).ravel() for name in first])
        for weights in (first, second)
    ]
