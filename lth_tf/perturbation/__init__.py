"""What is done to weights that stand still, and by how much that changes them; in NumPy."""

from lth_tf.perturbation.differences import (
    changed_signs,
    cosine_similarity,
    l2_distance,
    remaining,
)

__all__ = ["changed_signs", "cosine_similarity", "l2_distance", "remaining"]
