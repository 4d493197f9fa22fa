"""Whole training runs, and where they diverge, against the formulas in NumPy float64."""

import keras
import numpy as np
import numpy_training
import pytest
import tensorflow as tf

from lth_tf import pruning
from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.models import Lenet, from_keras
from lth_tf.models.network import network
from lth_tf.recipes import Init, Ones, train
from lth_tf.state import State
from lth_tf.training import Adam, Constant, Exponential, Hparams, Momentum, Rmsprop, Steps
from lth_tf.training.program import Program
from lth_tf.training.trajectory import Trajectory

MODEL = Lenet(widths=(12, 8), image_shape=(8, 8, 1))
TASK = Task("digits", mean=(0.3,), std=(0.4,))
STEPS = 20


def ones(model=MODEL):
    net = network(model)
    return pruning.ones({name: net.shapes[name] for name in net.prunable})


@pytest.fixture(scope="module")
def examples(digits_folder):
    return load(TASK, digits_folder)


def trajectory(examples, hparams, state, mask, sparse=False, model=MODEL):
    program = Program(
        network(model), TASK, hparams, examples, tf.distribute.get_strategy(), sparse=sparse
    )
    return Trajectory(program, train(Init(model, 0), Ones(model), TASK, hparams, 0), state, mask)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("xla", ["off", "on"])
def test_training_with_adam(examples, xla, sparse):
    hparams = Hparams(60, Adam(), Constant(0.01), xla=xla)
    mask = ones()
    initial = network(MODEL).initial_weights(0)
    if sparse:
        mask = pruning.prune(mask, {n: np.abs(initial[n]) for n in mask}, 0.4)
    order = batches(0, 0, STEPS, len(examples.train_labels), 60, "drop")
    normalized = (examples.train_images / 255 - 0.3) / 0.4
    taken = [(normalized[i], examples.train_labels[i]) for i in order]
    expected, expected_losses = numpy_training.adam(initial, mask, taken, 0.01)
    run = trajectory(examples, hparams, State(0, initial, {}).masked(mask), mask, sparse)
    losses, correct = [], []
    while run.step < STEPS:
        outcomes = run.advance(STEPS)
        losses += outcomes.losses.tolist()
        correct += outcomes.correct.tolist()
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for step, (images, labels) in enumerate(taken):
        before = numpy_training.adam(initial, mask, taken[:step], 0.01)[0]
        classes = numpy_training.activations(before, images)[-1].argmax(1)
        assert correct[step] == (classes == labels).tolist(), step
    for name, value in run.state().weights.items():
        # An update is of the order of 0.01 in every weight, 20 of them apart from the start.
        np.testing.assert_allclose(value, expected[name], atol=2e-6)


def two_headed():
    """A network with an auxiliary head on its first layer."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Flatten()(inputs)
    first = keras.layers.Dense(12, "relu", name="first")(x)
    second = keras.layers.Dense(9, "relu", name="second")(first)
    logits = keras.layers.Dense(10, name="logits")(second)
    return from_keras(
        keras.Model(inputs, [logits, keras.layers.Dense(10, name="auxiliary")(first)])
    )


@pytest.mark.parametrize(
    "xla, smoothing, auxiliary",
    [
        *(("off", 0.1, 0.4), ("off", 0.0, 0.4), ("off", 0.3, 0.0), ("on", 0.1, 0.4)),
        pytest.param("on", 0.0, 0.4, marks=pytest.mark.faults),
        pytest.param("on", 0.3, 0.0, marks=pytest.mark.faults),
    ],
)
def test_training_with_rmsprop_smoothed_labels_and_an_auxiliary_head(
    examples, xla, smoothing, auxiliary
):
    model, schedule = two_headed(), Exponential(0.2, 3, 5, 0.5)
    rest = {"label_smoothing": smoothing, "auxiliary_weight": auxiliary, "xla": xla}
    hparams = Hparams(60, Rmsprop(), schedule, 0.01, **rest)
    initial = network(model).initial_weights(0)
    mask = ones(model)
    mask = pruning.prune(mask, {n: np.abs(initial[n]) for n in mask}, 0.4)
    order = batches(0, 0, STEPS, len(examples.train_labels), 60, "drop")
    normalized = (examples.train_images / 255 - 0.3) / 0.4
    expected, expected_losses = numpy_training.rmsprop(
        [(1.0, ("first", "second", "logits")), (auxiliary, ("first", "auxiliary"))],
        *(initial, mask, [(normalized[i], examples.train_labels[i]) for i in order]),
        *(schedule(np.arange(STEPS)), smoothing, 0.01),
    )
    run = trajectory(examples, hparams, State(0, initial, {}).masked(mask), mask, True, model)
    losses: list[float] = []
    while run.step < STEPS:
        losses += run.advance(STEPS).losses.tolist()
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for name, value in run.state().weights.items():
        np.testing.assert_allclose(value, expected[name], atol=2e-6, err_msg=name)
    # Without a part in the loss, the head's bias, which does not decay, stays where it began.
    assert (np.abs(run.state().weights["auxiliary/bias"]).max() == 0) == (auxiliary == 0)


HUGE = {
    "at once": Hparams(60, Momentum(), Constant(1e30)),
    # Decay so strong that each step multiplies the kernels by about -30.
    "later": Hparams(60, Momentum(0.0), Constant(0.01), weight_decay=3e3, xla="on"),
}


def first_step_not_finite(examples, hparams):
    """One step at a time, in NumPy, with float32 where it overflows."""
    weights = network(MODEL).initial_weights(0)
    images = ((examples.train_images / 255 - 0.3) / 0.4).astype(np.float32)
    with np.errstate(all="ignore"):
        for step, chosen in enumerate(batches(0, 0, 50, len(images), 60, "drop")):
            batch = images[chosen], examples.train_labels[chosen]
            if not np.isfinite(float32_loss(weights, *batch)):
                return step
            for name, gradient in numpy_training.gradients(weights, *batch).items():
                if name.endswith("kernel"):
                    gradient = gradient + hparams.weight_decay * weights[name]
                update = hparams.schedule.rate * gradient
                weights[name] = (weights[name] - update).astype(np.float32)
    raise AssertionError("it does not diverge")


def float32_loss(weights, images, labels):
    """The summed cross-entropy, from the logits less the largest of each row."""
    x = images.reshape(len(images), -1)
    for layer in ("dense_1", "dense_2"):
        x = np.maximum(x @ weights[f"{layer}/kernel"] + weights[f"{layer}/bias"], np.float32(0))
    logits = x @ weights["logits/kernel"] + weights["logits/bias"]
    logits = logits - logits.max(1, keepdims=True)
    chosen = logits[np.arange(len(labels)), labels]
    return np.sum(np.log(np.exp(logits).sum(1)) - chosen)


@pytest.mark.parametrize("kind", list(HUGE))
def test_where_a_run_diverges_does_not_depend_on_how_it_is_cut(examples, kind):
    hparams, state = HUGE[kind], State(0, network(MODEL).initial_weights(0), {})
    mask = ones()
    run = trajectory(examples, hparams, state, mask)
    expected = first_step_not_finite(examples, hparams)
    assert expected > (0 if kind == "at once" else 2)
    for stops in (range(1, 60), (60,), (1, 2, 60), (expected, 60), (expected + 1, 60), (5, 60)):
        run = Trajectory(run._program, run._run, state, mask)
        for stop in stops:
            while run.step < stop and run.diverged_at is None:
                run.advance(stop)
            assert run.diverged_at == (None if run.step <= expected else expected)
        assert run.diverged_at == expected


def test_a_run_that_starts_broken_diverges_at_its_first_step(examples):
    broken = network(MODEL).initial_weights(0) | {"logits/bias": np.full(10, np.nan, np.float32)}
    hparams = Hparams(60, Adam(), Steps(0.01))
    run = trajectory(examples, hparams, State(7, broken, {}), ones())
    run.advance(9)
    assert run.diverged_at == 7
