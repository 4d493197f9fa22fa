"""Permutations of weights, and differences between two states' weights. NumPy throughout."""

from lth_tf.perturbation.differences import changed_signs, cosine_similarity, remaining
from lth_tf.perturbation.permute import PermutationError, Within, permute, require_filters

__all__ = [
    "PermutationError", "Within", "changed_signs", "cosine_similarity", "permute", "remaining",
    "require_filters",
]  # fmt: skip
