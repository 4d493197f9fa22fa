"""Trains a network on the devices of a strategy: `train_on_devices.py STRATEGY CPUS FILE SETTING`.

Devices are a setting of the whole process, hence a program. It writes the states at the end
as arrays '<how>:<name>'; of the setting 'refusals', what is said of settings that do not fit.
"""

import sys

import keras
import numpy as np
import tensorflow as tf

from lth_tf import pruning
from lth_tf.data import Examples, Task
from lth_tf.errors import UserError
from lth_tf.models import Lenet, Resnet, SqueezeNet, from_keras
from lth_tf.models.network import network
from lth_tf.recipes import Init, Ones, Shuffle, train
from lth_tf.state import State
from lth_tf.training import Adam, Constant, Hparams, Momentum, Rmsprop, numerics
from lth_tf.training.batches import CAPACITY
from lth_tf.training.program import Program
from lth_tf.training.strategies import open_strategy
from lth_tf.training.trajectory import Trajectory

STEPS = 50
TASK = Task("random", augmentation="crop_and_flip", padding=1)
LENET = Lenet(widths=(8,), image_shape=(8, 8, 1))
RESNET = Resnet(depth=8, width=4, image_shape=(8, 8, 1))
NARROW = Resnet(depth=8, width=2, image_shape=(8, 8, 1))
SQUEEZENET = SqueezeNet(image_shape=(29, 29, 1), classes=10)
AUXILIARY = {"label_smoothing": 0.1, "auxiliary_weight": 0.4}
UNSYNCED = {"sync_batch_norm": False, "batch_norm_groups": 2}
SETTINGS = {
    "lenet": (LENET, Hparams(24, Adam(), Constant(0.01), 1e-3), STEPS),
    # With larger steps, ReLUs that flip make any difference of rounding grow exponentially, also
    # on one device.
    "resnet": (RESNET, Hparams(24, Momentum(), Constant(2e-5), 1e-3), STEPS),
    "groups": (NARROW, Hparams(24, Momentum(), Constant(0.01), **UNSYNCED), 10),
    "two heads": (None, Hparams(24, Rmsprop(), Constant(0.01), 1e-3, **AUXILIARY), 10),
    "squeezenet": (SQUEEZENET, Hparams(24, Momentum(), Constant(0.1)), 3),
    "bfloat16": (NARROW, Hparams(24, Adam(), Constant(1e-3), precision="mixed_bfloat16"), 5),
}


def two_heads():
    """What Inception-v3 is made of, in small: branches, norms without a scale, two outputs."""
    from lth_tf.models.layers import BatchNorm

    layers = keras.layers
    inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(6, 3, 2, use_bias=False)(inputs)
    x = layers.ReLU()(BatchNorm(epsilon=1e-3, scale=False)(x))
    sides = [layers.Conv2D(4, 1)(x), layers.AveragePooling2D(3, 1, "same")(x)]
    y = layers.Concatenate()(sides)
    outputs = [layers.Dense(10)(layers.GlobalAveragePooling2D()(end)) for end in (y, x)]
    return from_keras(keras.Model(inputs, outputs))


def examples(model):
    """Images that a network can tell apart, so that training does not only amplify rounding."""
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=90, dtype=np.int32)
    patterns = rng.integers(128, size=(10, *model.image_shape))
    images = (patterns[labels] + rng.integers(128, size=(90, *model.image_shape))).astype(np.uint8)
    return Examples(images, labels, images, labels, 10)


def trained(strategy, model, hparams, steps):
    """What sparse training comes to, in one piece, and cut and begun anew on the way.

    Returns:
      Arrays by '<how>:<name>'.
    """
    net = network(model, hparams.precision, hparams.batch_norm_groups)
    start = State(0, net.initial_weights(0), net.initial_statistics())
    half = {n: np.arange(np.prod(net.shapes[n])).reshape(net.shapes[n]) % 2 for n in net.prunable}
    mask = pruning.shuffle(half, 0)
    program = Program(net, TASK, hparams, examples(model), strategy, True)
    run = train(Init(model, 0), Shuffle(Ones(model), 0), TASK, hparams, 0)
    found = {}
    for how, stops in (("whole", (steps,)), ("cut", (steps // 3, steps))):
        state, outcomes = start.masked(mask), []
        for stop in stops:
            # Not by the clock, which several workers would read differently.
            trajectory = Trajectory(program, run, state, mask, steps_per_call=20)
            while trajectory.step < stop:
                outcomes.append(trajectory.advance(stop))
            state = trajectory.state()
        losses, correct = map(np.concatenate, zip(*outcomes, strict=True))
        arrays = state.to_arrays() | {"losses": losses, "correct": correct}
        found |= {f"{how}:{name.replace('/', '.')}": array for name, array in arrays.items()}
    if model not in (RESNET, NARROW, SQUEEZENET):  # which take long to trace twice over
        trajectory = Trajectory(program, run, start.masked(mask), mask)
        for order, second in (("first", False), ("second", True)):
            derivatives = trajectory.own_gradient(2, 3.0, second)
            found |= {f"{order}:{name.replace('/', '.')}": a for name, a in derivatives.items()}
    return found | {"whole:dynamic": np.array(dynamic(program, hparams))}


def dynamic(program, hparams):
    """The operations of a compiled loop, each replica's included, with shapes not known before."""
    batch = (CAPACITY, hparams.batch_size)
    ints, floats = (lambda *shape, of=of: tf.TensorSpec(shape, of) for of in (tf.int32, tf.float32))
    inputs = (ints(*batch), ints(*batch, 4), floats(CAPACITY), floats(CAPACITY), ints())
    loop = program._chunk.get_concrete_function(program.feed.images, program.feed.labels, *inputs)
    assert program.traces == 1, "this is another loop than the one that ran"
    library = loop.graph.as_graph_def(add_shapes=True).library
    return [
        f"{node.op} {node.name}"
        for function in library.function
        for node in function.node_def
        # Zeros are of the shape of what they are like.
        if node.op != "ZerosLike"
        # The last output of a batch norm is its kernel's own room, empty on most devices.
        for shape in node.attr["_output_shapes"].list.shape[
            : 5 if "BatchNormV3" in node.op else None
        ]
        if shape.unknown_rank or any(dim.size < 0 for dim in shape.dim)
    ]


def refusal(strategy, model, *fields, **more):
    """What is said of hyperparameters that the replicas cannot honor."""
    try:
        trained(strategy, model, Hparams(*fields, **more), 1)
    except UserError as error:
        return str(error)
    return "no refusal"


def main(name, cpus, path, setting):
    numerics.configure(2)
    if name != "multi_worker":
        cpu = tf.config.list_physical_devices("CPU")[0]
        devices = [tf.config.LogicalDeviceConfiguration()] * int(cpus)
        tf.config.set_logical_device_configuration(cpu, devices)
    strategy = open_strategy(name)
    if setting == "refusals":
        found = {"refusals": refusals(strategy)}
    else:
        model, hparams, steps = SETTINGS[setting]
        # Keras models cannot be built before the devices are set.
        found = trained(strategy, model or two_heads(), hparams, steps)
    np.savez(path, replicas=strategy.num_replicas_in_sync, **found)


def refusals(strategy):
    """What is said of three settings that replicas cannot honor."""
    rest = (Adam(), Constant(0.01))
    odd = {"sync_batch_norm": False, "batch_norm_groups": 3}
    return [
        refusal(strategy, LENET, 23, *rest),
        refusal(strategy, NARROW, 24, *rest, **odd),
        refusal(strategy, LENET, 24, *rest, xla="on"),
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
