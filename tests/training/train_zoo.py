"""Finds and trains a ticket of a small network: `train_zoo.py FILE NETWORK STRATEGY`.

Devices are a setting of the whole process, hence a program. On one device it interpolates, too. It
writes arrays '<what>'.
"""

import sys

import numpy as np
import tensorflow as tf
import zoo

from lth_tf import pruning
from lth_tf.data import Examples, Task
from lth_tf.models.network import network
from lth_tf.recipes import Init, Ones, Shuffle, train
from lth_tf.state import State
from lth_tf.training import Constant, Hparams, Momentum, numerics
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.feed import WholeSplit
from lth_tf.training.program import Program
from lth_tf.training.strategies import open_strategy
from lth_tf.training.trajectory import Trajectory

BATCH, STEPS = 8, 2
TASK = Task("random", mean=(0.5,), std=(0.25,))
HPARAMS = Hparams(BATCH, Momentum(), Constant(0.01), 1e-4)


def examples(model):
    """Images of noise, of the model's shape."""
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(3 * BATCH, *model.image_shape), dtype=np.uint8)
    labels = rng.integers(model.classes, size=len(images), dtype=np.int32)
    return Examples(images, labels, images, labels, model.classes)


def tickets(model, strategy):
    """A level of IMP and two copies of its ticket: losses of the search, mask and states."""
    net = network(model)
    program = Program(net, TASK, HPARAMS, examples(model), strategy, True)
    start = State(0, net.initial_weights(0), net.initial_statistics())

    def trained(noise, mask):
        run = train(Init(model, 0), Shuffle(Ones(model), 0), TASK, HPARAMS, noise)
        trajectory = Trajectory(program, run, start.masked(mask), mask)
        losses = trajectory.take(STEPS).losses
        return trajectory.state(), losses

    dense = pruning.ones({name: net.shapes[name] for name in net.prunable})
    end, losses = trained(0, dense)
    mask = pruning.prune(dense, {n: np.abs(end.weights[n]) for n in net.prunable}, 0.5)
    return losses, mask, trained(1, mask)[0], trained(2, mask)[0]


def line(model, first, second):
    """Error and loss of both ends and of the network between them."""
    data = examples(model)
    evaluator = Evaluator(network(model), TASK, False, BATCH)
    ends_and_middle = np.array([0, 0.5, 1])
    split = WholeSplit(data.test_images, data.test_labels)
    return evaluator.line(first, second, ends_and_middle, split)


def main(path, name, strategy):
    numerics.configure(2)
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    model = zoo.SMALL[name]
    losses, mask, *copies = tickets(model, open_strategy(strategy))
    found = {"losses": losses} | {f"mask:{n}": array for n, array in mask.items()}
    found |= {f"weights:{n}": array for n, array in copies[0].weights.items()}
    if strategy == "one_device":
        scores = line(model, *copies)
        found |= {"line:loss": scores.loss, "line:error": scores.error}
    np.savez(path, **{name.replace("/", "."): array for name, array in found.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
