"""Convolutions that CPUs compute otherwise, against Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from lth_tf.models import Vgg
from lth_tf.models.convolution import SkippingConv2D, TinyImageConv2D, adapted
from lth_tf.models.network import network
from lth_tf.models.wrapping import mask_wrapped

KERNELS = [(3, 3), (1, 3), (2, 4), (5, 5)]
IMAGES = [(4, 4), (2, 2), (1, 1), (3, 5), (1, 16), (8, 2)]


def pair(kernel, image):
    """Keras' layer and ours with the same weights, and images."""
    config = {"filters": 5, "kernel_size": kernel, "padding": "same", "activation": "tanh"}
    both = layers.Conv2D(**config), TinyImageConv2D(**config)
    for layer in both:
        layer.build((None, *image, 3))
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=w.shape).astype(np.float32) for w in both[0].weights]
    for layer in both:
        layer.set_weights(weights)
    return (*both, tf.constant(rng.normal(size=(6, *image, 3)).astype(np.float32)))


def outputs_and_gradients(layer, images):
    """Of the sum of squares of its outputs, to the images and to all weights, float32."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        outputs = layer(images)
        loss = tf.reduce_sum(tf.cast(outputs, tf.float32) ** 2)
    sources = [images, *(w.value for w in layer.trainable_weights)]
    return [tf.cast(a, tf.float32) for a in (outputs, *tape.gradient(loss, sources))]


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize("image", IMAGES, ids=str)
def test_outputs_and_gradients_are_those_of_keras(kernel, image):
    plain, volume, images = pair(kernel, image)
    expected = outputs_and_gradients(plain, images)
    for ours, keras_own in zip(outputs_and_gradients(volume, images), expected, strict=True):
        np.testing.assert_allclose(ours, keras_own, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_in_bfloat16_too_up_to_its_rounding(kernel):
    plain, _, images = pair(kernel, (2, 3))
    exact = outputs_and_gradients(plain, images)

    def distances(kind):
        """Of a layer in 16 bits from Keras' in 32, relative."""
        layer = kind.from_config(plain.get_config() | {"dtype": "mixed_bfloat16"})
        layer.build(images.shape)
        layer.set_weights(plain.get_weights())
        assert layer(images).dtype == tf.bfloat16
        pairs = zip(outputs_and_gradients(layer, images), exact, strict=True)
        return [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in pairs]

    # Where a CPU has no instructions for them, sums of 16-bit numbers are less exact.
    for ours, keras_own in zip(distances(TinyImageConv2D), distances(layers.Conv2D), strict=True):
        assert ours < max(0.05, 3 * keras_own)


def test_any_number_of_images_and_one_that_is_not_known_yet():
    plain, volume, images = pair((3, 3), (2, 2))
    signature = tf.TensorSpec((None, 2, 2, 3))
    compiled = tf.function(lambda x: outputs_and_gradients(volume, x), [signature])
    for count in (1, 5):
        found, expected = compiled(images[:count]), outputs_and_gradients(plain, images[:count])
        for ours, keras_own in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, keras_own, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [(2, 2), (3, 1)], ids=str)
@pytest.mark.parametrize("image", [(4, 4), (5, 7)], ids=str)
def test_kernels_that_skip_pixels_are_those_of_keras(padding, strides, image):
    # So many channels that TensorFlow's own gradient stays within its memory.
    plain = layers.Conv2D(5, 1, strides, padding, activation="tanh")
    images = tf.constant(np.random.default_rng(0).normal(size=(6, *image, 16)).astype(np.float32))
    plain.build(images.shape)
    model = keras.Sequential([keras.Input((*image, 16)), plain])
    (ours,) = mask_wrapped(model).layers
    assert type(ours.layer) is SkippingConv2D
    ours.layer.set_weights(plain.get_weights())
    expected = outputs_and_gradients(plain, images)
    for found, keras_own in zip(outputs_and_gradients(ours.layer, images), expected, strict=True):
        np.testing.assert_allclose(found, keras_own, rtol=1e-5, atol=1e-5)


def test_few_channels_and_many_pixels_do_not_end_the_process():
    model = keras.Sequential([keras.Input((128, 128, 4)), layers.Conv2D(8, 1, 2, use_bias=False)])
    (ours,) = mask_wrapped(model).layers
    images = tf.ones((4, 128, 128, 4))
    ones = np.ones((4, 8), np.float32)
    outputs = ones.T @ np.ones(4, np.float32)
    ours.layer.set_weights([ones[None, None]])
    _, _, to_kernel = outputs_and_gradients(ours.layer, images)
    # Of the sum of squares: 2 * output * input, at each of 4 * 64 * 64 pixels.
    np.testing.assert_allclose(to_kernel[0, 0], 2 * 4 * 64 * 64 * outputs * ones, rtol=1e-5)


def test_second_derivatives_are_those_of_keras():
    plain, volume, images = pair((3, 3), (2, 2))
    found = []
    for layer in (plain, volume):
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
def test_which_convolutions_are_of_volumes(fields, image, expected):
    config = {"filters": 3, "kernel_size": 3, "padding": "same"} | fields
    assert (adapted(layers.Conv2D(**config), image) is TinyImageConv2D) == expected


def test_wrapping_takes_them_where_they_are_faster_and_keeps_names_and_weights():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, padding="same", name="large"),
            layers.MaxPooling2D(2),
            layers.Conv2D(4, 3, padding="same", name="tiny"),
        ]
    )
    once = mask_wrapped(model)
    for wrapped in (once, mask_wrapped(once)):
        kinds = {name: type(wrapped.get_layer(name).layer) for name in ("large", "tiny")}
        assert kinds == {"large": layers.Conv2D, "tiny": TinyImageConv2D}
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
