"""Pruning: masks by scores, exact proportions. NumPy throughout."""

from lth_tf.pruning.masks import (
    PruningError,
    density,
    layer_density,
    ones,
    prune,
    prune_iteratively,
    shuffle,
)

__all__ = [
    "PruningError", "density", "layer_density", "ones", "prune", "prune_iteratively", "shuffle",
]  # fmt: skip
