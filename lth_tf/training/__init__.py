"""A^{s->t}: training as a pure function of weights, mask, noise and hyperparameters."""

from lth_tf.training.hparams import Hparams
from lth_tf.training.optimizers import Adam, Momentum, Rmsprop
from lth_tf.training.schedules import Constant, Cosine, Exponential, Linear, Steps

__all__ = [
    "Adam", "Constant", "Cosine", "Exponential", "Hparams", "Linear", "Momentum", "Rmsprop",
    "Steps",
]  # fmt: skip
