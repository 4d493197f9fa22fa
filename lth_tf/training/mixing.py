"""Mixtures of networks: weights and statistics of linear combinations of some."""

import numpy as np
import tensorflow as tf


def mixed(first: dict, second: dict, alpha: tf.Tensor) -> dict:
    """Returns alpha * first + (1 - alpha) * second; exactly one of them at 1 and 0."""
    return {name: alpha * first[name] + (1 - alpha) * second[name] for name in first}


def combined(terms: list, name: str, shares: tf.Tensor) -> tf.Tensor:
    """Returns a sum of shares of what networks have under a name; exactly one of shares 0, 1."""
    total = shares[0] * terms[0][name]
    for i, term in enumerate(terms[1:], start=1):
        total += shares[i] * term[name]
    return total


def interpolated(first: dict, second: dict, alphas: np.ndarray) -> dict:
    """Returns the same of all alphas, stacked: float32 [alphas, ...] by name."""
    return {
        name: np.stack(
            [np.float32(a) * first[name] + np.float32(1 - a) * second[name] for a in alphas]
        )
        for name in first
    }
