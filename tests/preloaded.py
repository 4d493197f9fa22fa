"""What is loaded, and done, before any process of forked.py is forked.

AutoGraph rewrites every function of the package that TensorFlow compiles, in each process anew,
which takes longer than tracing a small network. It is done here once, without running anything.
"""

import importlib

from tensorflow.python.autograph.core import converter
from tensorflow.python.autograph.impl import api
from tensorflow.python.eager import context

from lth_tf.models.network import Network
from lth_tf.training.evaluation import Evaluator, combined
from lth_tf.training.optimizers import Adam, Momentum
from lth_tf.training.program import Program, values

# What commands load when they need it; and what makes their pictures small.
for name in ("cli.sweep", "figures.render", "figures.standard", "lab.lab", "training.engine"):
    importlib.import_module(f"lth_tf.{name}")
importlib.import_module("coarse")

# What tf.function is given, and what is called by that, where networks are trained and scored.
GIVEN = (Program._steps, Evaluator._score_combinations)
CALLED = (
    *(Program.run_replicas, Program._step, Program.weights, Program._update, values),
    *(Adam.update, Momentum.update, Network.apply, combined),
    *(Evaluator._score_answers, Evaluator._size),
)


def rewrite() -> None:
    """Has AutoGraph rewrite what it would when the first network is trained."""
    for functions, given in ((GIVEN, True), (CALLED, False)):
        options = converter.ConversionOptions(True, user_requested=given, optional_features=None)
        for function in functions:
            api._convert_actual(function, converter.ProgramContext(options))
    assert not context.context()._initialized, "a fork would not survive what ran on TensorFlow"


rewrite()
