"""Writes what XLA is given to compile of training, as a TPU gets it: `lower_for_tpu.py FILE NAME`.

A program, as TensorFlow is set up as for a TPU: without its determinism.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
import zoo

from lth_tf.data import Examples, Task
from lth_tf.models import InceptionV3, Lenet, Resnet, SqueezeNet, Vgg, convolution
from lth_tf.models.network import network
from lth_tf.training import Adam, Constant, Hparams, Momentum, Rmsprop, numerics
from lth_tf.training.batches import CAPACITY
from lth_tf.training.program import Program

COLOUR = Task("random", mean=(0.5,), std=(0.25,), augmentation="crop_and_flip", padding=2)
BATCH = 8
REST = (BATCH, Momentum(), Constant(0.1), 1e-4)
UNSYNCED = {"sync_batch_norm": False, "batch_norm_groups": 2}
RESNET = Resnet(depth=8, width=4)
SETTINGS = {
    "lenet": (Lenet(), Hparams(BATCH, Adam(), Constant(0.01)), Task("random")),
    "resnet8": (RESNET, Hparams(*REST), COLOUR),
    "resnet8_bfloat16": (RESNET, Hparams(*REST, precision="mixed_bfloat16"), COLOUR),
    "resnet8_groups": (RESNET, Hparams(*REST, **UNSYNCED), COLOUR),
    "vgg": (Vgg(width=4), Hparams(*REST), COLOUR),
    "inception": (
        InceptionV3(10, (75, 75, 3), 0.1),
        Hparams(BATCH, Rmsprop(), Constant(0.1), 4e-5, label_smoothing=0.1, auxiliary_weight=0.4),
        COLOUR,
    ),
    "squeezenet": (SqueezeNet(10, (32, 32, 3)), Hparams(BATCH, Rmsprop(), Constant(0.1)), COLOUR),
}
SETTINGS = {n: (m, Hparams(*REST), COLOUR) for n, m in zoo.SMALL.items()} | SETTINGS


def program_of(name):
    """The program of a setting, on the default strategy."""
    model, hparams, task = SETTINGS[name]
    images, labels = np.zeros((BATCH, *model.image_shape), np.uint8), np.zeros(BATCH, np.int32)
    examples = Examples(images, labels, images, labels, model.classes)
    net = network(model, hparams.precision, hparams.batch_norm_groups)
    return Program(net, task, hparams, examples, tf.distribute.get_strategy(), True)


def inputs(program, *steps):
    """The arguments of a step, or of the loop if its number of steps is given."""
    drawn = BATCH if program.task.augmentation != "none" else 0
    return [
        tf.TensorSpec(program.feed.images.shape, tf.uint8),
        tf.TensorSpec([BATCH], tf.int32),
        tf.TensorSpec([*steps, BATCH], tf.int32),
        tf.TensorSpec([*steps, drawn, 4], tf.int32),
        tf.TensorSpec(steps, tf.float32),
        tf.TensorSpec(steps, tf.float32),
    ]


def hlo(function, *arguments):
    """The text of a function's HLO. It is not compiled: no XLA for TPUs is here."""
    compiled = tf.function(function, jit_compile=True)
    cpu = tf.config.list_logical_devices("CPU")[0].name
    return compiled.experimental_get_compiler_ir(*arguments)(stage="hlo", device_name=cpu)


def main(path, name):
    numerics.configure(2, for_tpu=True)
    convolution.on_accelerator = lambda: True
    if name == "loop":
        program = program_of("lenet")
        steps = inputs(program, CAPACITY)
        path.write_text(hlo(program._steps, *steps, tf.TensorSpec((), tf.int32)))
    else:
        program = program_of(name)
        path.write_text(hlo(program._step, *inputs(program)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
