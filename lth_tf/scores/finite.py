"""Refuses to rank weights by derivatives that are not finite."""

import numpy as np

from lth_tf.pruning.masks import PruningError
from lth_tf.recipes import Numbers, Weights


def require_finite(numbers: Numbers, name: str, weights: Weights) -> None:
    """Raises PruningError, naming a kernel, if derivatives at some weights are not all finite.

    Args:
      numbers: the derivatives, by weight.
      name: their name, such as 'the gradient'.
    """
    for kernel, array in numbers.items():
        if not np.isfinite(array).all():
            raise PruningError(
                f"{name} to prune by is not finite in {kernel}, at {weights.describe()}: "
                "scale the initial weights down, or compute in float32 (Hparams.precision)"
            )
