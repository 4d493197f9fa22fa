"""The experiments: one recipe per kind, which lists what it wants measured."""

from lth_tf.experiments.imp import Imp
from lth_tf.experiments.instability import Instability
from lth_tf.experiments.search import MaskSearch
from lth_tf.experiments.sweep import Sweep
from lth_tf.experiments.training import Training

__all__ = ["Imp", "Instability", "MaskSearch", "Sweep", "Training"]
