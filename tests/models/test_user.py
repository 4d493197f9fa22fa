"""A user's own Keras models: wrapped in one call, keys that do not depend on the process."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from user_models import (
    Subclassed,
    built,
    copied_weights,
    frozen,
    graph_in_graph,
    nested,
    residual,
    sequence_and_state,
    sequential,
    shared,
    softmax_operation,
    two_inputs,
    two_names,
    two_outputs,
)

from lth_tf.models import from_keras
from lth_tf.models.features import features
from lth_tf.models.layers import BatchNorm, Masked
from lth_tf.models.network import network
from lth_tf.models.wrapping import mask_wrapped
from lth_tf.recipes import RecipeError

L = keras.layers


MAKERS = [sequential, residual, nested, shared]


@pytest.mark.parametrize("make", MAKERS)
def test_equal_models_have_equal_keys_whatever_was_built_before(make):
    keras.backend.clear_session()
    first = from_keras(make())
    for _ in range(11):
        make()
    model = make()
    model.compile("sgd", "mse")
    second = from_keras(model)
    assert first == second and first.key == second.key
    assert network(first) is network(second)


def test_other_models_have_other_keys():
    recipes = [from_keras(make()) for make in MAKERS]
    recipes += [from_keras(sequential(use_bias=False)), from_keras(residual(first="mine"))]
    recipes += [from_keras(sequential(), name="another")]
    assert len({r.key for r in recipes}) == len(recipes)


def normalized():
    kernel = keras.initializers.HeNormal(seed=3)
    norm = L.BatchNormalization(axis=-1, scale=False)
    layers = (L.Flatten(), L.Dense(5, kernel_initializer=kernel), norm, L.Dense(3))
    return keras.Sequential([keras.Input((4, 4, 1)), *layers])


@pytest.mark.parametrize(
    "make, name, key",
    [
        (residual, "residual", "8df89cab0ab58ab9198361476315289fb62286587e1e2a668d4f0827b8c3a23c"),
        (nested, "nested", "eeac252deeb072a8e8e499fffeb98d76ca4cdb562fc21a7471af7a009cb19ae9"),
        (normalized, "seq", "90099b016608a1cb5714851f0bc9dc87da0bface0d6f9c6400527c2d92bb4f15"),
    ],
)
def test_keys_stay_what_they_were(make, name, key):
    """As they were before a recipe said which weights have masks."""
    assert from_keras(make(), name=name).key == key


def test_layers_of_ours_stay_in_the_module_that_keys_of_models_name():
    model = keras.Sequential([keras.Input((4, 4, 1)), BatchNorm(), L.Flatten(), L.Dense(3)])
    ours = json.loads(from_keras(model).config)["config"]["layers"][1]
    assert (ours["module"], ours["registered_name"]) == ("lth_tf.models.layers", "lth_tf>BatchNorm")


def test_the_order_of_calls_is_part_of_the_graph():
    def crossed(swap):
        inputs = keras.Input((2, 2, 1))
        x = L.Flatten()(inputs)
        a, b = L.Dense(3, name="a")(x), L.Dense(3, name="b")(x)
        return from_keras(keras.Model(inputs, b - a if swap else a - b))

    assert crossed(False) != crossed(True)


def test_a_seed_in_an_initializer_is_left_to_init():
    seeded = sequential(kernel_initializer=keras.initializers.HeNormal(seed=3))
    assert from_keras(seeded) == from_keras(sequential(kernel_initializer="he_normal"))


def test_automatic_names_are_numbered_in_order_and_own_names_kept():
    net = network(from_keras(nested()))
    kernels = [name for name in net.weight_names if name.endswith("kernel")]
    assert kernels == [
        "dense_1/kernel",
        "sequential_1/dense_1/kernel",
        "sequential_1/dense_2/kernel",
        "dense_2/kernel",
    ]
    assert network(from_keras(residual(first="mine"))).prunable[0] == "mine/kernel"


def test_an_own_name_that_looks_automatic_for_another_class_is_not_taken_twice():
    model = keras.Sequential(
        [keras.Input((2, 2, 1)), L.Flatten(name="dense_1"), L.Dense(4), L.Dense(3)]
    )
    assert network(from_keras(model)).prunable == ("dense_2/kernel", "dense_3/kernel")


@pytest.mark.parametrize("make", MAKERS)
def test_wrapped_equals_unwrapped(make):
    model = make()
    recipe = from_keras(model)
    net = network(recipe)
    x = np.random.default_rng(0).random((5, *recipe.image_shape), np.float32)
    state = net.initial_statistics()
    logits, moved = net.apply(copied_weights(model, net), state, None, x, training=True)
    np.testing.assert_allclose(logits, model(x, training=True), rtol=1e-4, atol=1e-5)
    for name, variable in zip(net.statistic_names, model.non_trainable_variables, strict=True):
        np.testing.assert_allclose(moved[name], variable, rtol=1e-4, atol=1e-5)


def test_every_kernel_is_masked_and_batch_norm_fused():
    wrapped = mask_wrapped(residual())
    kinds = [type(layer) for layer in wrapped.layers]
    assert kinds.count(Masked) == 3 and kinds.count(BatchNorm) == 1
    twice = mask_wrapped(wrapped)
    assert [type(layer) for layer in twice.layers] == kinds
    assert [layer.name for layer in twice.layers] == [layer.name for layer in wrapped.layers]


@pytest.mark.parametrize("fields", [{"axis": 1}, {"scale": False}, {"center": False}])
def test_batch_norm_that_is_not_equivalent_is_left_alone(fields):
    model = keras.Sequential(
        [keras.Input((4, 4, 2)), L.BatchNormalization(**fields), L.Flatten(), L.Dense(3)]
    )
    assert type(mask_wrapped(model).layers[0]) is L.BatchNormalization


def test_masks_reach_nested_and_shared_layers():
    for make in (nested, shared):
        model = make()
        net = network(from_keras(model))
        weights = {k: tf.constant(v) for k, v in copied_weights(model, net).items()}
        masks = {name: np.zeros(net.shapes[name], np.float32) for name in net.prunable}
        x = np.ones((2, 2, 2, 1), np.float32)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            logits, _ = net.apply(weights, {}, masks, x, training=True)
        np.testing.assert_array_equal(logits, np.zeros((2, 3)))
        gradients = tape.gradient(logits, weights)
        assert all(np.all(gradients[name].numpy() == 0) for name in net.prunable)


def test_shape_and_classes_and_text():
    recipe = from_keras(residual(), name="mine")
    assert recipe.image_shape == (6, 6, 2) and recipe.classes == 3
    assert str(recipe) == repr(recipe) and len(str(recipe)) < 60 and "'mine'" in str(recipe)
    assert json.loads(recipe.config)["class_name"] == "Functional"


def test_a_second_output_is_an_auxiliary_head():
    model = two_outputs()
    recipe = from_keras(model)
    net = network(recipe)
    assert recipe.has_auxiliary_head and recipe.classes == 3
    assert not any(from_keras(make()).has_auxiliary_head for make in MAKERS)
    assert "auxiliary/kernel" in net.prunable
    x = np.ones((2, 4), np.float32)
    weights = copied_weights(model, net)
    both, _ = net.all_logits(weights, {}, None, x, training=True)
    for found, expected in zip(both, model(x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_array_equal(net.apply(weights, {}, None, x, training=True)[0], both[0])


def test_one_output_may_have_a_name():
    model = two_outputs()
    recipe = from_keras(keras.Model(model.inputs[0], {"logits": model.outputs[0]}))
    assert network(recipe).head == ("logits/kernel", "logits/bias")


@pytest.mark.parametrize(
    "layer, kernel",
    [
        (Subclassed, "subclassed_1/dense_1/kernel"),
        (lambda: L.TimeDistributed(L.Dense(2)), "time_distributed_1/dense_1/kernel"),
    ],
)
def test_layers_within_layers_are_numbered_afresh(layer, kernel):
    first = from_keras(built(layer()))
    L.Dense(1)
    assert network(first).prunable == (kernel, "out/kernel")
    assert from_keras(built(layer())) == first


@pytest.mark.parametrize(
    "make, name", [(graph_in_graph, "functional_1"), (sequence_and_state, "gru_1")]
)
def test_layers_with_several_outputs_are_taken(make, name):
    model = make()
    net = network(from_keras(model))
    weights = copied_weights(model, net)
    x = np.random.default_rng(0).normal(size=(5, *model.inputs[0].shape[1:])).astype("f4")
    np.testing.assert_allclose(net.apply(weights, {}, None, x, False)[0], model(x), rtol=1e-5)
    (layer,) = (layer for layer in model.layers if isinstance(layer, (keras.Model, L.GRU)))
    expected = keras.Model(model.inputs[0], layer._inbound_nodes[0].output_tensors)(x)
    for found, output in zip(features(net, (name,), weights, {}, x)[name], expected, strict=True):
        np.testing.assert_allclose(found, output, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "make, message",
    [
        (Subclassed, "'own' is a Subclassed; it must be functional or Sequential"),
        (lambda: keras.Sequential([L.Dense(3)], name="s"), "'s' has no input shape"),
        (two_inputs, "must have one input"),
        (two_names, "has outputs by name, .* it must list them, the logits first"),
        (lambda: two_outputs(classes=4), "or a second of the same shape"),
        (lambda: two_outputs(second="softmax"), "ends in probabilities .'auxiliary'"),
        (lambda: built(L.Conv2D(2, 1, kernel_regularizer="l2")), "has a kernel_regularizer"),
        (lambda: built(L.Conv2D(2, 1, bias_constraint="unit_norm")), "has a bias_constraint"),
        (frozen, "'still' .* is frozen"),
        (lambda: sequential(activation="softmax"), "ends in probabilities"),
        (softmax_operation, "ends in probabilities"),
        (lambda: built(L.Lambda(lambda x: 2 * x)), "Lambda.* cannot be made"),
    ],
)
def test_what_cannot_be_honoured_is_refused_in_one_line(make, message):
    with pytest.raises(RecipeError, match=message) as error:
        from_keras(make())
    assert "\n" not in str(error.value)
