"""What of a TPU can be checked without one: what XLA gets to compile, and what a user is told."""

import re
import socket

import numpy as np
import pytest
import tensorflow as tf

from lth_tf.data import Examples, Task
from lth_tf.errors import UserError
from lth_tf.models import Lenet, Resnet, Vgg, convolution
from lth_tf.models.network import network
from lth_tf.training import Adam, Constant, Hparams, Momentum
from lth_tf.training.program import CAPACITY, Program
from lth_tf.training.strategies import open_strategy

COLOUR = Task("random", mean=(0.5,), std=(0.25,), augmentation="crop_and_flip", padding=2)
GREY = Task("random")
BATCH = 8
FLOAT, BFLOAT = (
    Hparams(BATCH, Momentum(), Constant(0.1), 1e-4, precision=precision)
    for precision in ("float32", "mixed_bfloat16")
)
UNSYNCED = Hparams(BATCH, Momentum(), Constant(0.1), sync_batch_norm=False, batch_norm_groups=2)
SETTINGS = {
    "lenet": (Lenet(), Hparams(BATCH, Adam(), Constant(0.01)), GREY),
    "resnet20": (Resnet(depth=20, width=4), FLOAT, COLOUR),
    "resnet20 bfloat16": (Resnet(depth=20, width=4), BFLOAT, COLOUR),
    "resnet20 groups": (Resnet(depth=20, width=4), UNSYNCED, COLOUR),
    "vgg": (Vgg(width=4), FLOAT, COLOUR),
}


def program_of(name):
    """As a TPU would get it: its own convolutions, of tiny images too."""
    model, hparams, task = SETTINGS[name]
    images = np.zeros((BATCH, *model.image_shape), np.uint8)
    labels = np.zeros(BATCH, np.int32)
    examples = Examples(images, labels, images, labels, 10)
    net = network(model, hparams.precision, hparams.batch_norm_groups)
    return Program(net, task, hparams, examples, tf.distribute.get_strategy(), True)


def inputs(program, *steps):
    """The arguments of a step, or of the loop if a number of steps is given."""
    drawn = BATCH if program.task.augmentation != "none" else 0
    return [
        tf.TensorSpec(program._images.shape, tf.uint8),
        tf.TensorSpec([BATCH], tf.int32),
        tf.TensorSpec([*steps, BATCH], tf.int32),
        tf.TensorSpec([*steps, drawn, 3], tf.int32),
        tf.TensorSpec(steps, tf.float32),
        tf.TensorSpec(steps, tf.float32),
    ]


def hlo(function, *arguments):
    """What XLA is given to compile. It is not compiled: the CPU's XLA cannot do all of it."""
    compiled = tf.function(function, jit_compile=True)
    return compiled.experimental_get_compiler_ir(*arguments)(stage="hlo")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_step_is_xlas_with_static_shapes(name, monkeypatch):
    monkeypatch.setattr(convolution, "on_accelerator", lambda: True)
    program = program_of(name)
    text = hlo(program._step, *inputs(program))
    assert text.startswith("HloModule") and "<=" not in text
    # Nothing that waits for the host.
    assert not re.findall(r"custom-call|infeed|outfeed|\b(?:send|recv)(?:-done)?\(|host", text)
    kernels = [n for n in program.network.prunable if len(program.network.shapes[n]) > 2]
    # Forward, and backward to the kernel and, but for the first, to the input.
    expected = 3 * len(kernels) - 1 if kernels else 0
    assert len(re.findall(r" convolution\(", text)) == expected


def test_the_whole_loop_is_xlas_with_static_shapes():
    program = program_of("lenet")
    text = hlo(program._steps, *inputs(program, CAPACITY), tf.TensorSpec((), tf.int32))
    assert text.startswith("HloModule") and " while(" in text and "<=" not in text


def test_a_tpu_that_is_not_there_is_one_line():
    with pytest.raises(UserError) as caught:
        open_strategy("tpu", "local", None, None)
    assert re.match(
        "--strategy=tpu, --tpu=local: there is no TPU, or this TensorFlow has no kernels for it",
        str(caught.value),
    )
    assert "\n" not in str(caught.value)


def test_a_tpu_that_does_not_answer_is_one_line():
    with socket.create_server(("localhost", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(
        UserError, match=f"--tpu=grpc://localhost:{port}: cannot be reached: .*refu"
    ):
        open_strategy("tpu", f"grpc://localhost:{port}", None, None)
