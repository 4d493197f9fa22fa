"""Two definitions of the error barrier along a path, by name."""

from collections.abc import Callable
from typing import Literal

import numpy as np

Barrier = Literal["from_mean_of_ends", "from_line_between_ends"]


def from_mean_of_ends(errors: np.ndarray, alphas: np.ndarray) -> float:
    """Returns sup_alpha E_alpha - mean(E_0, E_1): the instability of lmc section 2.

    Args:
      errors: float [points], at rising alphas whose first is 0 and last is 1. Fractions give a
        fraction, percent give percent points.
      alphas: float [points]; not used by this definition.
    """
    return float(np.max(errors) - (errors[0] + errors[-1]) / 2)


def from_line_between_ends(errors: np.ndarray, alphas: np.ndarray) -> float:
    """Returns max_alpha (E_alpha - (alpha E_1 + (1 - alpha) E_0)) (unmasking appendix A).

    It is never negative, as it is 0 at both ends.

    Args: as for `from_mean_of_ends`.
    """
    straight = alphas * errors[-1] + (1 - alphas) * errors[0]
    return float(np.max(errors - straight))


BARRIERS: dict[Barrier, Callable[[np.ndarray, np.ndarray], float]] = {
    "from_mean_of_ends": from_mean_of_ends,
    "from_line_between_ends": from_line_between_ends,
}
