"""SqueezeNet against its paper's counts and a reading in NumPy."""

import numpy as np
import pytest

from lth_tf.models import SqueezeNet
from lth_tf.models.network import network, parameter_counts

SMALL = SqueezeNet(classes=5, image_shape=(33, 30, 3))
SQUEEZED = (16, 16, 32, 32, 48, 48, 64, 64)


def test_parameter_counts():
    # Iandola et al. 2016, table 1: conv1, the fire modules (expansions are four times as wide as
    # the squeeze, each), conv10.
    kernels, biases, wide = 7 * 7 * 3 * 96, 96, 96
    for s in SQUEEZED:
        kernels += wide * s + s * 4 * s + 9 * s * 4 * s
        biases, wide = biases + 9 * s, 8 * s
    kernels, biases = kernels + wide * 1000, biases + 1000
    assert kernels + biases == 1_248_424
    expected = {"trainable": kernels + biases, "total": kernels + biases, "prunable": kernels}
    assert parameter_counts(network(SqueezeNet())) == expected


def convolution(x, w, name, stride=1):
    """With zeros around the image, one more behind than before where they are odd; then ReLU."""
    kernel = w[f"{name}_conv/kernel"]
    size = kernel.shape[0]
    lacking = [max((-(-n // stride) - 1) * stride + size - n, 0) for n in x.shape[1:3]]
    x = np.pad(x, [(0, 0), *((n // 2, n - n // 2) for n in lacking), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), (1, 2))
    windows = windows[:, ::stride, ::stride]
    return np.maximum(np.einsum("bhwcij,ijcd->bhwd", windows, kernel) + w[f"{name}_conv/bias"], 0)


def pooling(x):
    return np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2))[:, ::2, ::2].max((-2, -1))


def squeezenet(w, x):
    x = pooling(convolution(x, w, "conv1", 2))
    for number in range(2, 10):
        squeezed = convolution(x, w, f"fire{number}_squeeze")
        sides = [convolution(squeezed, w, f"fire{number}_expand{k}") for k in ("1x1", "3x3")]
        x = np.concatenate(sides, axis=-1)
        x = pooling(x) if number in (4, 8) else x
    return convolution(x, w, "conv10").mean((1, 2))


@pytest.mark.parametrize("recipe", [SMALL, SqueezeNet(classes=5, image_shape=(64, 75, 1))], ids=str)
def test_logits_are_those_of_the_reading_in_numpy(recipe):
    net = network(recipe)
    assert set(recipe.blocks) < {layer.name for layer in net.model.layers}
    rng = np.random.default_rng(0)
    weights = net.initial_weights(0)
    # Biases begin at 0; some here do not.
    weights |= {n: 0.1 * rng.standard_normal(w.shape) for n, w in weights.items() if w.ndim == 1}
    weights = {n: np.float32(w) for n, w in weights.items()}
    x = rng.standard_normal((3, *recipe.image_shape), np.float32)
    expected = squeezenet({n: np.float64(w) for n, w in weights.items()}, x)
    assert expected.std() > 0.01
    for training in (False, True):
        logits, statistics = net.apply(weights, {}, None, x, training)
        np.testing.assert_allclose(logits, expected, atol=1e-5)
        assert statistics == {}
