"""Pruning: masks, scores, exact proportions. NumPy throughout.

A mask maps every prunable kernel's name to a uint8 array of its shape: 1 remains, 0 is pruned.
"""

from lth_tf.pruning.masks import density, layer_density, ones, prune, prune_iteratively, shuffle

__all__ = ["density", "layer_density", "ones", "prune", "prune_iteratively", "shuffle"]
