"""Scores that rank weights before anything is trained: SNIP, GraSP, SynFlow; one file each.

The base class, Score, and Magnitude, the score of iterative magnitude pruning, are in
lth_tf/recipes/masks.py.
"""

from lth_tf.scores.grasp import Grasp
from lth_tf.scores.snip import Snip
from lth_tf.scores.synflow import SynFlow

__all__ = ["Grasp", "Snip", "SynFlow"]
