"""Comparing two networks: the barrier on the line between them, distances of their weights."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np

from lth_tf.errors import UserError

Arrays = Mapping[str, np.ndarray]
Barrier = Literal["from_mean_of_ends", "from_line_between_ends"]


class ConnectivityError(UserError, ValueError):
    """Two networks that cannot be compared, in one line."""


def from_mean_of_ends(errors: np.ndarray, alphas: np.ndarray) -> float:
    """Returns sup_alpha E_alpha - mean(E_0, E_1): the instability of lmc section 2.

    Args:
      errors: float [points], at rising alphas whose first is 0 and last is 1. Fractions give a
        fraction, percent give percent points.
      alphas: float [points]; not used by this definition.
    """
    return float(np.max(errors) - (errors[0] + errors[-1]) / 2)


def from_line_between_ends(errors: np.ndarray, alphas: np.ndarray) -> float:
    """Returns max_alpha (E_alpha - (alpha E_1 + (1 - alpha) E_0)) (unmasking appendix A).

    It is never negative, as it is 0 at both ends.

    Args: as for `from_mean_of_ends`.
    """
    straight = alphas * errors[-1] + (1 - alphas) * errors[0]
    return float(np.max(errors - straight))


BARRIERS: dict[Barrier, Callable[[np.ndarray, np.ndarray], float]] = {
    "from_mean_of_ends": from_mean_of_ends,
    "from_line_between_ends": from_line_between_ends,
}


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
