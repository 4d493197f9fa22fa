"""Batch norm's statistics along a line: interpolated like the weights, or estimated anew."""

import keras
import numpy as np
import numpy_training
import pytest
from lines import (
    ALPHAS,
    BATCH,
    IMAGES,
    LABELS,
    TASK,
    TRAINING,
    TRAINING_IMAGES,
    mixed,
    normalized,
    normed_network,
    state,
)

from lth_tf.models import Lenet
from lth_tf.models.layers import BatchNorm
from lth_tf.models.network import from_model, network
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.feed import WholeSplit


def hidden(weights, images):
    return normalized(images) @ weights["hidden/kernel"] + weights["hidden/bias"]


def normed_scores(weights, mean, variance):
    """The network in NumPy, float64."""
    x = weights["norm/gamma"] * (hidden(weights, IMAGES) - mean) / np.sqrt(variance + 1e-3)
    x = np.maximum(x + weights["norm/beta"], 0)
    last = {name: weights[name] for name in ("logits/kernel", "logits/bias")}
    return numpy_training.error_and_loss(last, x, LABELS)


def check_line(scores, expected):
    np.testing.assert_allclose(scores.error, [error for error, _ in expected], rtol=1e-12)
    np.testing.assert_allclose(scores.loss, [loss for _, loss in expected], rtol=2e-5)


@pytest.mark.parametrize("xla", [False, True], ids=["", "xla"])
def test_statistics_interpolated_like_the_weights(xla):
    net = normed_network()
    first, second = state(net, 1), state(net, 2)
    scores = Evaluator(net, TASK, xla, BATCH).line(
        first, second, ALPHAS, WholeSplit(IMAGES, LABELS)
    )
    expected = []
    for alpha in ALPHAS:
        kept = mixed(first.statistics, second.statistics, alpha)
        weights = mixed(first.weights, second.weights, alpha)
        expected.append(
            normed_scores(weights, kept["norm/moving_mean"], kept["norm/moving_variance"])
        )
    check_line(scores, expected)


@pytest.mark.parametrize(
    "xla, momentum",
    [(False, 0.9), (True, 0.99), pytest.param(True, 0.9, marks=pytest.mark.faults)],
)
def test_statistics_reestimated_from_the_training_images(xla, momentum):
    net = normed_network(momentum)
    first, second = state(net, 1), state(net, 2)
    evaluator = Evaluator(net, TASK, xla, BATCH)
    arguments = (first, second, ALPHAS, WholeSplit(IMAGES, LABELS))
    scores = evaluator.line(*arguments, TRAINING)
    expected = []
    for alpha in ALPHAS:
        weights = mixed(first.weights, second.weights, alpha)
        passes = np.split(hidden(weights, TRAINING_IMAGES), len(TRAINING_IMAGES) // BATCH)
        mean = np.mean([z.mean(0) for z in passes], axis=0)
        variance = np.mean([z.var(0, ddof=1) for z in passes], axis=0)
        expected.append(normed_scores(weights, mean, variance))
    check_line(scores, expected)
    interpolated = evaluator.line(*arguments).loss
    assert np.all(np.abs(scores.loss - interpolated) > 1e-3)


def test_reestimating_without_batch_norm_changes_nothing():
    net = network(Lenet(widths=(6,), classes=3, image_shape=(4, 4, 1)))
    evaluator = Evaluator(net, TASK, False, BATCH)
    arguments = (state(net, 1), state(net, 2), ALPHAS, WholeSplit(IMAGES, LABELS))
    plain = evaluator.line(*arguments)
    again = evaluator.line(*arguments, TRAINING)
    np.testing.assert_array_equal(plain.loss, again.loss)


def test_every_batch_draws_its_own_noise_for_statistics_however_examples_are_cut():
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Dropout(0.5, seed=0)(keras.layers.Flatten()(inputs))
    x = BatchNorm(name="norm")(x)
    net = from_model(keras.Model(inputs, keras.layers.Dense(3, name="logits")(x)))
    same = np.tile(TRAINING_IMAGES[:BATCH], (4, 1, 1, 1))
    evaluator = Evaluator(net, TASK, False, BATCH)

    def losses(examples):
        ends = (state(net, 1), state(net, 2), ALPHAS)
        return evaluator.line(*ends, WholeSplit(IMAGES, LABELS), examples).loss

    whole = losses(WholeSplit(same, np.zeros(4 * BATCH, np.int32)))
    pieces = [(same[:BATCH], np.zeros(BATCH, np.int32))] * 4
    np.testing.assert_allclose(losses(pieces), whole, rtol=1e-6)
    assert np.abs(losses(pieces[:1]) - whole).max() > 1e-3
