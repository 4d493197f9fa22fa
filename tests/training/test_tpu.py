"""What of a TPU can be checked without one: what XLA gets to compile, and what a user is told."""

import functools
import re
import socket

import pytest
import zoo
from binaries import succeed_program

from lth_tf.errors import UserError
from lth_tf.training.strategies import open_strategy

# Convolutions with weights; VGG's last ones, of 2x2 pixels, are matrix products on a CPU.
CONVOLUTIONS = {"lenet": 0, "vgg": 13, "inception": 96, "squeezenet": 26} | dict.fromkeys(
    ("resnet8", "resnet8_bfloat16", "resnet8_groups"), 9
)


# The others are made of the same layers.
OFTEN = ("lenet", "loop", "resnet8_bfloat16", "squeezenet", "vgg")


def each(names):
    """Of some names, one test each: of those that are not tried often, by `make faults`."""
    often = [(name, () if name in OFTEN else pytest.mark.faults) for name in names]
    params = [pytest.param(name, marks=marks, id=name) for name, marks in often]
    return pytest.mark.parametrize("name", params)


@pytest.fixture(scope="module")
def lowered(tmp_path_factory):
    """Returns what XLA is given of a network, by its name."""
    folder = tmp_path_factory.mktemp("hlo")

    @functools.cache
    def lower(name):
        succeed_program("training/lower_for_tpu.py", folder / name, name)
        return (folder / name).read_text()

    return lower


@each(sorted({*CONVOLUTIONS, *zoo.SMALL, "loop"}))
def test_what_a_tpu_would_run_is_hlo_with_static_shapes_and_no_host(lowered, name):
    text = lowered(name)
    assert text.startswith("HloModule") and "<=" not in text
    assert not re.findall(r"custom-call|infeed|outfeed|\b(?:send|recv)(?:-done)?\(|host", text)
    assert (" while(" in text) == (name == "loop")


@each(CONVOLUTIONS)
def test_a_tpu_gets_its_own_convolutions(lowered, name):
    # Forward, to the kernel, to the input; that to the images goes unused.
    assert lowered(name).count(" convolution(") == 3 * CONVOLUTIONS[name]


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
