"""The pure forward pass of a network: logits, masks, batch norm's statistics."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lth_tf.models import Lenet, Resnet
from lth_tf.models.layers import BatchNorm
from lth_tf.models.network import from_model, network
from lth_tf.recipes import RecipeError

SMALL = Lenet(widths=(6, 5), classes=3, image_shape=(4, 4, 1))
TINY_RESNET = Resnet(depth=8, width=4, classes=3, image_shape=(8, 8, 3))


def images(recipe, batch=5, seed=0):
    return np.random.default_rng(seed).random((batch, *recipe.image_shape), np.float32)


def random_masks(net, seed=0):
    generator = np.random.default_rng(seed)
    return {
        name: (generator.random(net.shapes[name]) < 0.5).astype(np.float32) for name in net.prunable
    }


def lenet_oracle(weights, x):
    """SMALL in NumPy, float64."""
    x = x.reshape(len(x), -1).astype(np.float64)
    for layer in ("dense_1", "dense_2"):
        x = np.maximum(x @ weights[f"{layer}/kernel"] + weights[f"{layer}/bias"], 0)
    return x @ weights["logits/kernel"] + weights["logits/bias"]


@pytest.mark.parametrize("masked", [False, True])
def test_lenet_against_numpy(masked):
    net = network(SMALL)
    weights, x = net.initial_weights(0), images(SMALL)
    masks = random_masks(net) if masked else None
    pruned = weights | {name: weights[name] * mask for name, mask in (masks or {}).items()}
    logits, _ = net.apply(weights, {}, masks, x, training=False)
    assert logits.dtype == tf.float32
    np.testing.assert_allclose(logits, lenet_oracle(pruned, x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("recipe", [SMALL, TINY_RESNET], ids=str)
def test_masks_of_ones_and_no_masks_are_the_unwrapped_model(recipe):
    net, plain, x = network(recipe), recipe.build(), images(recipe)
    weights, statistics = net.initial_weights(0), net.initial_statistics()
    for variable, name in zip(plain.trainable_variables, net.weight_names, strict=True):
        variable.assign(weights[name])
    ones = {name: np.ones(net.shapes[name], np.float32) for name in net.prunable}
    expected = plain(x, training=True)
    for masks in (None, ones):
        logits, moved = net.apply(weights, statistics, masks, x, training=True)
        np.testing.assert_array_equal(logits, expected)
        for variable, name in zip(plain.non_trainable_variables, net.statistic_names, strict=True):
            np.testing.assert_array_equal(variable, moved[name])


@pytest.mark.parametrize("recipe", [SMALL, TINY_RESNET], ids=str)
def test_pruned_entries_have_no_gradient_and_no_effect(recipe):
    net, x = network(recipe), images(recipe)
    masks, statistics = random_masks(net), net.initial_statistics()
    weights = {name: tf.constant(value) for name, value in net.initial_weights(0).items()}
    with tf.GradientTape() as tape:
        tape.watch(weights)
        logits, _ = net.apply(weights, statistics, masks, x, training=True)
        loss = tf.reduce_sum(logits**2)
    gradients = tape.gradient(loss, weights)
    for name, mask in masks.items():
        assert np.all(gradients[name].numpy()[mask == 0] == 0)
        assert np.any(gradients[name].numpy()[mask == 1] != 0)
    spoilt = weights | {name: weights[name] + 7 * (1 - mask) for name, mask in masks.items()}
    np.testing.assert_array_equal(logits, net.apply(spoilt, statistics, masks, x, training=True)[0])


def test_statistics_move_in_training_only_and_the_model_keeps_nothing():
    net, x = network(TINY_RESNET), images(TINY_RESNET)
    weights, statistics = net.initial_weights(0), net.initial_statistics()
    before = [v.numpy() for v in net.model.variables]
    _, moved = net.apply(weights, statistics, None, x, training=True)
    _, kept = net.apply(weights, statistics, None, x, training=False)
    assert tuple(moved) == tuple(kept) == net.statistic_names
    for name in net.statistic_names:
        assert not np.array_equal(moved[name], statistics[name])
        np.testing.assert_array_equal(kept[name], statistics[name])
    for value, variable in zip(before, net.model.variables, strict=True):
        np.testing.assert_array_equal(value, variable)


def two_norms(momentum):
    """Fused batch norm, then Keras' own, which is not fused as it is not over the last axis."""
    inputs = keras.Input((4, 4, 2))
    x = keras.layers.Conv2D(3, 3, padding="same", use_bias=False, name="conv")(inputs)
    x = BatchNorm(momentum=momentum, name="first")(x)
    x = keras.layers.ReLU()(x)
    x = keras.layers.BatchNormalization(axis=1, momentum=momentum, name="second")(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.999])
@pytest.mark.parametrize("compiled", [False, True])
def test_batch_moments_against_numpy(momentum, compiled):
    model = two_norms(momentum)
    net = from_model(model)
    x = np.random.default_rng(1).normal(5, 2, (6, 4, 4, 2)).astype(np.float32)
    weights = net.initial_weights(0)
    weights["first/gamma"] = np.array([0.5, 1.0, 2.0], np.float32)
    for variable, name in zip(model.trainable_variables, net.weight_names, strict=True):
        variable.assign(weights[name])
    convolved = model.get_layer("conv")(x).numpy().astype(np.float64)
    mean, variance = convolved.mean((0, 1, 2)), convolved.var((0, 1, 2), ddof=1)
    scale = weights["first/gamma"] / np.sqrt(convolved.var((0, 1, 2)) + 1e-5)
    rectified = np.maximum((convolved - mean) * scale, 0)
    expected = {
        "first/moving_mean": mean,
        "first/moving_variance": variance,
        "second/moving_mean": rectified.mean((0, 2, 3)),
        "second/moving_variance": rectified.var((0, 2, 3)),
    }
    run = tf.function(net.batch_moments) if compiled else net.batch_moments
    moments = run(weights, x)
    assert tuple(moments) == net.statistic_names == tuple(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(moments[name], value, rtol=2e-6, atol=1e-6)


def test_batch_moments_are_what_training_keeps():
    """Of the whole deep network, against the statistics that a momentum of 0 would leave."""
    net, x = network(TINY_RESNET), images(TINY_RESNET, batch=7)
    weights, statistics = net.initial_weights(0), net.initial_statistics()
    _, moved = net.apply(weights, statistics, None, x, training=True)
    moments = net.batch_moments(weights, x)
    for name in net.statistic_names:
        expected = 0.9 * statistics[name] + 0.1 * moments[name]
        np.testing.assert_allclose(moved[name], expected, rtol=1e-6, atol=1e-6)


def test_batch_moments_of_a_network_without_batch_norm_are_none():
    net = network(SMALL)
    assert net.batch_moments(net.initial_weights(0), images(SMALL)) == {}


def test_statistics_that_do_not_move_cannot_be_reestimated():
    net = from_model(two_norms(1.0))
    x = np.zeros((2, 4, 4, 2), np.float32)
    with pytest.raises(RecipeError, match="'first/moving_mean' is moved by no batch"):
        net.batch_moments(net.initial_weights(0), x)


@pytest.mark.parametrize("masked", [False, True])
def test_lenet_compiles_under_xla(masked):
    net, x = network(SMALL), images(SMALL)
    weights, masks = net.initial_weights(0), random_masks(net) if masked else None

    @tf.function(jit_compile=True)
    def compiled(weights, masks):
        return net.apply(weights, {}, masks, x, training=True)[0]

    expected, _ = net.apply(weights, {}, masks, x, training=True)
    np.testing.assert_allclose(compiled(weights, masks), expected, rtol=1e-5, atol=1e-6)


def test_no_masks_cost_no_multiplication_once_compiled():
    net, x = network(SMALL), images(SMALL)
    weights = net.initial_weights(0)
    keras.utils.set_random_seed(1)  # To find its device the compiler draws a number.

    def count(masks):
        forward = tf.function(
            lambda w, m: net.apply(w, {}, m, x, training=False)[0], jit_compile=True
        )
        return forward.experimental_get_compiler_ir(weights, masks)("optimized_hlo").count(
            "multiply("
        )

    assert count(None) == 0
    assert count(random_masks(net)) > 0


def test_mixed_precision_keeps_float32_outside():
    net, x = network(TINY_RESNET, "mixed_bfloat16"), images(TINY_RESNET)
    weights, statistics = net.initial_weights(0), net.initial_statistics()
    logits, moved = net.apply(weights, statistics, random_masks(net), x, training=True)
    exact, _ = network(TINY_RESNET).apply(weights, statistics, random_masks(net), x, training=True)
    assert logits.dtype == tf.float32
    assert {value.dtype for value in moved.values()} == {tf.float32}
    assert not np.array_equal(logits, exact)
    np.testing.assert_allclose(logits, exact, atol=0.15)


def test_the_global_precision_does_not_matter():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        net = from_model(SMALL.build())
    finally:
        keras.config.set_dtype_policy("float32")
    weights, x = net.initial_weights(0), images(SMALL)
    expected, _ = network(SMALL).apply(weights, {}, None, x, training=False)
    np.testing.assert_array_equal(net.apply(weights, {}, None, x, training=False)[0], expected)
