"""Signs of one state with magnitudes of another (early_phase section 5.1)."""

import numpy as np


def recombine(signs: np.ndarray, magnitudes: np.ndarray) -> np.ndarray:
    """Returns |magnitudes| with the sign bits of `signs`: a zero has one too, and deletes nothing.

    Args:
      signs, magnitudes: of one shape.
    """
    return np.copysign(np.abs(magnitudes), signs)
