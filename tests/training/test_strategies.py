"""Training spread over two devices: the same numbers up to rounding, or a clear refusal.

Devices are a setting of the whole process, hence processes of their own.
"""

import subprocess
import sys

import numpy as np
import pytest

from lth_tf.errors import UserError
from lth_tf.training.strategies import open_strategy

SCRIPT = """
import sys
import numpy as np
import tensorflow as tf
from lth_tf import pruning
from lth_tf.data import Examples, Task
from lth_tf.errors import UserError
from lth_tf.models import Lenet, Resnet
from lth_tf.models.network import network
from lth_tf.recipes import Dense, Init, Shuffle, train
from lth_tf.training import Adam, Constant, Hparams, numerics
from lth_tf.training.program import Program
from lth_tf.training.state import State
from lth_tf.training.strategies import open_strategy
from lth_tf.training.trajectory import Trajectory

numerics.configure(2)
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

rng = np.random.default_rng(0)
images = rng.integers(256, size=(90, 8, 8, 1), dtype=np.uint8)
labels = rng.integers(10, size=90, dtype=np.int32)
examples = Examples(images, labels, images, labels, 10)
model = Lenet(widths=(8,), image_shape=(8, 8, 1))
task = Task("random", augmentation="crop_and_flip", padding=1)
net = network(model)

def end(strategy, cuts):
    hparams = Hparams(20, Adam(), Constant(0.01), 1e-3)
    start = State(0, net.initial_weights(0), {})
    half = {n: np.arange(np.prod(net.shapes[n])).reshape(net.shapes[n]) % 2 for n in net.prunable}
    mask = pruning.shuffle(half, 0)
    program = Program(net, task, hparams, examples, strategy, True)
    run = train(Init(model, 0), Shuffle(Dense(model), 0), task, hparams, 0)
    state, losses = start.masked(mask), []
    for stop in cuts:
        trajectory = Trajectory(program, run, state, mask)
        while trajectory.step < stop:
            losses.append(trajectory.advance(stop))
        state = trajectory.state()
    arrays = {name.replace("/", "."): a for name, a in state.to_arrays().items()}
    return arrays | {"losses": np.concatenate(losses)}

def refusal(model, batch_size):
    try:
        hparams = Hparams(batch_size, Adam(), Constant(0.01))
        Program(network(model), task, hparams, examples, mirrored, False)
    except UserError as error:
        return str(error)

mirrored = open_strategy("mirrored")
assert mirrored.num_replicas_in_sync == 2, mirrored.num_replicas_in_sync
np.savez(sys.argv[1] + "/one.npz", **end(tf.distribute.get_strategy(), (20,)))
np.savez(sys.argv[1] + "/two.npz", **end(mirrored, (20,)))
np.savez(sys.argv[1] + "/cut.npz", **end(mirrored, (7, 20)))
print(refusal(model, 21))
print(refusal(Resnet(depth=8, width=2, image_shape=(8, 8, 1)), 20))
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The folder with the states at the end, and the lines that were printed."""
    folder = tmp_path_factory.mktemp("strategies")
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr[-3000:]
    return folder, found.stdout.splitlines()


def test_two_devices_train_what_one_does(ran):
    one, two = (np.load(ran[0] / f"{name}.npz") for name in ("one", "two"))
    assert set(one.files) == set(two.files)
    for name in one.files:
        np.testing.assert_allclose(two[name], one[name], rtol=1e-4, atol=2e-6, err_msg=name)
        assert np.array_equal(two[name] == 0, one[name] == 0), name


def test_two_devices_give_the_same_bytes_in_pieces(ran):
    whole, cut = (np.load(ran[0] / f"{name}.npz") for name in ("two", "cut"))
    for name in whole.files:
        assert whole[name].tobytes() == cut[name].tobytes(), name


def test_what_cannot_be_shared_is_refused(ran):
    batch, norm = ran[1][-2:]
    assert batch == (
        "Hparams.batch_size is 21, which 2 replicas cannot share equally: choose a multiple"
    )
    assert norm.startswith("--strategy with 2 replicas: resnet has batch norm")


def test_unknown_strategies_are_named():
    with pytest.raises(UserError, match="--strategy=tpu; allowed: default, one_device, mirrored"):
        open_strategy("tpu")
