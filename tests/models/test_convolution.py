"""Convolutions of tiny images as matrix products, against Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as L

from lth_tf.models import Vgg
from lth_tf.models.convolution import TinyImageConv2D, is_faster_as_product
from lth_tf.models.network import network
from lth_tf.models.wrapping import mask_wrapped

KERNELS = [(3, 3), (1, 3), (2, 4), (5, 5)]
IMAGES = [(4, 4), (2, 2), (1, 1), (3, 5)]


def pair(kernel, image):
    """Keras' layer and ours with the same weights, and images."""
    config = {"filters": 5, "kernel_size": kernel, "padding": "same", "activation": "tanh"}
    both = L.Conv2D(**config), TinyImageConv2D(**config)
    for layer in both:
        layer.build((None, *image, 3))
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=w.shape).astype(np.float32) for w in both[0].weights]
    for layer in both:
        layer.set_weights(weights)
    return (*both, tf.constant(rng.normal(size=(6, *image, 3)).astype(np.float32)))


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize("image", IMAGES, ids=str)
def test_outputs_and_gradients_are_those_of_keras(kernel, image):
    plain, product, images = pair(kernel, image)
    found = []
    for layer in (plain, product):
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = layer(images)
            loss = tf.reduce_sum(outputs**2)
        sources = [images, *(w.value for w in layer.trainable_variables)]
        found.append([outputs, *tape.gradient(loss, sources)])
    for ours, keras_own in zip(*found, strict=True):
        np.testing.assert_allclose(ours, keras_own, rtol=1e-4, atol=1e-4)


def test_second_derivatives_are_those_of_keras():
    plain, product, images = pair((3, 3), (2, 2))
    found = []
    for layer in (plain, product):
        kernel = layer.kernel.value
        with tf.GradientTape(persistent=True) as outer:
            outer.watch([images, kernel])
            with tf.GradientTape() as inner:
                inner.watch([images, kernel])
                loss = tf.reduce_sum(layer(images) ** 2)
            slopes = inner.gradient(loss, [images, kernel])
            length = sum(tf.reduce_sum(slope**2) for slope in slopes)
        found.append(outer.gradient(length, [images, kernel]))
    for ours, keras_own in zip(*found, strict=True):
        np.testing.assert_allclose(ours, keras_own, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize(
    "fields, image, expected",
    [
        ({}, (4, 4, 3), True),
        ({}, (5, 4, 3), False),
        ({}, (None, None, 3), False),
        ({"padding": "valid"}, (4, 4, 3), False),
        ({"strides": 2}, (4, 4, 3), False),
        ({"dilation_rate": 2}, (4, 4, 3), False),
        ({"kernel_size": 1}, (4, 4, 3), False),
        ({"groups": 3}, (4, 4, 3), False),
        ({"data_format": "channels_first"}, (3, 4, 4), False),
    ],
)
def test_which_convolutions_are_products(fields, image, expected):
    config = {"filters": 3, "kernel_size": 3, "padding": "same"} | fields
    assert is_faster_as_product(L.Conv2D(**config), image) == expected


def test_wrapping_takes_them_where_they_are_faster_and_keeps_names_and_weights():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L.Conv2D(3, 3, padding="same", name="large"),
            L.MaxPooling2D(2),
            L.Conv2D(4, 3, padding="same", name="tiny"),
        ]
    )
    once = mask_wrapped(model)
    for wrapped in (once, mask_wrapped(once)):
        kinds = {name: type(wrapped.get_layer(name).layer) for name in ("large", "tiny")}
        assert kinds == {"large": L.Conv2D, "tiny": TinyImageConv2D}
        assert [w.shape for w in wrapped.trainable_weights] == [w.shape for w in model.weights]


def test_vgg_computes_what_its_plain_keras_model_does():
    recipe = Vgg(depth=11, width=4)
    net, plain = network(recipe), recipe.build()
    weights, statistics = net.initial_weights(0), net.initial_statistics()
    for variable, name in zip(plain.trainable_variables, net.weight_names, strict=True):
        variable.assign(weights[name])
    images = np.random.default_rng(0).random((7, 32, 32, 3), np.float32)
    logits, moved = net.apply(weights, statistics, None, images, training=True)
    np.testing.assert_allclose(logits, plain(images, training=True), rtol=1e-3, atol=1e-4)
    for variable, name in zip(plain.non_trainable_variables, net.statistic_names, strict=True):
        np.testing.assert_allclose(moved[name], variable, rtol=1e-3, atol=1e-5)
