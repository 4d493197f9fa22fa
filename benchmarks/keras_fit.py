"""The alternative: keras.Model.fit with Keras' own layers, fed by tf.data as well as one can."""

import time
from statistics import median
from typing import Any

import lth_tf  # isort: skip  # noqa: F401  # before TensorFlow, which then looks for oneDNN
import keras
import tensorflow as tf

from lth_tf.data import Examples, Task
from lth_tf.data.preprocess import augment, normalize
from lth_tf.models.layers import BatchNorm
from lth_tf.training.hparams import Hparams
from lth_tf.training.optimizers import Adam


def milliseconds(
    model: keras.Model, task: Task, hparams: Hparams, examples: Examples, steps: int, epochs: int
) -> float:
    """Returns milliseconds a step: the median of epochs of some steps, after two to warm up.

    Everything that is not the pipeline is left as Keras has it, one step for each execution too.
    """
    model = keras.models.clone_model(model, clone_function=_as_keras_has_it)
    model.compile(
        _optimizer(hparams),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    clock = _EpochClock()
    model.fit(
        pipeline(task, examples, hparams.batch_size),
        epochs=epochs + 2,
        steps_per_epoch=steps,
        shuffle=False,
        verbose=0,
        callbacks=[clock],
    )
    return 1e3 * median(clock.seconds[2:]) / steps


def _as_keras_has_it(layer: keras.Layer) -> keras.Layer:
    """Returns the layer, or Keras' own batch norm in the place of ours."""
    if isinstance(layer, BatchNorm):
        config = layer.get_config()
        kept = ("name", "dtype", "momentum", "epsilon")
        return keras.layers.BatchNormalization(**{field: config[field] for field in kept})
    return type(layer).from_config(layer.get_config())


def pipeline(task: Task, examples: Examples, batch_size: int) -> tf.data.Dataset:
    """Returns endless shuffled batches of images and labels, made while the model computes.

    Indices are shuffled and batched instead of images, which TensorFlow does faster; the images
    of a batch are gathered, augmented and normalized together, several batches at a time.
    """
    images, labels = tf.constant(examples.train_images), tf.constant(examples.train_labels)

    def prepare(indices: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        batch = tf.gather(images, indices)
        if task.augmentation != "none":
            batch = augment(task, batch, _draws(batch_size, seed, task.padding))
        return normalize(task, batch), tf.gather(labels, indices)

    count = len(examples.train_labels)
    order = tf.data.Dataset.from_tensor_slices(tf.range(count)).shuffle(count, seed=0).repeat()
    seeds = tf.data.Dataset.random(seed=0).batch(2, drop_remainder=True)
    batches = tf.data.Dataset.zip((order.batch(batch_size, drop_remainder=True), seeds))
    return batches.map(prepare, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _draws(batch_size: int, seed: tf.Tensor, padding: int) -> tf.Tensor:
    """Crops and flips as `augment` takes them: int32 [batch, 3]."""
    limits = tf.constant([2 * padding + 1, 2 * padding + 1, 2])
    uniform = tf.random.stateless_uniform((batch_size, 3), seed)
    return tf.cast(uniform * tf.cast(limits, tf.float32), tf.int32)


def _optimizer(hparams: Hparams) -> keras.Optimizer:
    rate: Any = hparams.schedule.rate
    ours: Any = hparams.optimizer
    if isinstance(ours, Adam):
        return keras.optimizers.Adam(rate, ours.beta_1, ours.beta_2, ours.epsilon)
    return keras.optimizers.SGD(rate, ours.momentum)


class _EpochClock(keras.callbacks.Callback):
    """Takes the time of each epoch, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seconds.append(time.perf_counter() - self._started)
