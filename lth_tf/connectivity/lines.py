"""The straight line between two trained copies, measured with a given evaluate function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lth_tf.connectivity.distances import cosine_distance, l2_distance
from lth_tf.errors import UserError

Weights = Mapping[str, np.ndarray]
# Given alphas, float [points], returns named float [points] arrays: error and loss per split.
Evaluate = Callable[[np.ndarray], dict[str, np.ndarray]]


class ConnectivityError(UserError, ValueError):
    """Two networks that cannot be compared, in one line."""


@dataclass(frozen=True)
class InterpolationLine:
    """Curves along alpha * W_1 + (1 - alpha) * W_2, and the distances between the ends."""

    alphas: np.ndarray
    curves: dict[str, np.ndarray]
    l2_distance: float
    cosine_distance: float


def line(first: Weights, second: Weights, points: int, evaluate: Evaluate) -> InterpolationLine:
    """Measures `points` evenly spaced networks from W_2 (alpha = 0) to W_1 (alpha = 1).

    Raises:
      ConnectivityError: the two have the same weights. Two copies trained under different noise
        never do; it means that they are one copy, and its barrier of 0 would be no result.
    """
    if all(np.array_equal(first[name], second[name]) for name in first):
        raise ConnectivityError(
            "the two copies have exactly the same weights: they are one copy, not two"
        )
    alphas = np.linspace(0.0, 1.0, points)
    return InterpolationLine(
        alphas, evaluate(alphas), l2_distance(first, second), cosine_distance(first, second)
    )
