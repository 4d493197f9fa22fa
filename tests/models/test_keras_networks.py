"""What a network is does not depend on which layers hold its weights, nor on their names."""

import functools

import keras
import keras_networks
import numpy as np
import pytest
import tensorflow as tf
from keras_networks import MAKERS, RANDOM, Linear, Ramp, sequential

from lth_tf.models import from_keras
from lth_tf.models.features import features
from lth_tf.models.network import network
from lth_tf.recipes import RecipeError

L = keras.layers
IMAGES = np.random.default_rng(0).random((4, 8, 8, 1), np.float32)


@functools.cache
def built(name):
    return network(keras_networks.recipe(name))


@pytest.fixture(scope="module", params=MAKERS)
def net(request):
    return built(request.param)


PRUNABLE = {
    "pooling": ["dense_1", "dense_2"],
    "odd names": ["mask", "moving_mean", "schluß eins $1 {a} %s <b>&", "dense_1"],
    "own layer": ["conv2d_1", "dense_1"],
    "own block": ["block_1/conv2d_1", "block_1/conv2d_2", "dense_1"],
    "separable": ["separable_conv2d_1/depthwise", "separable_conv2d_1/pointwise", "dense_1"],
    "attention": [
        "dense_1",
        *(f"multi_head_attention_1/{p}" for p in ("query", "key", "value", "attention_output")),
        "dense_2",
    ],
    "recurrent": ["lstm_1/lstm_cell_1", "lstm_1/lstm_cell_1/recurrent", "dense_1"],
    "norms": ["dense_1", "dense_2"],
}


@pytest.mark.parametrize("name", PRUNABLE)
def test_what_has_a_mask(name):
    halves = ("depthwise", "pointwise", "recurrent")
    expected = [f"{p}_kernel" if p.endswith(halves) else f"{p}/kernel" for p in PRUNABLE[name]]
    assert list(built(name).prunable) == expected


# Of each way to name weights one: layers by the user's names, numbered layers, layers of layers.
OFTEN = ("odd names", "own block", "recurrent", "noise")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in OFTEN else pytest.mark.faults) for n in MAKERS]
)
def test_equal_networks_have_equal_keys_and_names_whatever_was_built_before(name):
    keras.backend.clear_session()
    first = keras_networks.recipe(name)
    names = network(first).weight_names
    for _ in range(3):
        MAKERS[name]()
    second = keras_networks.recipe(name)
    assert first.key == second.key and network(second).weight_names == names
    assert len(set(names)) == len(names) and not any("seed" in n for n in names)


def test_masks_remove_weights_whatever_layer_holds_them(net):
    """Pruned weights have a gradient of exactly 0 and no effect, wrapped or not."""
    generator = np.random.default_rng(1)
    masks = {n: np.float32(generator.random(net.shapes[n]) < 0.5) for n in net.prunable}
    weights = {n: tf.constant(v) for n, v in net.initial_weights(0).items()}
    with tf.GradientTape() as tape:
        tape.watch(weights)
        logits, _ = net.apply(weights, net.initial_statistics(), masks, IMAGES, False)
        loss = tf.reduce_sum(logits**2)
    gradients = tape.gradient(loss, weights)
    for name, mask in masks.items():
        assert np.all(gradients[name].numpy()[mask == 0] == 0)
    spoilt = weights | {n: weights[n] + 7 * (1 - m) for n, m in masks.items()}
    again, _ = net.apply(spoilt, net.initial_statistics(), masks, IMAGES, False)
    np.testing.assert_array_equal(logits, again)
    pruned = weights | {n: weights[n] * m for n, m in masks.items()}
    same, _ = net.apply(pruned, net.initial_statistics(), None, IMAGES, False)
    np.testing.assert_array_equal(logits, same)


@pytest.mark.parametrize("name", ["separable", "attention", "einsum", "own block", "recurrent"])
def test_it_computes_what_the_users_own_model_computes(name):
    model = MAKERS[name]()
    built = network(from_keras(model))
    values = [v.numpy() for v in model.trainable_variables]
    weights = dict(zip(built.weight_names, values, strict=True))
    found, _ = built.apply(weights, built.initial_statistics(), None, IMAGES, False)
    np.testing.assert_allclose(found, model(IMAGES), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", RANDOM)
def test_random_layers_draw_what_their_seeds_say_and_nothing_in_evaluation(name):
    net = built(name)
    state = net.initial_weights(0), net.initial_statistics()

    def logits(training, seed):
        seeds = np.full((len(net.seed_names), 2), seed, np.int32)
        return net.apply(*state, None, IMAGES, training, seeds)[0].numpy()

    np.testing.assert_array_equal(logits(True, 1), logits(True, 1))
    assert not np.array_equal(logits(True, 1), logits(True, 2))
    np.testing.assert_array_equal(logits(False, 1), logits(False, 2))


@pytest.mark.parametrize("name", ["orthogonal", "own initializer"])
def test_keras_draws_from_an_addressed_seed(name):
    net, kernel = network(keras_networks.recipe(name)), "dense_1/kernel"
    first = net.initial_weights(0)
    keras.utils.set_random_seed(5)
    again = network.__wrapped__(keras_networks.recipe(name)).initial_weights(0)
    np.testing.assert_array_equal(first[kernel], again[kernel])
    assert not np.array_equal(first[kernel], net.initial_weights(1)[kernel])
    if name == "orthogonal":
        np.testing.assert_allclose(first[kernel].T @ first[kernel], np.eye(6), atol=1e-6)


def test_kernels_can_be_named():
    def model():
        return sequential(L.Flatten(), Linear(6), L.Dense(5))

    with pytest.raises(RecipeError, match=r"'linear_1/w' .* prunable=\['dense_1/kernel'"):
        from_keras(model())
    chosen = from_keras(model(), prunable=["linear_1/w", "dense_2/kernel"])
    assert network(chosen).prunable == ("linear_1/w", "dense_2/kernel")
    turned = from_keras(model(), prunable=("dense_2/kernel", "linear_1/w", "linear_1/w"))
    assert chosen == turned and chosen != from_keras(model(), prunable=["linear_1/w"])


def test_features_go_by_the_names_that_the_user_gave():
    net = built("odd names")
    name = "schluß eins $1 {a} %s <b>&"

    @tf.function
    def traced(weights):
        return features(net, (name,), weights, {}, tf.constant(IMAGES))

    assert traced(net.initial_weights(0))[name].shape == (4, 6)


class Penalty(L.Layer):
    def call(self, x):
        self.add_loss(keras.ops.sum(x))
        return x


class GlobalNoise(L.Layer):
    def call(self, x, training=None):
        return x + keras.random.normal(keras.ops.shape(x)) if training else x


class Regularized(L.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), name="scale", regularizer="l2")

    def call(self, x):
        return x * self.scale


class Counter(L.Layer):
    def build(self, shape):
        self.seen = self.add_weight(shape=(), dtype="int32", trainable=False, name="seen")

    def call(self, x):
        return x


class Fails(L.Layer):
    def call(self, x):
        if tf.executing_eagerly():
            raise RuntimeError("no kernel of this kind here")
        return x


class ThinAir(keras.initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return np.random.random(shape).astype(dtype)


def stateful():
    inputs = keras.Input(batch_shape=(2, 8, 8))
    return keras.Model(inputs, L.Dense(10)(L.LSTM(3, stateful=True)(inputs)))


def integers():
    inputs = keras.Input((64,), dtype="int32")
    return keras.Model(inputs, L.Dense(10)(L.Flatten()(L.Embedding(3, 2)(inputs))))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: sequential(L.Flatten(), Penalty(name="p")), "'p' adds a loss of its own"),
        (lambda: sequential(L.Flatten(), GlobalNoise(name="g")), "'g' draws random numbers from"),
        (lambda: sequential(L.Flatten(), Regularized(name="r")), "'r' .* has a scale_regularizer"),
        (lambda: sequential(L.Flatten(), Counter(name="c")), "'c' .* keeps 'c/seen' in int32"),
        (lambda: sequential(L.Flatten(), Fails()), "cannot be trained here: .* no kernel of this"),
        (
            lambda: sequential(L.Flatten(), L.Dense(3, kernel_initializer=ThinAir())),
            "initializer of 'dense_1/kernel', ThinAir, draws from a generator of the whole process",
        ),
        (stateful, "stateful"),
        (lambda: sequential(), r"shape \(None, 8, 8, 10\); it must be \(None, classes\)"),
        (integers, "the input of .* is of int32; images are float32"),
        (
            lambda: sequential(L.Flatten(), L.Normalization(name="n")),
            "'n' .* keeps 'n/count' in int",
        ),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(make, message):
    with pytest.raises(RecipeError, match=message) as error:
        from_keras(make())
    assert "\n" not in str(error.value)


def test_a_seed_of_ones_own_initializer_is_left_to_init():
    models = [
        sequential(L.Flatten(), L.Dense(4, kernel_initializer=Ramp(seed=s))) for s in (None, 3)
    ]
    drawn = [network(from_keras(m)).initial_weights(2)["dense_1/kernel"] for m in models]
    np.testing.assert_array_equal(*drawn)
