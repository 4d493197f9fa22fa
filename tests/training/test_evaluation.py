"""Error and loss along a line, and predictions by example, against NumPy."""

import keras
import numpy as np
import numpy_training
import pytest
import tensorflow as tf
from lines import (
    ALPHAS,
    BATCH,
    EXAMPLES,
    IMAGES,
    LABELS,
    TASK,
    mixed,
    normalized,
    normed_network,
    state,
)

from lth_tf.data import Task
from lth_tf.models import Lenet, from_keras
from lth_tf.models.network import network
from lth_tf.state import State
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.feed import WholeSplit

# A whole number of batches and not, and less than one; of those that XLA compiles, one every time.
SOME = [(False, EXAMPLES), (False, 50), (False, 7), (False, 1), (True, EXAMPLES)]
RARE = [(True, 50), (True, 7), (True, 1)]
by_size = pytest.mark.parametrize(
    "xla, examples", [*SOME, *(pytest.param(*row, marks=pytest.mark.faults) for row in RARE)]
)
both_compilers = pytest.mark.parametrize("xla", [False, True], ids=["", "xla"])
# What XLA compiles there is in tests by both compilers, too.
rarely_xla = pytest.mark.parametrize(
    "xla", [False, pytest.param(True, marks=pytest.mark.faults)], ids=["", "xla"]
)


@by_size
def test_a_line_against_numpy(xla, examples):
    net = network(Lenet(widths=(6, 5), classes=3, image_shape=(4, 4, 1)))
    first, second = state(net, 1), state(net, 2)
    images, labels = IMAGES[:examples], LABELS[:examples]
    scores = Evaluator(net, TASK, xla, BATCH).line(
        first, second, ALPHAS, WholeSplit(images, labels)
    )
    expected = [
        numpy_training.error_and_loss(
            mixed(first.weights, second.weights, a), normalized(images), labels
        )
        for a in ALPHAS
    ]
    np.testing.assert_allclose(scores.error, [error for error, _ in expected], rtol=1e-12)
    np.testing.assert_allclose(scores.loss, [loss for _, loss in expected], rtol=1e-5)
    assert scores.error.dtype == scores.loss.dtype == np.float64


@rarely_xla
def test_an_auxiliary_head_is_not_evaluated(xla):
    inputs = keras.Input((4, 4, 1))
    first = keras.layers.Dense(6, "relu", name="first")(keras.layers.Flatten()(inputs))
    outputs = [keras.layers.Dense(3, name=name)(first) for name in ("logits", "auxiliary")]
    net, plain = (network(from_keras(keras.Model(inputs, o))) for o in (outputs, outputs[0]))
    ends = [state(net, seed) for seed in (1, 2)]
    bare = [State(0, {n: s.weights[n] for n in plain.weight_names}, {}) for s in ends]
    found, expected = (
        Evaluator(n, TASK, xla, BATCH).line(*s, ALPHAS, WholeSplit(IMAGES, LABELS))
        for n, s in ((net, ends), (plain, bare))
    )
    np.testing.assert_array_equal(found.loss, expected.loss)
    np.testing.assert_array_equal(found.error, expected.error)


@by_size
def test_predictions_by_example_against_numpy(xla, examples):
    net = network(Lenet(widths=(6, 5), classes=3, image_shape=(4, 4, 1)))
    one, images, labels = state(net, 1), IMAGES[:examples], LABELS[:examples]
    classes, losses = Evaluator(net, TASK, xla, BATCH).predict(one, WholeSplit(images, labels))
    logits = numpy_training.activations(one.weights, normalized(images))[-1]
    chosen = numpy_training.probabilities(logits)[np.arange(examples), labels]
    np.testing.assert_array_equal(classes, logits.argmax(1))
    np.testing.assert_allclose(losses, -np.log(chosen), rtol=1e-4, atol=1e-6)
    assert (classes.dtype, losses.dtype) == (np.uint16, np.float32)


def test_predictions_of_pieces_leave_out_what_only_fills_them_up():
    net = network(Lenet(widths=(6, 5), classes=3, image_shape=(4, 4, 1)))
    one, evaluator = state(net, 1), Evaluator(net, TASK, False, BATCH)
    filled = np.where(np.arange(40) < 33, LABELS[:40], -1).astype(np.int32)

    class Pieces:
        def __len__(self):
            return 33

        def __iter__(self):
            return iter([(IMAGES[i : i + 20], filled[i : i + 20]) for i in (0, 20)])

    classes, losses = evaluator.predict(one, Pieces())
    whole = evaluator.predict(one, WholeSplit(IMAGES[:33], LABELS[:33]))
    np.testing.assert_array_equal(classes, whole[0])
    np.testing.assert_allclose(losses, whole[1], rtol=1e-6)


@rarely_xla
def test_predictions_are_under_the_networks_own_statistics(xla):
    net = normed_network()
    one, evaluator = state(net, 1), Evaluator(net, TASK, xla, BATCH)
    classes, losses = evaluator.predict(one, WholeSplit(IMAGES, LABELS))
    scores = evaluator.line(one, state(net, 2), ALPHAS, WholeSplit(IMAGES, LABELS))
    assert np.mean(classes != LABELS) == scores.error[-1]
    assert np.mean(losses, dtype=np.float64) == pytest.approx(scores.loss[-1], rel=1e-6)


@both_compilers
def test_the_ends_are_exactly_the_two_networks(xla):
    """Whatever is at the other end, and however many points lie between."""
    net = normed_network()
    first, second, third = (state(net, seed) for seed in (1, 2, 3))
    evaluator = Evaluator(net, TASK, xla, BATCH)
    one = evaluator.line(first, first, np.ones(1), WholeSplit(IMAGES, LABELS))
    for other in (second, third):
        line = evaluator.line(first, other, ALPHAS, WholeSplit(IMAGES, LABELS))
        back = evaluator.line(other, first, ALPHAS, WholeSplit(IMAGES, LABELS))
        assert line.error[-1] == back.error[0] == one.error[0]
        assert line.loss[-1] == back.loss[0] == pytest.approx(one.loss[0], rel=1e-6)


@both_compilers
def test_rotation_is_scored_on_every_image_in_every_position(xla):
    task = Task("random", mean=(0.4,), std=(0.3,), rotation=True)
    net = network(Lenet(widths=(6, 5), classes=4, image_shape=(4, 4, 1)))
    first, upright = state(net, 1), np.zeros(EXAMPLES, np.int32)
    evaluator, examples = Evaluator(net, task, xla, BATCH), WholeSplit(IMAGES, upright)
    scores = evaluator.line(first, first, np.ones(1), examples)
    turned = np.concatenate([np.rot90(IMAGES, turns, (1, 2)) for turns in range(4)])
    labels = np.repeat(np.arange(4), EXAMPLES)
    error, loss = numpy_training.error_and_loss(first.weights, normalized(turned), labels)
    np.testing.assert_allclose(scores.error, [error], rtol=1e-12)
    np.testing.assert_allclose(scores.loss, [loss], rtol=1e-5)
    classes, losses = evaluator.predict(first, examples)
    logits = numpy_training.activations(first.weights, normalized(turned))[-1]
    chosen = numpy_training.probabilities(logits)[np.arange(len(labels)), labels]
    np.testing.assert_array_equal(classes, logits.argmax(1))
    np.testing.assert_allclose(losses, -np.log(chosen), rtol=1e-4, atol=1e-6)


def test_tensors_are_as_good_as_arrays():
    net = network(Lenet(widths=(6,), classes=3, image_shape=(4, 4, 1)))
    evaluator = Evaluator(net, TASK, False, BATCH)
    ends = (state(net, 1), state(net, 2), ALPHAS)
    plain = evaluator.line(*ends, WholeSplit(IMAGES, LABELS))
    again = evaluator.line(*ends, WholeSplit(tf.constant(IMAGES), tf.constant(LABELS)))
    np.testing.assert_array_equal(plain.loss, again.loss)
