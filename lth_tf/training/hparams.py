"""The hyperparameters of training: everything of A^{s->t} that is not weights, data or noise."""

from dataclasses import dataclass
from typing import Literal

from lth_tf.recipes import Recipe, require
from lth_tf.training.optimizers import Optimizer
from lth_tf.training.schedules import Schedule


@dataclass(frozen=True, eq=False, repr=False)
class Hparams(Recipe):
    """Hyperparameters of a training run. The number of steps is not one: a run has no end.

    Attributes:
      batch_size: examples per step, over all replicas together.
      optimizer: Adam or Momentum.
      schedule: learning rate as a function of the step: Constant, Steps, Linear, Cosine.
      weight_decay: strength of L2 decay; 0 for none.
      decay: 'coupled' adds weight_decay * w to the gradient (an L2 term of weight_decay / 2 * w^2
        in the loss); 'decoupled' subtracts learning_rate * weight_decay * w beside the update.
      decay_on: 'kernels' decays conv and dense kernels only, 'all' biases and batch norm too.
      remainder: examples left over at the end of an epoch: 'drop' them, or 'carry' them into a
        batch shared with the next epoch.
      precision: in which layers compute: 'float32', or 'mixed_bfloat16', in which convolutions
        and matrix products take 16-bit inputs. Weights, statistics, loss and updates are float32
        in both.
      xla: whether the step is compiled by XLA: 'on', 'off', or 'auto', as measured to be faster for
        the network on the device (lth_tf.training.xla). XLA rounds otherwise than TensorFlow's own
        kernels, so the choice is part of the key.
      threads: CPU threads that one kernel is split over. A sum split over more threads rounds
        otherwise (convolutions on the CPU do so), hence a number of its own and not the
        machine's. Several processes of one thread do more work than one process of several.
    """

    batch_size: int
    optimizer: Optimizer
    schedule: Schedule
    weight_decay: float = 0.0
    decay: Literal["coupled", "decoupled"] = "coupled"
    decay_on: Literal["kernels", "all"] = "kernels"
    remainder: Literal["drop", "carry"] = "drop"
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    xla: Literal["auto", "on", "off"] = "auto"
    threads: int = 2

    def check(self) -> None:
        require(self.batch_size >= 1, self, "batch_size", "1 or more")
        require(self.weight_decay >= 0, self, "weight_decay", "0 or more")
        require(self.threads >= 1, self, "threads", "1 or more")
