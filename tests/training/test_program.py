"""A^{s->t} is a pure function: of the state, the mask, the noise and the hyperparameters."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from lth_tf import pruning
from lth_tf.data import Examples, Task, load
from lth_tf.errors import UserError
from lth_tf.models import Lenet, Resnet
from lth_tf.models.network import network
from lth_tf.recipes import Init, Ones, Shuffle, train
from lth_tf.state import State
from lth_tf.training import Adam, Constant, Hparams, Momentum, Rmsprop, Steps, numerics
from lth_tf.training.batches import CAPACITY
from lth_tf.training.program import Program
from lth_tf.training.trajectory import Trajectory

LENET = Lenet(widths=(8,), image_shape=(8, 8, 1))
RESNET = Resnet(depth=8, width=4, classes=3, image_shape=(8, 8, 3))
CROPS = Task("random", mean=(0.5,), std=(0.25,), augmentation="crop_and_flip", padding=2)
SCHEDULE = Steps(0.05, warmup_steps=3, drops=(9,))
SETTINGS = {
    "adam": (LENET, Hparams(60, Adam(), Constant(0.01), xla="off")),
    "adam xla": (LENET, Hparams(60, Adam(), Constant(0.01), xla="on")),
    "momentum coupled": (
        LENET,
        Hparams(50, Momentum(), SCHEDULE, 1e-2, remainder="carry", xla="off"),
    ),
    "momentum decoupled xla": (
        LENET,
        Hparams(50, Momentum(), SCHEDULE, 1e-2, "decoupled", "all", xla="on"),
    ),
    "adam coupled": (LENET, Hparams(50, Adam(), SCHEDULE, 1e-2, "coupled", "all", xla="off")),
    "rmsprop": (
        LENET,
        Hparams(50, Rmsprop(), SCHEDULE, 1e-2, label_smoothing=0.1, xla="off"),
    ),
    "resnet": (RESNET, Hparams(8, Momentum(), SCHEDULE, 1e-2)),
    "resnet bfloat16": (
        RESNET,
        Hparams(8, Momentum(), SCHEDULE, 1e-2, precision="mixed_bfloat16"),
    ),
}
END = 14


@pytest.fixture(scope="module")
def examples(digits_folder):
    """By model: digits, and random color images."""
    rng = np.random.default_rng(0)
    colors = Examples(
        rng.integers(256, size=(30, 8, 8, 3), dtype=np.uint8),
        rng.integers(3, size=30, dtype=np.int32),
        *(np.zeros((1, 8, 8, 3), np.uint8), np.zeros(1, np.int32), 3),
    )
    return {LENET: load(Task("digits"), digits_folder), RESNET: colors}


@pytest.fixture(scope="module")
def programs(examples):
    """Compiled once for all tests, so that each finds them as the last one left them."""

    @functools.cache
    def program(name, sparse=True):
        return new_program(examples, name, sparse)

    return program


def task_of(model):
    return Task("digits") if model is LENET else CROPS


def new_program(examples, name, sparse=True):
    model, hparams = SETTINGS[name]
    strategy = tf.distribute.get_strategy()
    net = network(model, hparams.precision)
    return Program(net, task_of(model), hparams, examples[model], strategy, sparse)


def start(name, seed=0):
    net = network(SETTINGS[name][0])
    return State(0, net.initial_weights(seed), net.initial_statistics())


def half(name, seed=0):
    """A mask without half of each kernel's weights."""
    net = network(SETTINGS[name][0])
    kernels = {n: np.arange(np.prod(net.shapes[n])) % 2 for n in net.prunable}
    return pruning.shuffle({n: k.reshape(net.shapes[n]) for n, k in kernels.items()}, seed)


def ones(name):
    net = network(SETTINGS[name][0])
    return pruning.ones({n: net.shapes[n] for n in net.prunable})


def advance(program, name, state, mask, to_step, noise=0):
    """A^{s->t}, as the store asks for it; the mask's recipe only says that there is one."""
    model, hparams = SETTINGS[name]
    recipe = Shuffle(Ones(model), 0)
    run = train(Init(model, 0), recipe, task_of(model), hparams, noise)
    trajectory = Trajectory(program, run, state.masked(mask), mask)
    while trajectory.step < to_step:
        trajectory.advance(to_step)
    return trajectory.state()


def content(state):
    arrays = state.to_arrays()
    return state.step, state.updates, {n: (a.dtype, a.tobytes()) for n, a in arrays.items()}


every_setting = pytest.mark.parametrize("name", list(SETTINGS))


@every_setting
def test_in_pieces_and_through_files_it_gives_the_same_bytes(programs, examples, name):
    program, mask = programs(name), half(name)
    whole = advance(program, name, start(name), mask, END)
    state = start(name)
    for stop in (5, 6, END):
        # Something else in between, and a state that has been through a file.
        advance(program, name, start(name, seed=1), ones(name), 3, noise=2)
        state = State.from_arrays(state.to_arrays(), state.step, state.updates)
        state = advance(program, name, state, mask, stop)
    assert content(state) == content(whole)
    again = advance(new_program(examples, name), name, start(name), mask, END)
    assert content(again) == content(whole)


@every_setting
def test_every_ingredient_changes_every_trained_array(programs, name):
    program, mask = programs(name), half(name)
    base = advance(program, name, start(name), mask, 4)
    others = {
        "noise": advance(program, name, start(name), mask, 4, noise=1),
        "seed": advance(program, name, start(name, seed=1), mask, 4),
        "mask": advance(program, name, start(name), half(name, seed=1), 4),
        "step": advance(program, name, start(name), mask, 5),
    }
    for what, other in others.items():
        for array, value in base.to_arrays().items():
            assert not np.array_equal(value, other.to_arrays()[array]), (what, array)


@every_setting
def test_pruned_weights_and_slots_are_exactly_zero(programs, name):
    program, mask = programs(name), half(name)
    state = start(name)
    for stop in (1, 2, END):
        state = advance(program, name, state, mask, stop)
        for kernel, kept in mask.items():
            slots = {f"{slot} {kernel}": arrays[kernel] for slot, arrays in state.slots.items()}
            for what, array in {kernel: state.weights[kernel], **slots}.items():
                assert np.all(array[kept == 0] == 0), what
                assert np.any(array[kept == 1] != 0), what


def test_the_pruned_weights_of_a_start_do_not_matter(programs):
    name = "adam"
    clean, mask = start(name), half(name)
    spoilt = {n: np.where(mask[n], w, 7) if n in mask else w for n, w in clean.weights.items()}
    ends = [advance(programs(name), name, s, mask, 3) for s in (clean, State(0, spoilt, {}))]
    assert content(ends[0]) == content(ends[1])


@pytest.mark.parametrize("name", ["adam", "resnet"])
def test_a_dense_program_is_a_sparse_one_with_a_mask_of_ones(programs, name):
    dense = advance(programs(name, sparse=False), name, start(name), ones(name), 4)
    sparse = advance(programs(name), name, start(name), ones(name), 4)
    assert content(dense) == content(sparse)


def test_slots_carried_are_not_slots_reset(programs):
    name = "momentum coupled"
    middle = advance(programs(name), name, start(name), ones(name), 4)
    reset = State(middle.step, middle.weights, middle.statistics)
    ends = [advance(programs(name), name, s, ones(name), 5) for s in (middle, reset)]
    assert (ends[0].updates, ends[1].updates) == (5, 1)
    kernel = "dense_1/kernel"
    assert not np.array_equal(ends[0].weights[kernel], ends[1].weights[kernel])


@every_setting
def test_the_loop_is_traced_once_whatever_the_number_of_steps(programs, name):
    program = programs(name)
    for stop in (1, 2, 7):
        advance(program, name, start(name), half(name), stop)
    assert program.traces == 1


def test_runs_longer_than_a_call_are_cut(programs):
    name = "adam xla"
    end = advance(programs(name), name, start(name), ones(name), CAPACITY + 3)
    assert end.step == end.updates == CAPACITY + 3
    losses = Trajectory(programs(name), run_of(name), end, ones(name)).advance(CAPACITY + 4).losses
    assert losses.shape == (1,) and losses[0] < 0.1


def run_of(name):
    model, hparams = SETTINGS[name]
    return train(Init(model, 0), Ones(model), task_of(model), hparams, 0)


@pytest.mark.parametrize("name", ["momentum coupled", "momentum decoupled xla"])
def test_weight_decay_by_hand(programs, examples, name):
    """The first step: v = rate * (g + decay * w), or rate * decay * w taken off beside it."""
    program, hparams = programs(name), SETTINGS[name][1]
    before, rate = start(name), 0.05 / 3
    weights = dict(before.weights) | {"logits/bias": np.full(10, 0.5, np.float32)}
    after = advance(program, name, State(0, weights, {}), ones(name), 1)
    for weight, value in weights.items():
        decays = hparams.decay_on == "all" or weight.endswith("kernel")
        decay = rate * 0.01 * value if decays and hparams.decay == "decoupled" else 0.0
        velocity = after.slots["velocity"][weight]
        np.testing.assert_allclose(after.weights[weight], value - velocity - decay, atol=1e-7)
    # Digits' corner pixel is always black: what its weights get is the decay alone.
    corner, velocity = weights["dense_1/kernel"][0], after.slots["velocity"]["dense_1/kernel"][0]
    assert examples[LENET].train_images[:, 0, 0].max() == 0
    coupled = hparams.decay == "coupled"
    np.testing.assert_allclose(velocity, rate * 0.01 * corner * coupled, rtol=1e-5)
    decayed = after.weights["dense_1/kernel"][0]
    np.testing.assert_allclose(decayed, corner * (1 - rate * 0.01), rtol=1e-6)


def test_another_number_of_threads_is_refused(examples):
    model, hparams = SETTINGS["adam"]
    many = Hparams(60, hparams.optimizer, hparams.schedule, threads=7)
    with pytest.raises(UserError, match="Hparams.threads is 7, but this process runs on 2"):
        Program(
            *(network(model), task_of(model), many, examples[model]),
            *(tf.distribute.get_strategy(), False),
        )
    numerics.configure(2)
    with pytest.raises(UserError, match="Hparams.threads is 7"):
        numerics.configure(7)
