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
      mask: the mask that B was trained under, by the names of the prunable weights.
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

    Outside the triangle the prunable weights alone are extrapolated (unmasking app. C); all others
    are taken from these points, so that no variance is negative.

    Args:
      x, y: float [points].
      lengths: of the two legs, as `legs` returns them; distances are of the prunable weights.
    """
    a2, b2 = (length**2 for length in lengths)
    t = np.clip(((1 - x) * a2 + y * b2) / (a2 + b2), 0, 1)
    inside = (x >= 0) & (y >= 0) & (x + y <= 1)
    zero = np.zeros_like(x)
    # The nearest point of each side, [3, 2, points].
    sides = np.array([(np.clip(x, 0, 1), zero), (zero, np.clip(y, 0, 1)), (1 - t, t)])
    distances = a2 * (x - sides[:, 0]) ** 2 + b2 * (y - sides[:, 1]) ** 2
    nearest = sides[np.argmin(distances, axis=0), :, np.arange(len(x))].T
    return np.where(inside, x, nearest[0]), np.where(inside, y, nearest[1])
