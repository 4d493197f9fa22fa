"""Optimizers against loops of plain Python numbers, and against Keras and TensorFlow 1."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lth_tf.training import Adam, Momentum, Rmsprop

STEPS = 6
RATES = np.array([0.1, 0.1, 0.05, 0.2, 0.01, 0.01])
WEIGHTS = np.random.default_rng(0).normal(size=(3, 2))
GRADIENTS = (
    np.random.default_rng(1).normal(size=(STEPS, 3, 2)) * 10.0 ** np.arange(-3, 3)[:, None, None]
)


def ours(optimizer, weights, gradients, learning_rates, dtype=tf.float64, updates_before=0):
    rates = optimizer.rates(np.asarray(learning_rates), updates_before)
    weight = tf.constant(weights, dtype)
    slots = tuple(tf.fill(weight.shape, tf.cast(s, dtype)) for s in optimizer.fresh_slots.values())
    for gradient, rate in zip(gradients, rates, strict=True):
        weight, slots = optimizer.update(
            weight, tf.constant(gradient, dtype), slots, tf.constant(rate, dtype)
        )
    return weight.numpy(), [slot.numpy() for slot in slots]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_momentum_by_hand(momentum):
    for index in np.ndindex(WEIGHTS.shape):
        w, v = WEIGHTS[index], 0.0
        for g, rate in zip(GRADIENTS[:, *index], RATES, strict=True):
            v = momentum * v + rate * g
            w = w - v
        weight, (velocity,) = ours(Momentum(momentum), WEIGHTS, GRADIENTS, RATES)
        assert weight[index] == pytest.approx(w, rel=1e-12)
        assert velocity[index] == pytest.approx(v, rel=1e-12)


@pytest.mark.parametrize("adam", [Adam(), Adam(0.5, 0.9, 0.1), Adam(0.0, 0.0)], ids=str)
def test_adam_by_hand(adam):
    b1, b2 = adam.beta_1, adam.beta_2
    for index in np.ndindex(WEIGHTS.shape):
        w, m, v = WEIGHTS[index], 0.0, 0.0
        for t, (g, rate) in enumerate(zip(GRADIENTS[:, *index], RATES, strict=True), start=1):
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            corrected = rate * (1 - b2**t) ** 0.5 / (1 - b1**t)
            w = w - corrected * m / (v**0.5 + adam.epsilon)
        weight, (first, second) = ours(adam, WEIGHTS, GRADIENTS, RATES)
        assert weight[index] == pytest.approx(w, rel=1e-11)
        assert first[index] == pytest.approx(m, rel=1e-11)
        assert second[index] == pytest.approx(v, rel=1e-11)


@pytest.mark.parametrize("rmsprop", [Rmsprop(), Rmsprop(0.5, 0.0, 1e-3, 0.25)], ids=str)
def test_rmsprop_by_hand(rmsprop):
    for index in np.ndindex(WEIGHTS.shape):
        w, s, v = WEIGHTS[index], rmsprop.initial_square, 0.0
        for g, rate in zip(GRADIENTS[:, *index], RATES, strict=True):
            s = rmsprop.decay * s + (1 - rmsprop.decay) * g * g
            v = rmsprop.momentum * v + rate * g / (s + rmsprop.epsilon) ** 0.5
            w = w - v
        weight, (square, velocity) = ours(rmsprop, WEIGHTS, GRADIENTS, RATES)
        assert weight[index] == pytest.approx(w, rel=1e-11)
        assert square[index] == pytest.approx(s, rel=1e-11)
        assert velocity[index] == pytest.approx(v, rel=1e-11)


@pytest.mark.parametrize(
    "optimizer, make",
    [
        (Rmsprop(), lambda v1, rate: v1.RMSPropOptimizer(rate, 0.9, 0.9, 1.0)),
        (Rmsprop(0.8, 0.5, 1e-3), lambda v1, rate: v1.RMSPropOptimizer(rate, 0.8, 0.5, 1e-3)),
        (Momentum(0.9, "gradients"), lambda v1, rate: v1.MomentumOptimizer(rate, 0.9)),
        (
            Momentum(0.9, "gradients", True),
            lambda v1, rate: v1.MomentumOptimizer(rate, 0.9, use_nesterov=True),
        ),
    ],
    ids=["rmsprop", "another rmsprop", "momentum", "nesterov"],
)
def test_against_the_optimizers_of_tensorflow_1_whose_rate_changes(optimizer, make):
    rates = iter(RATES)
    variable = tf.Variable(WEIGHTS)
    reference = make(tf.compat.v1.train, lambda: next(rates))
    for gradient in GRADIENTS:
        reference.apply_gradients([(tf.constant(gradient), variable)])
    weight, _ = ours(optimizer, WEIGHTS, GRADIENTS, RATES)
    # It keeps its own settings, such as 0.9, as float32.
    np.testing.assert_allclose(weight, variable.numpy(), rtol=1e-6)


@pytest.mark.parametrize("nesterov", [False, True])
def test_what_the_velocity_sums_matters_only_where_the_rate_changes(nesterov):
    both = [Momentum(0.9, kind, nesterov) for kind in ("updates", "gradients")]
    same = [ours(m, WEIGHTS, GRADIENTS, np.full(STEPS, 0.1))[0] for m in both]
    np.testing.assert_allclose(*same, rtol=1e-12)
    other = [ours(m, WEIGHTS, GRADIENTS, RATES)[0] for m in both]
    assert not np.allclose(*other)


@pytest.mark.parametrize(
    "optimizer, name, options",
    [
        (Momentum(0.9), "SGD", {"momentum": 0.9}),
        (Momentum(0.0), "SGD", {}),
        (Momentum(0.9, nesterov=True), "SGD", {"momentum": 0.9, "nesterov": True}),
        (Adam(), "Adam", {"epsilon": 1e-8}),
        (Rmsprop(0.8, 0.5, 1e-3, 0), "RMSprop", {"rho": 0.8, "momentum": 0.5, "epsilon": 1e-3}),
    ],
    ids=["momentum", "plain", "nesterov", "adam", "rmsprop"],
)
def test_against_keras(optimizer, name, options):
    reference = getattr(keras.optimizers, name)(0.05, **options)
    variable = keras.Variable(WEIGHTS.astype(np.float32))
    for gradient in GRADIENTS:
        reference.apply([tf.constant(gradient, tf.float32)], [variable])
    weight, _ = ours(optimizer, WEIGHTS, GRADIENTS, np.full(STEPS, 0.05), tf.float32)
    np.testing.assert_allclose(weight, variable.numpy(), rtol=1e-5, atol=1e-6)


def test_adams_correction_counts_updates_since_the_reset():
    rates = Adam().rates(np.full(8, 0.1), 0)
    # Of the first update it is the whole rate: |m| / sqrt(v) is (1 - b1) / sqrt(1 - b2) by then.
    assert rates[0] == pytest.approx(0.1 * np.sqrt(0.001) / 0.1)
    np.testing.assert_array_equal(Adam().rates(np.full(5, 0.1), 3), rates[3:])


def test_what_is_zero_stays_zero():
    weights = np.array([0.0, 1.0])
    gradients = np.array([[0.0, 3.0]] * STEPS)
    for optimizer in (
        Adam(),
        Momentum(),
        Momentum(0.9, "gradients", True),
        Rmsprop(0.9, 0.9, 1, 0),
    ):
        weight, slots = ours(optimizer, weights, gradients, RATES, tf.float32)
        for array in (weight, *slots):
            assert array[0] == 0 and array[1] != 0
