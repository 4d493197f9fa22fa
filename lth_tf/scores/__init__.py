"""Scores that rank weights before anything is trained: SNIP, GraSP, SynFlow; one file each.

Magnitude, the score of iterative magnitude pruning, is in lth_tf.recipes.
"""

from lth_tf.scores.grasp import Grasp
from lth_tf.scores.snip import Snip
from lth_tf.scores.synflow import SynFlow

__all__ = ["Grasp", "Snip", "SynFlow"]
