"""Distances between two networks: of their weights, and of their answers to each example."""

from collections.abc import Mapping

import numpy as np


def _vector(weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns all trainable weights as one vector, float64."""
    return np.concatenate([np.asarray(weights[name], np.float64).ravel() for name in weights])


def l2_distance(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> float:
    """Returns ||W_1 - W_2||_2 (lmc appendix G)."""
    return float(np.linalg.norm(_vector(first) - _vector({n: second[n] for n in first})))


def cosine_distance(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> float:
    """Returns 1 - W_1 . W_2 / (||W_1|| ||W_2||), in [0, 2]; NaN for a zero W (lmc appendix G)."""
    a, b = _vector(first), _vector({name: second[name] for name in first})
    return float(1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def angle(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> float:
    """Returns the angle between W_1 and W_2 in degrees, in [0, 180]; not a number for a zero W.

    arccos(W_1 . W_2 / (||W_1|| ||W_2||)) (stabilizing appendix B), in a form that is as exact for
    small angles as for large ones: half of it is the angle of the rhombus's two diagonals.
    """
    a, b = _vector(first), _vector({name: second[name] for name in first})
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if 0 in lengths:
        return float("nan")
    a, b = a / lengths[0], b / lengths[1]
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def classification_differences(first: np.ndarray, second: np.ndarray) -> int:
    """Returns the number of examples that two networks classify differently (lmc appendix G).

    Args:
      first, second: the class that each network gives, integers [examples].
    """
    return int(np.count_nonzero(first != second))


def loss_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Returns ||l_1 - l_2||_2 of the per-example cross-entropies (lmc appendix G), in nats.

    Args:
      first, second: float [examples]; where a loss is infinite, so is the distance, or NaN.
    """
    with np.errstate(invalid="ignore"):
        difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    return float(np.linalg.norm(difference))
