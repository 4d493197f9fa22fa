"""Networks of our own recipes: counts, names, initial weights."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from lth_tf.models import ImagenetResnet, Lenet, Resnet, Vgg, WideResnet
from lth_tf.models.network import from_model, network, parameter_counts
from lth_tf.recipes import RecipeError

SMALL = Lenet(widths=(6, 5), classes=3, image_shape=(4, 4, 1))
TINY_RESNET = Resnet(depth=8, width=4, classes=3, image_shape=(8, 8, 3))


def images(recipe, batch=5, seed=0):
    return np.random.default_rng(seed).random((batch, *recipe.image_shape), np.float32)


@pytest.mark.parametrize(
    "recipe, trainable, total, prunable",
    [
        (Lenet(widths=(), image_shape=(8, 8, 1)), 650, 650, 640),
        (Vgg(depth=19, classes=100), 20_081_188, 20_092_196, 20_070_080),
    ],
    ids=str,
)
def test_parameter_counts_beside_those_of_the_zoo(recipe, trainable, total, prunable):
    expected = {"trainable": trainable, "total": total, "prunable": prunable}
    assert parameter_counts(network(recipe)) == expected


def test_a_block_that_is_no_layer_is_named():
    model = SMALL.build()
    with pytest.raises(RecipeError, match="'lenet' has no layer 'dense_9', which its recipe has"):
        from_model(model, blocks=("dense_1", "dense_9"))


def test_names_of_lenet():
    net = network(Lenet())
    layers = ("dense_1", "dense_2", "logits")
    assert net.weight_names == tuple(f"{la}/{w}" for la in layers for w in ("kernel", "bias"))
    assert net.prunable == tuple(f"{la}/kernel" for la in layers)
    assert net.statistic_names == ()
    assert net.shapes["dense_1/kernel"] == (784, 300)


def test_names_of_resnet():
    net = network(TINY_RESNET)
    assert net.weight_names[:4] == (
        "stem_conv/kernel",
        "stem_norm/gamma",
        "stem_norm/beta",
        "stage1_1_first_conv/kernel",
    )
    assert "stage2_1_shortcut_conv/kernel" in net.prunable
    assert all(name.endswith("/kernel") for name in net.prunable)
    assert net.statistic_names[:2] == ("stem_norm/moving_mean", "stem_norm/moving_variance")
    assert set(net.shapes) == {*net.weight_names, *net.statistic_names}


@pytest.mark.parametrize("shortcut", ["projection", "padding"])
@pytest.mark.parametrize("size", [8, 9])
def test_resnet_shapes(shortcut, size):
    recipe = Resnet(depth=8, width=4, classes=3, image_shape=(size, size, 1), shortcut=shortcut)
    net = network(recipe)
    shape_of = {layer.name: layer.output.shape[1:] for layer in net.model.layers}
    half, quarter = (4, 2) if size == 8 else (5, 3)
    assert shape_of["stem_relu"] == shape_of["stage1_1_out"] == (size, size, 4)
    assert shape_of["stage2_1_out"] == (half, half, 8)
    assert shape_of["stage3_1_out"] == (quarter, quarter, 16)
    assert net.model.output.shape == (None, 3)


def test_resnet_pads_strided_convolutions_on_both_sides():
    net = network(TINY_RESNET)
    window = keras.Model(net.model.input, net.model.get_layer("stage2_1_first_pad").output)
    padded = window(images(TINY_RESNET)).numpy()
    assert padded.shape[1:3] == (10, 10)
    assert np.all(padded[:, 0] == 0) and np.all(padded[:, -1] == 0)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Resnet(depth=18), "Resnet.depth is 18; it must be 6n"),
        (lambda: Resnet(image_shape=(32, 32)), "Resnet.image_shape is .* height, width, channels"),
        (lambda: Resnet(shortcut="none"), "Resnet.shortcut is 'none'; allowed: 'projection'"),
        (lambda: ImagenetResnet(depth=20), "ImagenetResnet.depth is 20; allowed: 18, 34, 50"),
        (
            lambda: ImagenetResnet(depth=18, stride_on="1x1"),
            "ImagenetResnet.stride_on is '1x1'; it must be '3x3' unless the depth is 50",
        ),
        (
            lambda: ImagenetResnet(stem="cifar", pool_padding="same"),
            "pool_padding is 'same'; it must be 'symmetric' where the stem does not pool",
        ),
        (lambda: WideResnet(depth=20), "WideResnet.depth is 20; it must be 6n"),
        (lambda: Lenet(widths=(300, 0)), "Lenet.widths"),
        (lambda: Lenet(classes=1), "Lenet.classes is 1; it must be 2 or more"),
    ],
)
def test_bad_fields_are_named(make, message):
    with pytest.raises(RecipeError, match=message):
        make()


def test_importing_the_recipes_imports_no_tensorflow():
    code = (
        "import sys; from lth_tf.models import Lenet; Lenet().key; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_equal_recipes_share_a_network():
    assert network(Lenet(widths=[300, 100])) is network(Lenet())


def test_initial_weights_depend_on_the_seed_and_the_place_alone():
    net = network(Lenet())
    first = net.initial_weights(0)
    keras.utils.set_random_seed(1)
    keras.layers.Dense(3)(np.zeros((1, 2), np.float32))
    again, other = from_model(Lenet().build()).initial_weights(0), net.initial_weights(1)
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name])
        if name.endswith("kernel"):
            assert not np.array_equal(value, other[name])
        else:
            assert np.all(value == 0)
    deeper = network(Lenet(widths=(300, 100, 50))).initial_weights(0)
    np.testing.assert_array_equal(first["dense_2/kernel"], deeper["dense_2/kernel"])


def test_initial_weights_of_lenet_are_gaussian_glorot():
    kernel = network(Lenet()).initial_weights(0)["dense_1/kernel"]
    assert kernel.std() == pytest.approx(np.sqrt(2 / (784 + 300)), rel=0.01)


def test_initial_weights_of_resnet():
    weights = network(Resnet(norm_scale="uniform")).initial_weights(0)
    kernel = weights["stage3_2_first_conv/kernel"]
    assert kernel.std() == pytest.approx(np.sqrt(2 / (9 * 64)), rel=0.02)
    assert np.abs(kernel).max() > 3 * kernel.std()
    gamma = weights["stage3_2_first_norm/gamma"]
    assert 0 <= gamma.min() < 0.2 < 0.8 < gamma.max() < 1
    assert np.all(network(Resnet()).initial_weights(0)["stem_norm/gamma"] == 1)


def test_initial_statistics():
    statistics = network(TINY_RESNET).initial_statistics()
    for name, value in statistics.items():
        assert np.all(value == (1 if name.endswith("variance") else 0))
