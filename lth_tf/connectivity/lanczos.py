"""Eigenvalues of a symmetric matrix of which only products with vectors are known: Lanczos."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Spectrum(NamedTuple):
    """A matrix's spectrum as Lanczos' algorithm estimates it.

    Attributes:
      values: Ritz values, rising, float64; the outer ones are close to eigenvalues.
      weights: of each in the density of eigenvalues, as the start vector sees it; sum 1.
      vectors: Ritz vectors of length 1, float64 [entries, values].
    """

    values: np.ndarray
    weights: np.ndarray
    vectors: np.ndarray

    @property
    def negative_share(self) -> float:
        """The share of negative eigenvalues in the sum of all absolute ones, by quadrature."""
        absolute = self.weights * np.abs(self.values)
        total = float(absolute.sum())
        negative = float(absolute[self.values < 0].sum())
        return _fraction(negative / total) if total else 0.0

    def share_in_leading(self, vector: np.ndarray, count: int) -> float:
        """Returns ||P v||^2 / ||v||^2, P onto the vectors of the `count` largest values."""
        squared = float(vector @ vector)
        inside = self.vectors[:, -count:].T @ vector
        return _fraction(float(inside @ inside) / squared) if squared else 0.0


def _fraction(share: float) -> float:
    """Returns a share of a whole, which rounding may have made larger than that; NaN as it is."""
    return float(np.minimum(share, 1))


def lanczos(
    product: Callable[[np.ndarray], np.ndarray], start: np.ndarray, iterations: int
) -> Spectrum:
    """Returns Ritz values and vectors of a symmetric matrix.

    Every new direction is made orthogonal to all before, twice, so that no eigenvalue comes up
    again. It holds `iterations` vectors. Where the space that the start vector spans is exhausted,
    there are fewer values, which are exact. All is NaN if a product is not finite.

    Args:
      product: returns the matrix times a vector, float64.
      start: float64, not zero.
      iterations: how many products, at least 1.
    """
    basis = np.zeros((min(iterations, start.size), start.size))
    diagonal, beside = [], list[float]()
    direction = start / np.linalg.norm(start)
    for place in range(len(basis)):
        basis[place] = direction
        residual = product(direction)
        if not np.isfinite(residual).all():
            nothing = np.full(len(basis), np.nan)
            return Spectrum(nothing, nothing, np.full(basis.T.shape, np.nan))
        diagonal.append(float(direction @ residual))
        for _ in range(2):
            residual = residual - basis[: place + 1].T @ (basis[: place + 1] @ residual)
        length = float(np.linalg.norm(residual))
        if place + 1 == len(basis) or length <= 1e-12 * max(map(abs, diagonal)):
            break
        beside.append(length)
        direction = residual / length
    tridiagonal = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    values, inner = np.linalg.eigh(tridiagonal)
    return Spectrum(values, inner[0] ** 2, basis[: len(diagonal)].T @ inner)
