"""The hyperparameters of training: everything of A^{s->t} that is not weights, data or noise."""

from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.data import Facts, Task
from lth_tf.recipes import Recipe, RecipeError, require
from lth_tf.training.optimizers import Optimizer
from lth_tf.training.schedules import Schedule


@dataclass(frozen=True, eq=False, repr=False)
class Hparams(Recipe):
    """Hyperparameters of a training run. The number of steps is not one: a run has no end.

    Attributes:
      batch_size: examples per step, over all replicas together.
      optimizer: Adam, Momentum or Rmsprop.
      schedule: learning rate as a function of the step: Constant, Steps, Linear, Cosine,
        Exponential.
      weight_decay: strength of L2 decay; 0 for none.
      decay: 'coupled' adds weight_decay * w to the gradient (an L2 term of weight_decay / 2 * w^2
        in the loss); 'decoupled' subtracts learning_rate * weight_decay * w beside the update.
      decay_on: 'kernels' decays conv and dense kernels only, 'all' biases and batch norm too.
      label_smoothing: e, in [0, 1): the loss in training is the cross-entropy to (1 - e) * label +
        e / classes (Szegedy et al. 2016, section 7; 0.1 in the reference TPU code for
        Inception-v3). Errors and losses are measured without it.
      auxiliary_weight: of the cross-entropy of the network's auxiliary head in the loss of
        training (0.4 there). It must be 0 for networks without such a head. A head with weight 0
        gets no gradient: only weight decay moves it, and it can be pruned like any layer.
      remainder: examples left over at the end of an epoch: 'drop' them, or 'carry' them into a
        batch shared with the next epoch.
      precision: in which layers compute: 'float32', or 'mixed_bfloat16', in which convolutions
        and matrix products take 16-bit inputs. Weights, statistics, loss and updates are float32
        in both.
      xla: whether the step is compiled by XLA: 'on', 'off', or 'auto', as measured to be faster for
        the network on the device (lth_tf.models.trial). XLA rounds otherwise than TensorFlow's own
        kernels, so the choice is part of the key.
      sync_batch_norm: whether batch norm takes its mean and variance over the whole batch, on any
        number of replicas.
      batch_norm_groups: the number of equal groups of consecutive examples that a batch is
        normalized in, each by itself, as on that many replicas without communication, such as
        most TPUs. The numbers are the same on any number of replicas, up to rounding. It must be 1
        if sync_batch_norm is on, and more if it is off.
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
    label_smoothing: float = 0.0
    auxiliary_weight: float = 0.0
    remainder: Literal["drop", "carry"] = "drop"
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    xla: Literal["auto", "on", "off"] = "auto"
    sync_batch_norm: bool = True
    batch_norm_groups: int = 1
    threads: int = 2

    def check(self) -> None:
        require(self.batch_size >= 1, self, "batch_size", "1 or more")
        require(self.weight_decay >= 0, self, "weight_decay", "0 or more")
        smooth = 0 <= self.label_smoothing < 1
        require(smooth, self, "label_smoothing", "at least 0 and less than 1")
        require(self.auxiliary_weight >= 0, self, "auxiliary_weight", "0 or more")
        require(self.threads >= 1, self, "threads", "1 or more")
        groups = self.batch_norm_groups
        if self.sync_batch_norm:
            require(groups == 1, self, "batch_norm_groups", "1, as sync_batch_norm is on")
        else:
            allowed = f"2 or more, as sync_batch_norm is off, and divide {self.batch_size}"
            fits = groups >= 2 and self.batch_size % groups == 0
            require(fits, self, "batch_norm_groups", allowed)


def check_compatible(model: Any, hparams: Hparams, facts: Facts, task: Task) -> None:
    """Raises RecipeError if the images or the loss are not the model's, or a batch too large.

    A network may have more outputs than the dataset has classes, but not one for turns: it would
    be somebody's forgotten default.
    """
    name, dataset = type(model).__name__, task.dataset
    if tuple(model.image_shape) != facts.image_shape:
        raise RecipeError(
            f"{name}.image_shape is {tuple(model.image_shape)}; the images of {dataset!r} are "
            f"{facts.image_shape}"
        )
    if model.classes < facts.classes:
        raise RecipeError(
            f"{name}.classes is {model.classes}; {task.title!r} has {facts.classes} classes"
        )
    if task.rotation and model.classes != facts.classes:
        raise RecipeError(
            f"{name}.classes is {model.classes}; it must be {facts.classes} with Task.rotation, "
            "one for each quarter turn"
        )
    if hparams.auxiliary_weight and not model.has_auxiliary_head:
        raise RecipeError(
            f"Hparams.auxiliary_weight is {hparams.auxiliary_weight}; it must be 0, as {name} has "
            "no auxiliary head"
        )
    if hparams.batch_size > facts.train_examples:
        raise RecipeError(
            f"Hparams.batch_size is {hparams.batch_size}; it must be at most "
            f"{facts.train_examples:,}, the training examples of {task.title!r}"
        )
