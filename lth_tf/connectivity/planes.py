"""The plane through a network, its projection under a sparser mask, and the network trained next.

With A the network, P its projection and B what is trained under the mask, the networks of the plane
are q(x, y) = P + x (B - P) + y (A - P). A - P is where the mask is 0 and B - P where it is 1, so
the two are orthogonal in the prunable weights: the triangle P, B, A has a right angle at P.
"""

from collections.abc import Mapping

import numpy as np

Arrays = Mapping[str, np.ndarray]


def coordinates(points: int, margin: int, edge: int) -> np.ndarray:
    """Returns x, and y, of a grid's columns, and rows: (i - margin) / edge, float64 [points].

    0 and 1, where the three networks lie, are exactly among them.
    """
    return (np.arange(points) - margin) / edge


def legs(network: Arrays, solution: Arrays, mask: Arrays) -> tuple[float, float]:
    """Returns the lengths ||B - P|| and ||A - P|| in the prunable weights.

    Args:
      network, solution: the weights of A and of B.
      mask: what B was trained under, by the names of the prunable weights.
    """
    across, along = 0.0, 0.0
    for name, kept in mask.items():
        a, b = (np.asarray(w[name], np.float64) for w in (network, solution))
        projected = np.where(kept != 0, a, 0)
        across += float(np.sum((b - projected) ** 2))
        along += float(np.sum((a - projected) ** 2))
    return float(np.sqrt(across)), float(np.sqrt(along))


def shares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Returns how much of P, B and A is in q(x, y): float64 [points, 3], each adding up to 1."""
    return np.stack([1 - x - y, x, y], axis=1)


def nearest_in_triangle(
    x: np.ndarray, y: np.ndarray, lengths: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the points of the triangle P, B, A that are nearest to others of its plane.

    What is not prunable is that of these points: outside their convex hull the networks are
    extrapolated in the prunable weights alone (unmasking app. C), so that no variance is negative.

    Args:
      x, y: float [points].
      lengths: of the two legs, as `legs` returns them: what is near is so in the prunable weights.
    """
    a2, b2 = (length**2 for length in lengths)
    t = np.clip(((1 - x) * a2 + y * b2) / (a2 + b2), 0, 1)
    inside = (x >= 0) & (y >= 0) & (x + y <= 1)
    zero = np.zeros_like(x)
    found = [(np.clip(x, 0, 1), zero), (zero, np.clip(y, 0, 1)), (1 - t, t)]
    distances = [a2 * (x - u) ** 2 + b2 * (y - v) ** 2 for u, v in found]
    chosen = np.argmin(distances, axis=0)
    places = [np.where(inside, own, np.choose(chosen, each))
              for own, each in zip((x, y), zip(*found, strict=True), strict=True)]  # fmt: skip
    return places[0], places[1]
