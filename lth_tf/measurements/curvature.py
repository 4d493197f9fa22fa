"""The ends of the Hessian's spectrum at one state, by Lanczos' algorithm."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from lth_tf import noise
from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, arrays
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Recipe, Seed, Weights, require

_PASSES = 5 / 60_000  # over the images, of a product with one example; for estimates of time


@dataclass(frozen=True, eq=False, repr=False)
class Curvature(Measurement):
    """Leading and most negative eigenvalues of the Hessian of the training loss, by Lanczos.

    The loss is the mean cross-entropy, without weight decay and augmentation, of fixed training
    examples; batch norm is in training mode, in float32 whatever the run computes in. The Hessian
    is with regard to all trained weights that the mask keeps (Sagun et al. 2017, Gur-Ari et al.
    2018; early_phase section 2).

    Attributes:
      examples: how many training examples, the first in the order of the files.
      batch: the size of the batches they are taken in. Examples that do not fill a batch are left
        out, unless it is the only one.
      iterations: products of the Hessian with a vector.
      leading: how many of the largest eigenvalues are given.
      seed: of the start vector, unit normal at the address ('lanczos', seed).
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "curvature", "The Hessian of the training loss.",
        values=measured(
            ("largest_eigenvalue", "number", "nats", "Largest eigenvalue of the Hessian."),
            ("smallest_eigenvalue", "number", "nats",
             "Smallest eigenvalue of the Hessian: the most negative one, where some are."),
            ("negative_share", "fraction", "of 1",
             "Share of negative eigenvalues in the sum of all absolute ones, estimated by "
             "quadrature."),
            ("gradient_in_leading", "fraction", "of 1",
             "Share of the squared gradient in the space of the leading eigenvectors."),
            ("leading_eigenvalues", "list of numbers or null", "nats",
             "The largest eigenvalues of the Hessian, rising."),
        ),
    ))  # fmt: skip

    weights: Weights
    mask: Mask
    task: Recipe
    examples: Count = 5000
    batch: Count = 1000
    iterations: int = 80
    leading: Count = 10
    seed: Seed = 0

    def check(self) -> None:
        allowed = f"at least {self.leading}, the number of leading eigenvalues"
        require(self.iterations >= self.leading, self, "iterations", allowed)

    def make(self, maker: ArtifactMaker) -> Numbers:
        state, mask = maker.state(self.weights), maker.mask(self.mask)
        maker.doing(self.describe())
        data = (self.task, state, mask, self.examples, self.batch)
        hessian = maker.engine.hessian(self.weights, *data)
        start = noise.generator("lanczos", self.seed).standard_normal(hessian.size)
        spectrum = lanczos(hessian.product, start * hessian.kept, self.iterations)
        return arrays({
            "largest_eigenvalue": spectrum.values[-1],
            "smallest_eigenvalue": spectrum.values[0],
            "negative_share": spectrum.negative_share,
            "gradient_in_leading": spectrum.share_in_leading(hessian.gradient(), self.leading),
            "leading_eigenvalues": spectrum.values[-self.leading :],
        })  # fmt: skip

    def passes(self) -> float:
        return _PASSES * self.examples * self.iterations

    def describe(self) -> str:
        return f"curvature at {self.weights.describe()}"


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
