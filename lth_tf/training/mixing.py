"""Mixtures of networks: weights and statistics of linear combinations of some."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf


def mixed(first: Mapping, second: Mapping, alpha: Any) -> dict:
    """Returns alpha * first + (1 - alpha) * second; exactly one of them at 1 and 0."""
    return {name: alpha * first[name] + (1 - alpha) * second[name] for name in first}


def combined(terms: list, name: str, shares: tf.Tensor) -> tf.Tensor:
    """Returns the weighted sum of the arrays of a name; exactly one of them at shares 0 and 1."""
    total = shares[0] * terms[0][name]
    for i, term in enumerate(terms[1:], start=1):
        total += shares[i] * term[name]
    return total


def interpolated(first: Mapping, second: Mapping, alphas: np.ndarray) -> dict[str, np.ndarray]:
    """Returns what `mixed` does for all alphas, stacked: float32 [alphas, ...] by name."""
    mixtures = [mixed(first, second, np.float32(alpha)) for alpha in alphas]
    return {name: np.stack([mixture[name] for mixture in mixtures]) for name in first}
