"""Scores by which weights are ranked: the lowest go first. A pruner differs only in its scores."""

from collections.abc import Callable, Mapping

import numpy as np


def magnitude(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """|w| of every weight, float32: magnitude pruning (lmc algorithm 2, line 6)."""
    return {name: np.abs(array) for name, array in weights.items()}


SCORES: dict[str, Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]] = {
    "magnitude": magnitude
}
