"""A plain Keras model computes what the network does, without this package's layers or masks."""

import json

import keras
import numpy as np
import pytest
from test_user import MAKERS

from lth_tf.models import Resnet, SqueezeNet, Vgg, from_keras
from lth_tf.models.network import network
from lth_tf.models.probe import Probes
from lth_tf.models.wrapping import plain_model

L = keras.layers


def two_outputs():
    inputs = keras.Input((4, 4, 2))
    x = L.Dense(5, "relu")(L.Flatten()(inputs))
    return keras.Model(inputs, [L.Dense(3)(x), L.Dense(3, name="auxiliary")(x)])


def state(net):
    """Weights and statistics with a third of the weights pruned, none as it is initialized."""
    generator = np.random.default_rng(0)
    arrays = net.initial_weights(3)
    arrays = {n: a + generator.uniform(0, 0.1, a.shape).astype("f4") for n, a in arrays.items()}
    for name in net.prunable:
        arrays[name] *= generator.random(arrays[name].shape) < 0.7
    statistics = net.initial_statistics()
    moved = {n: a + generator.uniform(0, 1, a.shape).astype("f4") for n, a in statistics.items()}
    return arrays, moved


@pytest.mark.parametrize(
    "make",
    [
        *(lambda make=make: from_keras(make()) for make in (*MAKERS, two_outputs)),
        lambda: Resnet(depth=8, image_shape=(8, 8, 3)),
        lambda: Resnet(depth=8, image_shape=(9, 9, 1), shortcut="padding"),
        lambda: Vgg(depth=11, image_shape=(32, 32, 3)),
        lambda: SqueezeNet(image_shape=(64, 64, 3), classes=10),
    ],
    ids=[
        *(make.__name__ for make in (*MAKERS, two_outputs)),
        "Resnet",
        "Padded",
        "Vgg",
        "SqueezeNet",
    ],
)
def test_it_computes_what_the_network_does(make):
    recipe = make()
    net = network(recipe)
    weights, statistics = state(net)
    images = np.random.default_rng(1).normal(size=(5, *recipe.image_shape)).astype("f4")
    expected = net.apply(weights, statistics, None, images, False)[0].numpy()
    plain = plain_model(recipe, {**weights, **statistics})
    found = keras.ops.convert_to_numpy(plain(images))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
    names = [type(layer).__name__ for layer in plain._flatten_layers()]
    assert not {"Masked", "BatchNorm", "TinyImageConv2D", "SkippingConv2D", "PaddedShortcut"} & {
        *names
    }
    assert len(plain.outputs) == 1 and "lth_tf" not in plain.to_json()


def test_it_is_of_images_with_channels_last_whatever_keras_is_set_to():
    recipe = Resnet(depth=8, width=4, image_shape=(8, 8, 3), shortcut="padding")
    net = network(recipe)
    weights, statistics = state(net)
    images = np.random.default_rng(1).normal(size=(5, 8, 8, 3)).astype("f4")
    expected = net.apply(weights, statistics, None, images, False)[0]
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        plain = plain_model(recipe, {**weights, **statistics})
    finally:
        keras.config.set_image_data_format(before)
    np.testing.assert_allclose(plain(images), expected, rtol=1e-4, atol=1e-4)


def test_of_probes_it_has_the_logits_of_all():
    recipe = Probes(Resnet(depth=8, width=4), (1, 3), 10, (8, 8, 3))
    net = network(recipe)
    weights, statistics = state(net)
    images = np.random.default_rng(1).normal(size=(5, 8, 8, 3)).astype("f4")
    expected, _ = net.all_logits(weights, statistics, None, images, False)
    found = plain_model(recipe, {**weights, **statistics})(images)
    for plain, own in zip(found, expected, strict=True):
        np.testing.assert_allclose(plain, own, rtol=1e-4, atol=1e-4 * np.abs(own).max())


def test_it_computes_in_the_precision_that_is_asked_for():
    recipe = Resnet(depth=8, image_shape=(8, 8, 3))
    net = network(recipe, "mixed_bfloat16")
    weights, statistics = state(net)
    plain = plain_model(recipe, {**weights, **statistics}, "mixed_bfloat16")
    policies = {layer.dtype_policy.name for layer in plain.layers if layer.weights}
    assert policies == {"mixed_bfloat16"} and json.loads(plain.to_json())
    assert {v.dtype for v in plain.weights} == {"float32"}
    images = np.random.default_rng(1).normal(size=(5, *recipe.image_shape)).astype("f4")
    expected = net.apply(weights, statistics, None, images, False)[0].numpy()
    found = keras.ops.convert_to_numpy(plain(images)).astype("f4")
    np.testing.assert_allclose(found, expected, atol=0.05 * np.abs(expected).max())
