"""What is done to weights that stand still, and by how much that changes them; in NumPy."""

from lth_tf.perturbation.differences import changed_signs, cosine_similarity, l2_distance, remaining
from lth_tf.perturbation.permute import PermutationError, Within, permute, require_filters
from lth_tf.perturbation.recombine import recombine

__all__ = [
    "PermutationError", "Within", "changed_signs", "cosine_similarity", "l2_distance", "permute",
    "recombine", "remaining", "require_filters",
]  # fmt: skip
