"""Distances between the weights of two networks, all trainable weights taken as one vector."""

from collections.abc import Mapping

import numpy as np


def _vector(weights: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([np.asarray(weights[name], np.float64).ravel() for name in weights])


def l2_distance(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> float:
    """||W_1 - W_2||_2 (lmc appendix G)."""
    return float(np.linalg.norm(_vector(first) - _vector({n: second[n] for n in first})))


def cosine_distance(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> float:
    """1 - W_1 . W_2 / (||W_1|| ||W_2||) (lmc appendix G), in [0, 2]; not a number for a zero W."""
    a, b = _vector(first), _vector({name: second[name] for name in first})
    return float(1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
