"""The mask wrapper and fused batch norm, against NumPy and against Keras' own layers."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from lth_tf.models.layers import BatchNorm, Masked, PaddedShortcut
from lth_tf.recipes import RecipeError

LAYERS = {
    "dense": (lambda: keras.layers.Dense(3, "relu"), (5,)),
    "conv1d": (lambda: keras.layers.Conv1D(3, 2), (6, 2)),
    "conv2d": (lambda: keras.layers.Conv2D(4, 3, strides=2, padding="same"), (6, 6, 2)),
    "no bias": (lambda: keras.layers.Conv2D(4, 1, use_bias=False), (3, 3, 2)),
    "grouped": (lambda: keras.layers.Conv2D(4, 3, groups=2), (5, 5, 2)),
    "depthwise": (lambda: keras.layers.DepthwiseConv2D(3, depth_multiplier=2), (5, 5, 2)),
    "transpose": (lambda: keras.layers.Conv2DTranspose(3, 2), (4, 4, 2)),
}


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def masked_pair(name):
    """A masked layer with a random mask, the same layer with its kernel pruned, an input."""
    make, shape = LAYERS[name]
    inputs = normal(2, *shape)
    masked, plain = Masked(make()), make()
    masked(inputs)
    plain(inputs)
    mask = (normal(*masked.mask.shape, seed=1) > 0).astype(np.float32)
    masked.mask.assign(mask)
    plain.set_weights(masked.layer.get_weights())
    plain.kernel.assign(plain.kernel * mask)
    return masked, plain, inputs, mask


@pytest.mark.parametrize("name", LAYERS)
def test_output_and_gradient_are_those_of_the_pruned_kernel(name):
    masked, plain, inputs, mask = masked_pair(name)
    with tf.GradientTape() as tape:
        outputs = masked(inputs)
        loss = tf.reduce_sum(outputs**2)
    gradient = tape.gradient(loss, masked.layer.kernel.value)
    with tf.GradientTape() as tape:
        expected = plain(inputs)
        loss = tf.reduce_sum(expected**2)
    np.testing.assert_array_equal(outputs, expected)
    np.testing.assert_allclose(
        gradient, tape.gradient(loss, plain.kernel.value) * mask, rtol=1e-5, atol=1e-5
    )
    assert np.all(gradient.numpy()[mask == 0] == 0)


def test_a_call_changes_no_variable():
    masked, _, inputs, _ = masked_pair("dense")
    before = masked.get_weights()
    masked(inputs)
    for left, right in zip(before, masked.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_the_mask_is_not_trainable_and_starts_as_ones():
    masked = Masked(keras.layers.Dense(3))
    masked.build((None, 4))
    assert [w.name for w in masked.trainable_weights] == ["kernel", "bias"]
    assert [w.name for w in masked.non_trainable_weights] == ["mask"]
    np.testing.assert_array_equal(masked.mask, np.ones((4, 3), np.float32))


def test_a_layer_without_a_single_kernel_is_refused_by_name():
    with pytest.raises(RecipeError, match="'sep' is a SeparableConv2D.*allowed: Dense, Conv1D"):
        Masked(keras.layers.SeparableConv2D(2, 3, name="sep"))


@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_save_and_load(kind, tmp_path):
    layers = [Masked(keras.layers.Dense(3, name="a"), name="a"), BatchNorm(momentum=0.8, name="b")]
    if kind == "sequential":
        model = keras.Sequential([keras.Input((4,)), *layers])
    else:
        inputs = keras.Input((4,))
        model = keras.Model(inputs, layers[1](layers[0](inputs)))
    layers[0].mask.assign((normal(4, 3) > 0).astype(np.float32))
    model(normal(8, 4), training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for left, right in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(left, right)
    np.testing.assert_array_equal(model(normal(2, 4)), loaded(normal(2, 4)))
    assert loaded.get_layer("b").momentum == 0.8


def norm_oracle(x, gamma, beta, epsilon):
    """Batch norm over all axes but the last, in float64: outputs, mean, biased variance."""
    x = x.astype(np.float64)
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axes), x.var(axes)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, mean, variance


def set_parameters(layer):
    if layer.scale:
        layer.gamma.assign([0.5, 1.0, 2.0])
    layer.beta.assign([0.1, 0.0, -1.0])


@pytest.mark.parametrize("shape", [(7, 3), (4, 5, 3), (4, 5, 6, 3)])
@pytest.mark.parametrize("unbiased", [True, False])
def test_batch_norm_in_training_against_numpy(shape, unbiased):
    x = 3 * normal(*shape) + 1
    layer = BatchNorm(momentum=0.75, epsilon=1e-5, unbiased=unbiased)
    layer.build(shape)
    set_parameters(layer)
    outputs = layer(x, training=True)
    expected, mean, variance = norm_oracle(x, layer.gamma.numpy(), layer.beta.numpy(), 1e-5)
    count = x.size // 3
    kept = variance * count / (count - 1) if unbiased else variance
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean, 0.25 * mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.moving_variance, 0.75 + 0.25 * kept, rtol=1e-5)


@pytest.mark.parametrize("unbiased", [True, False])
def test_groups_are_normalized_each_by_itself(unbiased):
    x, momentum = 3 * normal(8, 2, 2, 3) + 1, 0.75
    whole = BatchNorm(momentum, unbiased=unbiased, groups=2)
    parts = [BatchNorm(momentum, unbiased=unbiased) for _ in range(2)]
    expected = tf.concat(
        [p(h, training=True) for p, h in zip(parts, (x[:4], x[4:]), strict=True)], 0
    )
    np.testing.assert_array_equal(whole(x, training=True), expected)
    for name in ("moving_mean", "moving_variance"):
        mean = sum(getattr(part, name).numpy() for part in parts) / 2
        np.testing.assert_allclose(getattr(whole, name), mean, rtol=1e-6)
    assert BatchNorm.from_config(whole.get_config()).groups == 2


@pytest.mark.parametrize("unbiased", [True, False])
def test_a_batch_over_replicas_may_have_more_entries_than_32_bits_count(unbiased, monkeypatch):
    replicas, x = 2**21, normal(2, 16, 16, 2)
    context = SimpleNamespace(num_replicas_in_sync=replicas)
    monkeypatch.setattr(tf.distribute, "get_replica_context", lambda: context)
    layer = BatchNorm(momentum=0.0, unbiased=unbiased)
    layer.build(x.shape)
    moments = tf.constant([0.5, 0.25]), tf.constant([3.0, 4.0])
    layer._parts_of_groups = lambda images, context: (images, *moments)
    layer._train(tf.constant(x))
    np.testing.assert_allclose(layer.moving_variance, [3, 4], rtol=1e-6)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(9, 3), (4, 5, 6, 3)])
@pytest.mark.parametrize("scale", [True, False])
def test_batch_norm_against_keras(training, shape, scale):
    x, upstream = tf.constant(2 * normal(*shape) - 1), normal(*shape, seed=1)
    ours = BatchNorm(momentum=0.9, epsilon=1e-3, unbiased=False, scale=scale)
    theirs = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-3, scale=scale)
    found = []
    for layer in (ours, theirs):
        layer.build(shape)
        set_parameters(layer)
        assert len(layer.trainable_variables) == 1 + scale
        layer.moving_mean.assign([0.5, -0.5, 0.0])
        layer.moving_variance.assign([0.5, 1.0, 2.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=training)
            loss = tf.reduce_sum(outputs * upstream)
        sources = [x, *(v.value for v in layer.trainable_variables)]
        statistics = [layer.moving_mean.numpy(), layer.moving_variance.numpy()]
        found.append([outputs, *tape.gradient(loss, sources), *statistics])
    for left, right in zip(*found, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("jit", [False, True])
def test_batch_norm_keeps_a_small_epsilon_compiled_or_not(jit):
    layer = BatchNorm(epsilon=1e-7)
    layer.build((4, 3))
    call = tf.function(lambda x: layer(x, training=True), jit_compile=jit)
    outputs = call(tf.constant(1e-3 * normal(4, 3)))
    expected, _, _ = norm_oracle(1e-3 * normal(4, 3), 1.0, 0.0, 1e-7)
    np.testing.assert_allclose(outputs, expected, atol=1e-3)


def test_batch_norm_under_mixed_precision_keeps_float32_parameters():
    layer = BatchNorm(dtype="mixed_bfloat16")
    outputs = layer(normal(16, 4, 4, 3), training=True)
    assert outputs.dtype == tf.bfloat16
    assert {w.dtype for w in layer.weights} == {"float32"}
    mean = normal(16, 4, 4, 3).astype(tf.bfloat16.as_numpy_dtype).astype(np.float32).mean((0, 1, 2))
    np.testing.assert_allclose(layer.moving_mean, 0.1 * mean, atol=1e-5)


def test_inference_moves_no_statistic():
    layer = BatchNorm()
    layer(normal(8, 3), training=False)
    np.testing.assert_array_equal(layer.moving_mean, np.zeros(3))
    np.testing.assert_array_equal(layer.moving_variance, np.ones(3))


def test_padded_shortcut_takes_every_second_pixel_and_adds_zeros():
    x = normal(2, 5, 4, 3)
    outputs = PaddedShortcut(channels=5, stride=2)(x).numpy()
    assert outputs.shape == (2, 3, 2, 5)
    assert PaddedShortcut(5, 2).compute_output_shape(x.shape) == outputs.shape
    np.testing.assert_array_equal(outputs[..., :3], x[:, ::2, ::2])
    assert np.all(outputs[..., 3:] == 0)
