"""The experiments: one recipe per kind, which lists requests of measurements."""

from lth_tf.experiments.adaptive import AdaptiveImp
from lth_tf.experiments.choices import Choice
from lth_tf.experiments.experiment import Experiment, Request
from lth_tf.experiments.imp import Imp
from lth_tf.experiments.instability import Instability
from lth_tf.experiments.mask_search import MaskSearch
from lth_tf.experiments.onset import Onset
from lth_tf.experiments.perturbed import (
    GaussianNoise,
    Perturbation,
    Perturbed,
    ShuffledMagnitudes,
    ShuffledWeights,
    SignsAndMagnitudes,
    States,
)
from lth_tf.experiments.pretraining import Pretraining, SparsePretraining
from lth_tf.experiments.probing import Probing
from lth_tf.experiments.search import search_levels, trunk
from lth_tf.experiments.sparse_training import SparseTraining
from lth_tf.experiments.sweep import Sweep
from lth_tf.experiments.telemetry import Telemetry
from lth_tf.experiments.training import Training

__all__ = [
    "AdaptiveImp", "Choice", "Experiment", "GaussianNoise", "Imp", "Instability", "MaskSearch",
    "Onset", "Perturbation", "Perturbed", "Pretraining", "Probing", "Request", "ShuffledMagnitudes",
    "ShuffledWeights", "SignsAndMagnitudes", "SparsePretraining", "SparseTraining", "States",
    "Sweep", "Telemetry", "Training", "search_levels", "trunk",
]  # fmt: skip
