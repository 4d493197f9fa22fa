"""Gradients and Hessian-gradient products against NumPy: central differences, in float64."""

import dataclasses

import keras
import numpy as np
import numpy_training
import pytest
from score_example import MODEL, ONES, RESNET, START, TASK

from lth_tf.measurements import Gradient, HessianGradient
from lth_tf.models import from_keras
from lth_tf.models.layers import BatchNorm
from lth_tf.recipes import (
    At,
    Init,
    Ones,
    Prune,
    RecipeError,
    Shuffle,
    train,
)
from lth_tf.scores import Snip
from lth_tf.training import Constant, Hparams, Momentum

RATE = 0.05
CROPPED = dataclasses.replace(TASK, augmentation="crop_and_flip", padding=1)


def test_the_gradient_is_that_of_the_first_batch_without_decay(store, weights, batch):
    found = store.measure(Gradient(START))
    expected = numpy_training.gradients(weights, *batch[0])
    assert set(found) == set(expected)
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, atol=1e-6)


def test_several_batches_are_averaged(store, weights, batch):
    found = store.measure(Gradient(START, 2))
    both = [numpy_training.gradients(weights, *each) for each in batch]
    for name in found:
        np.testing.assert_allclose(found[name], (both[0][name] + both[1][name]) / 2, atol=1e-6)


STEPS = {
    "lenet": (MODEL, TASK, {}),
    "lenet without xla": (MODEL, TASK, {"xla": "off"}),
    "smoothed": (MODEL, TASK, {"label_smoothing": 0.1, "remainder": "carry"}),
    "resnet": (RESNET, CROPPED, {}),
    "bfloat16": (RESNET, CROPPED, {"precision": "mixed_bfloat16"}),
}


@pytest.mark.parametrize("name", STEPS)
def test_it_is_the_gradient_that_the_trainer_steps_along(store, name):
    """W_1 = W_0 - rate (g + decay W_0): batch, augmentation, batch norm are those of training."""
    model, task, changes = STEPS[name]
    hparams = Hparams(60, Momentum(), Constant(RATE), weight_decay=0.5, **changes)
    run = train(Init(model, 0), Ones(model), task, hparams, noise=5)
    gradient = store.measure(Gradient(At(run, 0)))
    before, after = (store.state(At(run, step)).weights for step in (0, 1))
    kernels = store.engine.prunable_shapes(model)
    for weight, found in gradient.items():
        decay = 0.5 * before[weight] if weight in kernels else 0
        moved = before[weight] - RATE * (found + decay)
        np.testing.assert_allclose(after[weight], moved, atol=2e-7)


@pytest.fixture(scope="module")
def normed():
    """A convolution with batch norm, and the logits: quick to trace twice over."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(3, 3, padding="same", use_bias=False)(inputs)
    x = keras.layers.ReLU()(BatchNorm(epsilon=1e-6)(x))
    return from_keras(keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(x))))


def test_a_later_state_has_the_gradient_of_its_next_batch_and_nothing_moves(store, normed):
    hparams = Hparams(60, Momentum(0.9), Constant(RATE), xla="off")
    dense = At(train(Init(normed, 0), Ones(normed), CROPPED, hparams, noise=5), 0)
    mask = Shuffle(Prune(dense, Ones(normed), 0.5, Snip(), "global", ()), 0)
    run = train(Init(normed, 0), mask, CROPPED, hparams, noise=5)
    state, kept = store.state(At(run, 2)), store.mask(mask)
    trajectory = store.engine.trajectory(run, state, kept)
    first, second = trajectory.gradient(1), trajectory.gradient(1, times_hessian=True)
    for group in ("weights", "statistics"):
        for name, array in getattr(trajectory.state(), group).items():
            np.testing.assert_array_equal(array, getattr(state, group)[name])
    for name, remains in kept.items():
        for derivative in (first, second):
            assert np.any(derivative[name]) and not np.any(derivative[name][remains == 0])
    trajectory.advance(3)
    (slot,) = state.slots.values()
    (moved,) = trajectory.state().slots.values()
    for name, value in moved.items():
        slope = (value - 0.9 * slot[name]) / RATE  # v <- 0.9 v + rate g
        np.testing.assert_allclose(slope, first[name], atol=1e-5, err_msg=name)


def test_the_hessian_product_goes_through_convolutions_and_batch_norm(store, normed):
    """Batch norm undoes the scale a of a convolution, so that g(a w) = g(w) / a: H w = -g."""
    hparams = Hparams(60, Momentum(0.9), Constant(RATE), xla="off")
    run = train(Init(normed, 0), Ones(normed), CROPPED, hparams, noise=5)
    state = store.state(At(run, 2))
    trajectory = store.engine.trajectory(run, state, Ones(normed).make(store))
    (gradient,) = (g for n, g in trajectory.gradient(1).items() if g.ndim == 4)
    along = {n: w for n, w in state.weights.items() if w.ndim == 4}
    where = (trajectory._batches(0, 1), lambda: trajectory._batches(1, 0), 1.0)
    product = trajectory._program.derivatives.gradient(*where, along)
    (found,) = product.values()
    np.testing.assert_allclose(found, -gradient, atol=1e-3 * np.abs(gradient).max())


def test_a_gradient_is_of_a_run():
    with pytest.raises(RecipeError, match="Gradient.weights is initialization 0, .* of no run"):
        Gradient(Init(MODEL, 0))
    with pytest.raises(RecipeError, match="Snip.batches is 0; it must be 1 or more"):
        Snip(0)
    with pytest.raises(RecipeError, match="HessianGradient.temperature is 0.0; it must be gre"):
        HessianGradient(START, 1, 0)


def cold_gradients(weights, images, labels, temperature):
    """Of the loss of logits / temperature, which is that of the last layer divided by it."""
    cold = {n: w / temperature if n.startswith("logits") else w for n, w in weights.items()}
    found = numpy_training.gradients(cold, images, labels)
    return {n: g / temperature if n.startswith("logits") else g for n, g in found.items()}


@pytest.mark.parametrize(("temperature", "count"), [(1.0, 1), (1.0, 2), (200.0, 1)])
def test_the_hessian_product_is_the_central_difference_along_the_gradient(
    store, weights, batch, temperature, count
):
    start = {n: w.astype(float) for n, w in weights.items()}
    kernels = list(ONES.make(store))

    def mean(at):
        each = [cold_gradients(at, *batch[i], temperature) for i in range(count)]
        return {n: sum(g[n] for g in each) / count for n in kernels}

    gradient = mean(start)
    step = 1e-4 / np.sqrt(sum((g**2).sum() for g in gradient.values()))
    ends = [
        mean(start | {n: start[n] + sign * step * gradient[n] for n in kernels}) for sign in (1, -1)
    ]
    found = store.measure(HessianGradient(START, count, temperature))
    assert list(found) == kernels
    for name in kernels:
        expected = (ends[0][name] - ends[1][name]) / (2 * step)
        np.testing.assert_allclose(found[name], expected, atol=1e-4 * np.abs(expected).max())
