"""Differences of two states' weights, over all remaining prunable weights together.

Biases and batch norm start at constants: they have no sign and no initialization to go away from.
"""

from collections.abc import Mapping

import numpy as np


def remaining(weights: Mapping[str, np.ndarray], mask: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns the weights that a mask keeps as one vector, float64, kernels in the mask's order."""
    kept = [weights[name][array != 0] for name, array in mask.items()]
    return np.concatenate([np.asarray(array, np.float64) for array in kept])


def changed_signs(first: np.ndarray, second: np.ndarray) -> float:
    """Returns the share of entries of which one is positive and the other negative, of 1."""
    return float(np.mean(first * second < 0))


def cosine_similarity(first: np.ndarray, second: np.ndarray) -> float:
    """Returns <w_1, w_2> / (||w_1|| ||w_2||), from -1 to 1; not a number where one is zero."""
    with np.errstate(invalid="ignore"):
        return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))
