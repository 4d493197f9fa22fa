"""Networks of people's own are trained, pruned and evaluated as ours; their noise is addressed."""

import functools

import keras
import keras_networks
import numpy as np
import pytest
import tensorflow as tf
from keras_networks import MAKERS, RANDOM, L, sequential

from lth_tf import pruning
from lth_tf.data import Task, load
from lth_tf.data.order import layer_seeds
from lth_tf.errors import UserError
from lth_tf.models import from_keras
from lth_tf.models.network import network
from lth_tf.models.trial import compiles
from lth_tf.recipes import Init, Ones, Shuffle, train
from lth_tf.state import State
from lth_tf.training import Constant, Hparams, Momentum
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.feed import WholeSplit
from lth_tf.training.program import Program
from lth_tf.training.strategies import check_replicas
from lth_tf.training.trajectory import Trajectory

TASK = Task("digits")
END = 9


@pytest.fixture(scope="module")
def examples(digits_folder):
    return load(TASK, digits_folder)


@pytest.fixture(scope="module")
def programs(examples):
    @functools.cache
    def program(name, xla):
        hparams = Hparams(30, Momentum(), Constant(0.02), xla=xla)
        net = network(keras_networks.recipe(name))
        return Program(net, TASK, hparams, examples, tf.distribute.get_strategy(), sparse=True)

    return lambda name, xla="auto": program(name, xla)


def start(net, seed=0):
    return State(0, net.initial_weights(seed), net.initial_statistics())


def advance(program, state, mask, to_step, noise=0):
    model = keras_networks.recipe("dropout")  # which one it is decides nothing here
    recipe = Shuffle(Ones(model), 0)
    run = train(Init(model, 0), recipe, TASK, program.hparams, noise)
    trajectory = Trajectory(program, run, state.masked(mask), mask)
    while trajectory.step < to_step:
        trajectory.advance(to_step)
    return trajectory.state()


def content(state):
    return {name: array.tobytes() for name, array in state.to_arrays().items()}


# The others by `make faults`: test_keras_networks.py has what is pruned of all of them, and names.
OFTEN = ("pooling", "own block", "separable", "attention", "recurrent", "noise")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in OFTEN else pytest.mark.faults) for n in MAKERS]
)
def test_train_prune_train_evaluate(programs, examples, name):
    program = programs(name)
    net = program.network
    full = pruning.ones({n: net.shapes[n] for n in net.prunable})
    trained = advance(program, start(net), full, END)
    assert all(np.isfinite(a).all() for a in trained.to_arrays().values())
    assert all(np.any(trained.weights[n] != start(net).weights[n]) for n in net.prunable)
    kernels = {n: trained.weights[n] for n in net.prunable}
    mask = pruning.prune(full, {n: np.abs(k) for n, k in kernels.items()}, 0.5)
    assert pruning.density(mask) == pytest.approx(0.5, abs=0.01)
    ticket = advance(program, start(net), mask, END)
    for arrays in (ticket.weights, *ticket.slots.values()):
        for kernel, kept in mask.items():
            assert np.all(arrays[kernel][kept == 0] == 0)
    split = WholeSplit(examples.test_images[:50], examples.test_labels[:50])
    evaluator = Evaluator(net, TASK, compiles("auto", net), 20)
    scores = [evaluator.line(ticket, trained, np.array([0.0, 1.0]), split) for _ in range(2)]
    assert np.isfinite(scores[0].loss).all()
    np.testing.assert_array_equal(scores[0].loss, scores[1].loss)


# Of these, XLA compiles some, of which dropout, and cannot compile others; dropout's in both ways.
@pytest.mark.parametrize(
    "name, xla",
    [
        *(("own block", "auto"), ("noise", "auto"), ("dropout", "auto"), ("dropout", "off")),
        *(
            pytest.param(name, "auto", marks=pytest.mark.faults)
            for name in RANDOM
            if name not in (*OFTEN, "dropout")
        ),
    ],
)
def test_in_pieces_random_layers_give_the_same_bytes(programs, name, xla):
    program = programs(name, xla)
    net = program.network
    assert name != "dropout" or compiles(xla, net) == (xla == "auto")
    mask = {n: np.ones(net.shapes[n], np.uint8) for n in net.prunable}
    whole, state = advance(program, start(net), mask, END), start(net)
    for stop in (2, 3, END):
        advance(program, start(net, 1), mask, 3, noise=2)  # something else in between
        state = advance(program, state, mask, stop)
    assert content(state) == content(whole)
    other = advance(program, start(net), mask, END, noise=1)
    assert content(other) != content(whole)


def test_a_step_draws_from_the_seeds_of_its_address(programs):
    """The loss of one step is that of a pass with the seeds of ('layer seeds', noise, step)."""
    program = programs("noise")
    net, first = program.network, start(program.network)
    mask = {n: np.ones(net.shapes[n], np.uint8) for n in net.prunable}
    at = advance(program, first, mask, 300)
    model = keras_networks.recipe("noise")
    run = train(Init(model, 0), Shuffle(Ones(model), 0), TASK, program.hparams, 0)
    batches = Trajectory(program, run, at, mask)._batches(0, 2)
    np.testing.assert_array_equal(batches.seeds, layer_seeds(0, 300, 2, len(net.seed_names)))
    rows = [layer_seeds(0, s, 1, 2)[0].tobytes() for s in range(250, 260)]
    assert len(set(rows)) == 10
    np.testing.assert_array_equal(layer_seeds(0, 250, 10, 2)[7], layer_seeds(0, 257, 1, 2)[0])


def test_networks_without_random_layers_get_no_seeds(programs):
    program = programs("einsum")
    mask = {n: np.ones(program.network.shapes[n], np.uint8) for n in program.network.prunable}
    model = keras_networks.recipe("einsum")
    run = train(Init(model, 0), Shuffle(Ones(model), 0), TASK, program.hparams, 0)
    batches = Trajectory(program, run, start(program.network), mask)._batches(0, 2)
    assert batches.seeds is None and len(batches.padded(batches.indices, 10)) == 5


def test_xla_is_left_off_where_it_cannot_compile():
    net = network(keras_networks.recipe("pooling"))
    assert not compiles("auto", net) and not compiles("off", net)
    with pytest.raises(UserError, match="Hparams.xla is 'on', but XLA cannot compile") as error:
        compiles("on", net)
    assert "\n" not in str(error.value)
    assert compiles("auto", network(keras_networks.recipe("einsum")))


def test_replicas_cannot_share_random_draws():
    class Two:
        num_replicas_in_sync = 2

    hparams = Hparams(30, Momentum(), Constant(0.02))
    net = network(keras_networks.recipe("dropout"))
    with pytest.raises(UserError, match="layer 'dropout_1' draws random numbers .* one device"):
        check_replicas(Two(), hparams, net)


def test_statistics_are_estimated_anew_under_addressed_draws():
    model = sequential(L.Flatten(), L.Dropout(0.5), L.Dense(4), L.BatchNormalization())
    net = network(from_keras(model))
    images = keras.random.uniform((20, 8, 8, 1), seed=1)
    weights = net.initial_weights(0)
    same, again, other = (net.batch_moments(weights, images, b) for b in (0, 0, 1))
    for name in net.statistic_names:
        np.testing.assert_array_equal(same[name], again[name])
        assert not np.array_equal(same[name], other[name])
