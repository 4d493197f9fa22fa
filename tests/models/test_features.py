"""Blocks of every network, and what they put out as a pure function."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import zoo

from lth_tf.models import from_keras
from lth_tf.models.features import features
from lth_tf.models.network import network
from lth_tf.recipes import RecipeError


def inputs(recipe, examples=4):
    return np.random.default_rng(0).random((examples, *recipe.image_shape), np.float32)


def states(net):
    return net.initial_weights(0), net.initial_statistics()


@pytest.mark.parametrize("name", zoo.SMALL)
def test_blocks_come_in_order_and_their_outputs_have_their_shapes(name):
    recipe = zoo.SMALL[name]
    net = network(recipe)
    assert tuple(net.blocks) == recipe.blocks and len(net.blocks) >= 2
    order = [layer.name for layer in net.model.layers]
    assert sorted(net.blocks, key=order.index) == list(net.blocks)
    found = features(net, tuple(net.blocks), *states(net), inputs(recipe))
    assert {block: output.shape[1:] for block, output in found.items()} == dict(net.blocks)
    assert list(found) == list(net.blocks)


def test_there_are_as_many_blocks_as_the_papers_probe():
    """A probe after each ResNet block: blocks 4 and 8 of a ResNet-18 (sgd_noise table 17)."""
    assert len(zoo.SMALL["resnet18"].blocks) == 8


@pytest.mark.parametrize("name", zoo.SMALL)
@pytest.mark.parametrize("training", [False, True])
def test_the_last_layer_is_the_forward_pass(name, training):
    recipe = zoo.SMALL[name]
    net, x = network(recipe), inputs(zoo.SMALL[name])
    expected, _ = net.apply(*states(net), None, x, training=training)
    found = features(net, ("logits",), *states(net), x, training)
    np.testing.assert_array_equal(found["logits"], expected)


def test_outputs_depend_on_earlier_weights_only():
    recipe = zoo.SMALL["resnet"]
    net, x = network(recipe), inputs(recipe)
    weights, statistics = states(net)
    before = features(net, tuple(net.blocks), weights, statistics, x)
    changed = weights | {"stage2_1_first_conv/kernel": -weights["stage2_1_first_conv/kernel"]}
    after = features(net, tuple(net.blocks), changed, statistics, x)
    same = [block for block in net.blocks if np.array_equal(before[block], after[block])]
    assert same == ["stage1_1_out"]


def test_only_what_a_block_needs_is_asked_for():
    recipe = zoo.SMALL["lenet"]
    net, x = network(recipe), inputs(recipe)
    weights, _ = states(net)
    first = {name: weights[name] for name in ("dense_1/kernel", "dense_1/bias")}
    found = features(net, ("dense_1",), first, {}, x)["dense_1"]
    flat = x.reshape(len(x), -1)
    expected = np.maximum(flat @ weights["dense_1/kernel"] + weights["dense_1/bias"], 0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_a_linear_probe_on_a_block_learns_while_the_network_stays():
    """What features are for: labels that the mean over a block's pixels tells apart."""
    recipe = zoo.SMALL["resnet18"]
    net = network(recipe)
    weights, statistics = states(net)
    rng = np.random.default_rng(0)
    labels = rng.integers(2, size=200)
    x = rng.random((200, *recipe.image_shape), np.float32) + labels[:, None, None, None]
    x = x.astype(np.float32)

    @tf.function
    def pooled(images):
        found = features(net, ("stage2_2_out",), weights, statistics, images)
        return tf.reduce_mean(found["stage2_2_out"], [1, 2])

    seen = np.c_[pooled(x).numpy(), np.ones(200)]
    probe = np.linalg.lstsq(seen[:100], 2 * labels[:100] - 1, rcond=None)[0]
    assert np.mean((seen[100:] @ probe > 0) == labels[100:]) > 0.9
    # From Python and compiled it is the same.
    direct = features(net, ("stage2_2_out",), weights, statistics, x)["stage2_2_out"]
    np.testing.assert_allclose(seen[:, :-1], tf.reduce_mean(direct, [1, 2]), rtol=1e-4, atol=1e-6)


def test_outputs_are_float32_in_mixed_precision():
    recipe = zoo.SMALL["vgg"]
    net = network(recipe, "mixed_bfloat16")
    found = features(net, tuple(net.blocks)[:1], *states(net), inputs(recipe))
    assert {output.dtype for output in found.values()} == {tf.float32}


def test_any_layer_of_a_users_model_can_be_asked_for():
    layers = [
        keras.Input((4, 4, 1)),
        keras.layers.Conv2D(3, 3, name="mine"),
        keras.layers.Flatten(),
        keras.layers.Dense(2),
    ]
    net = network(from_keras(keras.Sequential(layers)))
    assert dict(net.blocks) == {}
    x = np.ones((2, 4, 4, 1), np.float32)
    assert features(net, ("mine",), *states(net), x)["mine"].shape == (2, 2, 2, 3)
    with pytest.raises(RecipeError, match="no layer 'yours'; allowed: .*mine"):
        features(net, ("yours",), *states(net), x)


def test_a_layer_that_is_not_there_is_one_line_with_the_blocks():
    net = network(zoo.SMALL["lenet"])
    with pytest.raises(RecipeError, match="no layer 'dense_9'; allowed: dense_1, dense_2$"):
        features(net, ("dense_9",), *states(net), inputs(zoo.SMALL["lenet"]))
