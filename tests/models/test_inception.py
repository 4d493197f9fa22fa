"""Inception-v3 against keras.applications, and its auxiliary head against a reading in NumPy."""

import functools
import re

import keras
import numpy as np
import pytest

from lth_tf.models import InceptionV3
from lth_tf.models.network import network, parameter_counts

SMALL = InceptionV3(classes=7, image_shape=(75, 75, 3))
THIN = InceptionV3(classes=7, image_shape=(75, 75, 3), width_multiplier=0.1)


def images(recipe, batch):
    return np.random.default_rng(0).standard_normal((batch, *recipe.image_shape), np.float32)


def test_with_gammas_it_is_as_large_as_torchvisions_which_has_them():
    expected = {"trainable": 27_161_264, "total": 27_197_488, "prunable": 27_123_040}
    assert parameter_counts(network(InceptionV3(norm_scale="ones"))) == expected


def random_state(net, x):
    """Weights as at the start, random offsets, and statistics about those of images; by name."""
    rng = np.random.default_rng(1)
    weights = net.initial_weights(0)
    offsets = {n: 0.1 * rng.standard_normal(w.shape) for n, w in weights.items() if w.ndim == 1}
    weights |= {n: np.float32(offset) for n, offset in offsets.items()}
    moments = net.batch_moments(weights, x)
    return weights, {n: np.float32(m * rng.uniform(0.8, 1.2, m.shape)) for n, m in moments.items()}


@functools.cache
def made():
    """SMALL, its state and images, and Keras' own Inception-v3 with that."""
    net, x = network(SMALL), images(SMALL, 8)
    state = random_state(net, x)
    return net, state, x, of_keras_applications(net, *state)


def of_keras_applications(net, weights, statistics):
    """Keras' own Inception-v3 with the same weights, which it numbers in the order of the paper."""
    model = keras.applications.InceptionV3(
        weights=None, input_shape=(75, 75, 3), classes=7, classifier_activation=None
    )

    def number(layer):
        return int((re.findall(r"_(\d+)$", layer.name) or [0])[0])

    # Names of layers sort as the paper has them: stem, 35x35, 17x17, 8x8.
    ours = sorted(n.removesuffix("_conv/kernel") for n in net.prunable if "_conv/" in n)
    ours = [name for name in ours if not name.startswith("auxiliary")]
    for kind, fields in {
        keras.layers.Conv2D: ("conv/kernel",),
        keras.layers.BatchNormalization: ("norm/beta", "norm/moving_mean", "norm/moving_variance"),
    }.items():
        theirs = sorted((x for x in model.layers if type(x) is kind), key=number)
        for layer, name in zip(theirs, ours, strict=True):
            layer.set_weights([(weights | statistics)[f"{name}_{field}"] for field in fields])
    model.layers[-1].set_weights([weights["logits/kernel"], weights["logits/bias"]])
    return model


@pytest.mark.parametrize("training", [False, True])
def test_same_weights_in_same_logits_out(training):
    net, state, x, reference = made()
    logits, _ = net.apply(*state, None, x, training)
    expected = reference(x, training=training).numpy()
    assert expected.std(0).min() > 0.1
    tolerance = 5e-3 if training else 1e-4
    # Norms over the 8 values of a 1x1 grid magnify what rounding differs.
    np.testing.assert_allclose(logits, expected, atol=tolerance * np.abs(expected).max())


def pooled(x):
    """The means of windows of 5x5, or what there is, every third pixel."""
    size = min(5, x.shape[1])
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), (1, 2))
    return windows[:, ::3, ::3].mean((-2, -1))


@pytest.mark.parametrize(
    "size, features, end", [(299, 17, 5), pytest.param(75, 3, 1, marks=pytest.mark.faults)]
)
def test_the_auxiliary_head_is_that_of_tf_slim(size, features, end):
    recipe = InceptionV3(classes=7, image_shape=(size, size, 3), width_multiplier=0.1)
    model, x = recipe.build(), images(recipe, 2)
    weights, statistics = random_state(network(recipe), x)
    w = weights | statistics
    for variable in model.variables:
        variable.assign(w[variable.path])

    def normalized(x, name):
        mean, variance = w[f"{name}_norm/moving_mean"], w[f"{name}_norm/moving_variance"]
        return np.maximum((x - mean) / np.sqrt(variance + 1e-3) + w[f"{name}_norm/beta"], 0)

    grid = model.get_layer("mixed_6e").output
    x, found = keras.Model(model.input, [grid, model.outputs[1]])(x)
    assert x.shape[1:3] == (features, features)
    x = pooled(x.numpy())
    assert x.shape[1:3] == (end, end)
    x = normalized(x @ w["auxiliary_1_conv/kernel"][0, 0], "auxiliary_1")
    kernel = w["auxiliary_2_conv/kernel"]
    assert kernel.shape[:2] == (end, end)
    x = normalized(np.tensordot(x, kernel, 3), "auxiliary_2")
    expected = x @ w["auxiliary_logits/kernel"] + w["auxiliary_logits/bias"]
    assert expected.std() > 0.01
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_initial_kernels_have_tf_slims_deviations():
    weights = network(SMALL).initial_weights(0)
    truncated = 0.8796  # the standard deviation of a Gaussian cut off at two of its own
    expected = {
        "mixed_6e_branch0_0_conv/kernel": (2 / 768) ** 0.5,
        "logits/kernel": (2 / 2048) ** 0.5,
        "auxiliary_2_conv/kernel": 0.01 * truncated,
        "auxiliary_logits/kernel": 0.001 * truncated,
    }
    for name, deviation in expected.items():
        assert weights[name].std() == pytest.approx(deviation, rel=0.02), name


def test_norms_are_as_the_recipe_says():
    net = network(THIN)
    assert not any(name.endswith("gamma") for name in net.weight_names)
    norm = net.model.get_layer("conv_1a_norm")
    assert (norm.momentum, norm.epsilon, norm.unbiased) == (0.996, 0.001, True)


def test_thinner_networks_keep_16_channels_and_the_blocks():
    net = network(THIN)
    assert net.shapes["conv_1a_conv/kernel"] == (3, 3, 3, 16)
    assert net.shapes["mixed_6a_branch0_0_conv/kernel"][-1] == 38  # of 384
    assert set(THIN.blocks) < {layer.name for layer in net.model.layers}
    assert [output.shape for output in net.model.outputs] == [(None, 7), (None, 7)]
