"""The speed of a training step on this device, measured on random images."""

import statistics
import time
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf

from lth_tf import noise
from lth_tf.data import Examples, Task
from lth_tf.models.network import network
from lth_tf.recipes import Init, Model, Ones, train
from lth_tf.state import State
from lth_tf.training.hparams import Hparams
from lth_tf.training.program import Program
from lth_tf.training.trajectory import Trajectory

# Of the random mask; a step takes the same time at any density.
DENSITY = 0.035
# Calls after which the number of steps in a call has settled.
WARM_UP_CALLS = 8
# Timed calls, of about a second each; their median counts.
_CALLS = 3
# Enough images that a batch is not always the same.
_IMAGES = 2048


def seconds_per_step(model: Model, task: Task, hparams: Hparams, sparse: bool) -> float:
    """Returns the seconds of a training step, under a random mask if `sparse`, on random images.

    Data order and augmentation are included; reading from disk is not: the images lie in memory.
    """
    if task.augmentation == "resized_crop_and_flip":  # done while reading
        task = replace(task, augmentation="none")
    images = random_images(model, max(_IMAGES, 2 * hparams.batch_size))
    built = network(model, hparams.precision, hparams.batch_norm_groups)
    strategy = tf.distribute.get_strategy()
    program = Program(built, task, hparams, images, strategy, sparse)
    return measure(trajectory(model, task, hparams, program), _CALLS)


def random_images(model: Any, count: int) -> Examples:
    """Returns `count` images of noise, of a network's size and classes, to train and test on."""
    draw = noise.generator("images to measure on").integers
    images = draw(0, 256, (count, *model.image_shape), np.uint8)
    labels = draw(0, model.classes, count, np.int32)
    return Examples(images, labels, images, labels, model.classes)


def trajectory(model: Model, task: Task, hparams: Hparams, program: Program) -> Trajectory:
    """Returns the training from initial weights; if the program is sparse, under a random mask."""
    run = train(Init(model, seed=0), Ones(model), task, hparams, noise=0)
    built = program.network
    draw = noise.generator("benchmark mask").random
    mask = {n: (draw(built.shapes[n]) < DENSITY).astype(np.float32) for n in built.prunable}
    state = State(0, built.initial_weights(seed=0), built.initial_statistics())
    return Trajectory(program, run, state.masked(mask) if program.sparse else state, mask)


def measure(running: Trajectory, calls: int) -> float:
    """Measures the seconds of a step, data order included: the median of some calls."""
    seconds = []
    for _ in range(WARM_UP_CALLS + calls):
        first, started = running.step, time.perf_counter()
        running.advance(10**9)
        seconds.append((time.perf_counter() - started) / (running.step - first))
    return statistics.median(seconds[WARM_UP_CALLS:])
