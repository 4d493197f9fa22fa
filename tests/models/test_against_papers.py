"""Convolutional networks against readings of their papers that share no code with ours.

They take our weights by name and use TensorFlow's plain operations; padding is explicit, batch norm
is by its formula.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lth_tf.models import ImagenetResnet, Resnet, Vgg, WideResnet
from lth_tf.models.network import network

SIZE = {"classes": 7, "image_shape": (32, 32, 3)}


def drawn(net, seed=0):
    """Weights and statistics that no symmetry hides: scales, offsets, means, variances differ."""
    rng = np.random.default_rng(seed)
    values = {n: rng.normal(0, 0.1, shape).astype(np.float32) for n, shape in net.shapes.items()}
    for name, shape in net.shapes.items():
        if name.endswith(("gamma", "variance")):
            values[name] = rng.uniform(0.5, 1.5, shape).astype(np.float32)
        elif name.endswith("kernel"):
            spread = np.sqrt(2 / np.prod(shape[:-1]))
            values[name] = rng.normal(0, spread, shape).astype(np.float32)
    return values


class Reading:
    """Layers by their names, as a paper's text goes through them; each once."""

    def __init__(self, values):
        self._values = dict(values)

    def _take(self, layer, *parts):
        return [self._values.pop(f"{layer}/{part}") for part in parts]

    def conv(self, x, name, stride=1):
        (kernel,) = self._take(f"{name}_conv", "kernel")
        pad = kernel.shape[0] // 2
        x = tf.pad(x, [[0, 0], [pad, pad], [pad, pad], [0, 0]])
        return tf.nn.conv2d(x, kernel, stride, "VALID")

    def norm(self, x, name):
        parts = ("gamma", "beta", "moving_mean", "moving_variance")
        gamma, beta, mean, variance = self._take(f"{name}_norm", *parts)
        return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta

    def conv_norm(self, x, name, stride=1):
        return self.norm(self.conv(x, name, stride), name)

    def logits(self, x):
        kernel, bias = self._take("logits", "kernel", "bias")
        assert not self._values, "there are more layers than the paper has"
        return tf.reduce_mean(x, [1, 2]) @ kernel + bias


def basic_block(reading, x, name, channels, stride):
    """He et al. 2016, eq. 1 and 2 and fig. 5 left, with option B where the shape changes."""
    y = tf.nn.relu(reading.conv_norm(x, f"{name}_first", stride))
    y = reading.conv_norm(y, f"{name}_second")
    if x.shape[-1] != channels or stride > 1:
        x = reading.conv_norm(x, f"{name}_shortcut", stride)
    return tf.nn.relu(x + y)


def bottleneck(reading, x, name, channels, stride):
    """tensorflow/tpu, resnet_model.py, bottleneck_block: the stride is on the 3x3."""
    y = tf.nn.relu(reading.conv_norm(x, f"{name}_first"))
    y = tf.nn.relu(reading.conv_norm(y, f"{name}_second", stride))
    y = reading.conv_norm(y, f"{name}_third")
    if x.shape[-1] != 4 * channels or stride > 1:
        x = reading.conv_norm(x, f"{name}_shortcut", stride)
    return tf.nn.relu(y + x)


def stages(numbers, width):
    """Name, channels and stride of every block; all stages but the first halve the image."""
    for stage, number in enumerate(numbers):
        for block in range(number):
            stride = 2 if stage and not block else 1
            yield f"stage{stage + 1}_{block + 1}", width * 2**stage, stride


def cifar_resnet(reading, x, n, width):
    """He et al. 2016, section 4.2: 6n + 2 layers, feature maps of 32, 16 and 8 pixels."""
    x = tf.nn.relu(reading.conv_norm(x, "stem"))
    for block in stages((n, n, n), width):
        x = basic_block(reading, x, *block)
    assert x.shape[1:] == (8, 8, 4 * width)
    return reading.logits(x)


def imagenet_resnet(reading, x, blocks, width, cifar_stem):
    """He et al. 2016, table 1, 18 and 34 layers: conv1 to conv5_x, average pool, fc."""
    x = tf.nn.relu(reading.conv_norm(x, "stem", 1 if cifar_stem else 2))
    if not cifar_stem:
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=-np.inf)
        x = tf.nn.max_pool2d(x, 3, 2, "VALID")
    for block in stages(blocks, width):
        x = basic_block(reading, x, *block)
    return reading.logits(x)


def reference_resnet50(reading, x, width):
    """tensorflow/tpu, resnet_model.py, resnet_v1_generator with the layers of depth 50."""
    x = tf.nn.relu(reading.conv_norm(x, "stem", 2))
    x = tf.nn.max_pool2d(x, 3, 2, "SAME")
    for block in stages((3, 4, 6, 3), width):
        x = bottleneck(reading, x, *block)
    return reading.logits(x)


def vgg(reading, x, convolutions, width):
    """Simonyan & Zisserman 2015, table 1, with batch norm and one dense layer (Liu et al. 2019)."""
    for stage, number in enumerate(convolutions, start=1):
        if stage > 1:
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        for layer in range(1, number + 1):
            x = tf.nn.relu(reading.conv_norm(x, f"stage{stage}_{layer}"))
    assert x.shape[1:] == (2, 2, 8 * width)
    return reading.logits(x)


def wide_resnet(reading, x, n, width):
    """Zagoruyko & Komodakis 2016, table 1 and fig. 1(d), 6n + 4 layers; pytorch/resnet.py."""
    x = reading.conv(x, "stem")
    for name, channels, stride in stages((n, n, n), width):
        activated = tf.nn.relu(reading.norm(x, f"{name}_first"))
        y = reading.conv(activated, f"{name}_first", stride)
        y = reading.conv(tf.nn.relu(reading.norm(y, f"{name}_second")), f"{name}_second")
        if x.shape[-1] != channels:
            x = reading.conv(activated, f"{name}_shortcut", stride)
        x = x + y
    return reading.logits(tf.nn.relu(reading.norm(x, "last")))


NARROW = {"width": 4, **SIZE}
CASES = {
    "resnet20": (Resnet(20, **NARROW), cifar_resnet, (3, 4)),
    "resnet56": (Resnet(56, **NARROW), cifar_resnet, (9, 4)),
    "resnet18": (ImagenetResnet(18, **NARROW), imagenet_resnet, ((2, 2, 2, 2), 4, False)),
    "resnet18_cifar": (
        ImagenetResnet(18, "cifar", **NARROW),
        imagenet_resnet,
        ((2, 2, 2, 2), 4, True),
    ),
    "resnet34": (ImagenetResnet(34, "cifar", **NARROW), imagenet_resnet, ((3, 4, 6, 3), 4, True)),
    "vgg13": (Vgg(13, **NARROW), vgg, ((2, 2, 2, 2, 2), 4)),
    "vgg16": (Vgg(16, **NARROW), vgg, ((2, 2, 3, 3, 3), 4)),
    "vgg19": (Vgg(19, **NARROW), vgg, ((2, 2, 4, 4, 4), 4)),
    "wrn16_2": (WideResnet(16, 2, **NARROW), wide_resnet, (2, 8)),
    "wrn10_1": (WideResnet(10, 1, **NARROW), wide_resnet, (1, 4)),
    "resnet50": (ImagenetResnet(pool_padding="same", **NARROW), reference_resnet50, (4,)),
}


def images(size=32):
    return np.random.default_rng(1).normal(size=(3, size, size, 3)).astype(np.float32)


def outputs(net, values, x):
    weights = {name: values[name] for name in net.weight_names}
    statistics = {name: values[name] for name in net.statistic_names}
    return net.apply(weights, statistics, None, x, training=False)[0].numpy()


# The others are these with more or fewer blocks.
OFTEN = ("resnet20", "resnet18", "resnet18_cifar", "vgg16", "wrn16_2", "resnet50")


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=() if c in OFTEN else pytest.mark.faults) for c in CASES]
)
def test_it_computes_what_the_paper_says(case):
    recipe, paper, arguments = CASES[case]
    net = network(recipe)
    values, x = drawn(net), images()
    expected = paper(Reading(values), x, *arguments)
    spread = float(np.std(expected))
    assert spread > 0
    np.testing.assert_allclose(outputs(net, values, x), expected, rtol=1e-3, atol=1e-4 * spread)


def keras_name(layer):
    """Our layer's name in keras.applications: stage2_1_first_conv -> conv3_block1_1_conv."""
    stem = {"stem_conv": "conv1_conv", "stem_norm": "conv1_bn", "logits": "predictions"}
    if layer in stem:
        return stem[layer]
    stage, block, place, kind = layer.removeprefix("stage").split("_")
    number = {"shortcut": 0, "first": 1, "second": 2, "third": 3}[place]
    kind = {"conv": "conv", "norm": "bn"}[kind]
    return f"conv{int(stage) + 1}_block{block}_{number}_{kind}"


def copied_to_keras(model, values):
    """Gives ResNet50 of keras.applications our weights, its convolutions' biases 0.

    Its epsilon of batch norm is 1.001e-5, ours 1e-5: the difference goes into the variance.
    """
    parts = {"gamma", "beta", "moving_mean", "moving_variance", "kernel"}
    for name, value in values.items():
        layer, part = name.split("/")
        target = model.get_layer(keras_name(layer))
        value = value - np.float32(1e-8) if part == "moving_variance" else value
        assert part in parts or layer == "logits"
        getattr(target, part).assign(value)
        if part == "kernel" and layer != "logits":
            target.bias.assign(np.zeros(value.shape[-1]))


def test_resnet50_is_that_of_keras_applications():
    shape = (40, 40, 3)
    theirs = keras.applications.ResNet50(
        weights=None, input_shape=shape, classes=7, classifier_activation=None
    )
    net = network(ImagenetResnet(stride_on="1x1", classes=7, image_shape=shape))
    values, x = drawn(net), images(40)
    copied_to_keras(theirs, values)
    expected = theirs(x, training=False).numpy()
    spread = float(np.std(expected))
    assert spread > 0
    np.testing.assert_allclose(outputs(net, values, x), expected, rtol=1e-3, atol=1e-3 * spread)


def test_the_reference_strides_with_3x3_and_pools_with_padding_on_the_far_side():
    """Google's TPU code against keras.applications' way: same weights, other outputs."""
    narrow = {"classes": 7, "image_shape": (40, 40, 3), "width": 4}
    first = network(ImagenetResnet(stride_on="1x1", **narrow))
    values, x = drawn(first), images(40)
    others = [{}, {"pool_padding": "same", "stride_on": "1x1"}]
    for fields in others:
        other = network(ImagenetResnet(**fields, **narrow))
        assert other.shapes == first.shapes
        assert not np.allclose(outputs(other, values, x), outputs(first, values, x), rtol=0.05)
