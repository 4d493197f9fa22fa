"""Trains a small network on streamed images; as a program, on two devices of one process.

python stream_on_devices.py DATA_DIR FOUND.npz
"""

import dataclasses
import sys

import numpy as np
import tensorflow as tf

from lth_tf.data import Examples, Streams, Task, bind, load
from lth_tf.data.crops import crop_draws
from lth_tf.data.order import batches
from lth_tf.models import Resnet
from lth_tf.models.network import network
from lth_tf.recipes import Init, Ones, train
from lth_tf.state import State
from lth_tf.training import Constant, Hparams, Momentum, numerics
from lth_tf.training.program import Program
from lth_tf.training.strategies import open_strategy
from lth_tf.training.trajectory import Trajectory

MODEL = Resnet(depth=8, width=2, classes=1000, image_shape=(24, 24, 3))
TASK = Task(
    "imagenet2012",
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
    augmentation="resized_crop_and_flip",
    image_size=24,
    test_split="validation",
)
HPARAMS = Hparams(8, Momentum(), Constant(0.05), remainder="carry")
STEPS, NOISE = 10, 3


def in_memory(streams: Streams) -> Examples:
    """Every image of every step, as its own example, in the order in which steps take them."""
    order = batches(NOISE, 0, STEPS, len(streams.train), HPARAMS.batch_size, "carry").ravel()
    draws = crop_draws(NOISE, 0, STEPS, HPARAMS.batch_size)
    images, labels = streams.train.decode(order, draws.reshape(len(order), -1)).result()
    return Examples(images, labels, images, labels, 1000)


class InTheirOrder(Trajectory):
    """Takes the examples one after the other."""

    def _batches(self, skipped, steps):
        size = HPARAMS.batch_size
        first = (self.step + skipped) * size
        indices = np.arange(first, first + steps * size, dtype=np.int32).reshape(steps, size)
        return dataclasses.replace(super()._batches(skipped, steps), indices=indices)


def trained(strategy, examples, augmentation="resized_crop_and_flip", steps_per_call=None):
    """Weights, statistics and slots after STEPS steps by name, and the losses of the steps."""
    net = network(MODEL)
    task = dataclasses.replace(TASK, augmentation=augmentation)
    program = Program(net, task, HPARAMS, examples, strategy, False)
    run = train(Init(MODEL, 0), Ones(MODEL), task, HPARAMS, NOISE)
    kind = InTheirOrder if isinstance(examples, Examples) else Trajectory
    state, losses = State(0, net.initial_weights(0), net.initial_statistics()), []
    for stop in (4, STEPS):  # and begun anew on the way, as after a crash
        trajectory = kind(program, run, state, {}, steps_per_call=steps_per_call)
        while trajectory.step < stop:
            losses.append(trajectory.advance(stop).losses)
        state = trajectory.state()
    return {**state.to_arrays(), "losses": np.concatenate(losses)}


def main(data_dir, path):
    numerics.configure(2)
    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, devices)
    strategy = open_strategy("mirrored")
    found = trained(strategy, load(bind(TASK, data_dir), data_dir))
    arrays = {name.replace("/", "."): array for name, array in found.items()}
    np.savez(path, **arrays, replicas=strategy.num_replicas_in_sync)


if __name__ == "__main__":
    main(*sys.argv[1:])
