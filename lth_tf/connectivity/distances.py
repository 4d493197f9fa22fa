"""Distances between the weights of two networks, as one vector each (lmc appendix G)."""

from collections.abc import Mapping

import numpy as np

from lth_tf.errors import UserError

Arrays = Mapping[str, np.ndarray]


class ConnectivityError(UserError, ValueError):
    """Two networks that cannot be compared, in one line."""


def vectors(*weights: Arrays, mask: Arrays | None = None) -> list[np.ndarray]:
    """Returns the weights of each network as one vector, float64, in the order of the first.

    With a mask it is of the weights that the mask keeps, kernels in the order of the mask.
    """
    kept = dict.fromkeys(weights[0], ...) if mask is None else {n: a != 0 for n, a in mask.items()}
    return [
        np.concatenate([np.asarray(arrays[n][k], np.float64).ravel() for n, k in kept.items()])
        for arrays in weights
    ]


def l2_distance(first: Arrays, second: Arrays) -> float:
    """Returns ||W_1 - W_2||_2 (lmc appendix G)."""
    a, b = vectors(first, second)
    return float(np.linalg.norm(a - b))


def cosine_distance(first: Arrays, second: Arrays) -> float:
    """Returns 1 - W_1 . W_2 / (||W_1|| ||W_2||), in [0, 2]; NaN for a zero W (lmc appendix G)."""
    return 1 - cosine_similarity(*vectors(first, second))


def cosine_similarity(first: np.ndarray, second: np.ndarray) -> float:
    """Returns <w_1, w_2> / (||w_1|| ||w_2||), from -1 to 1; NaN where one is zero."""
    with np.errstate(invalid="ignore"):
        return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))


def angle(first: Arrays, second: Arrays) -> float:
    """Returns the angle between W_1 and W_2 in degrees, in [0, 180]; NaN for a zero W.

    arccos(W_1 . W_2 / (||W_1|| ||W_2||)) (stabilizing appendix B), in a form that is as exact for
    small angles as for large ones: half of it is the angle of the rhombus's two diagonals.
    """
    a, b = vectors(first, second)
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if 0 in lengths:
        return float("nan")
    a, b = a / lengths[0], b / lengths[1]
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def changed_signs(first: np.ndarray, second: np.ndarray) -> float:
    """Returns the share of entries of which one is positive and the other negative, of 1."""
    return float(np.mean(first * second < 0))
