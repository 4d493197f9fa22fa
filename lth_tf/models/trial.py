"""Trial steps of a network on two images: whether it can be trained, and compiled by XLA."""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lth_tf import noise
from lth_tf.errors import UserError
from lth_tf.models.convolution import on_accelerator
from lth_tf.models.features import features
from lth_tf.models.initializers import process_seeded
from lth_tf.models.layers import BatchNorm, Masked, PaddedShortcut
from lth_tf.models.network import Network
from lth_tf.models.reviving import one_line
from lth_tf.recipes import RecipeError

# Layers that XLA is known to compile on every device, so that it need not be tried.
_COMPILED = (
    *(Masked, BatchNorm, PaddedShortcut),
    *(keras.layers.InputLayer, keras.layers.Flatten, keras.layers.ReLU, keras.layers.Activation),
    *(keras.layers.Reshape, keras.layers.Dropout, keras.layers.Add, keras.layers.ZeroPadding2D),
    *(keras.layers.GlobalAveragePooling2D, keras.layers.Concatenate),
)


def check_runs(network: Network, name: str) -> None:
    """Raises RecipeError unless a network, called `name`, has a gradient on this device.

    It must not draw random numbers but from seeds of its layers, nor have losses of its own.
    """
    try:
        with _recorded_losses() as losses:
            first, second = (_outputs(network, seed) for seed in (0, 1))
    except RecipeError:
        raise
    except Exception as error:  # whatever Keras, TensorFlow or a user's own layer may raise
        raise RecipeError(f"model {name!r} cannot be trained here: {one_line(error)}") from error
    if losses:
        raise RecipeError(f"layer {losses[0]!r} adds a loss of its own, which training leaves out")
    for (layer, values), (_, again) in zip(first, second, strict=True):
        if not np.array_equal(values, again, equal_nan=True):
            raise RecipeError(
                f"layer {layer!r} draws random numbers from a generator of the whole process, so "
                "no run could be repeated; give it a keras.random.SeedGenerator of its own"
            )


@contextlib.contextmanager
def _recorded_losses() -> Iterator[list[str]]:
    """Yields a list that collects the names of the layers that add losses."""
    names: list[str] = []
    add_loss = keras.Layer.add_loss
    keras.Layer.add_loss = lambda layer, loss: names.append(layer.name)
    try:
        yield names
    finally:
        keras.Layer.add_loss = add_loss


def _trial_images(network: Network) -> np.ndarray:
    """Returns two images of noise, float32."""
    shape = (2, *network.model.inputs[0].shape[1:])
    if None in shape:
        raise RecipeError(f"the network's images have the shape {shape[1:]}; it must be known")
    return noise.generator("images to try on").random(shape, np.float32)


def _gradients(network: Network, weights: Any, statistics: Any, images: Any) -> Any:
    """Returns the gradients of a loss of a pass in training, by weight."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        logits, _ = network.all_logits(weights, statistics, None, images, True)
        loss = tf.add_n([tf.reduce_logsumexp(part) for part in logits])
    return tape.gradient(loss, weights, unconnected_gradients="zero")


def _outputs(network: Network, process_seed: int) -> list[tuple[str, np.ndarray]]:
    """Returns each layer's outputs in training, in order, by its name; and takes a gradient."""
    images = _trial_images(network)
    weights = {n: tf.constant(v) for n, v in network.initial_weights(seed=0).items()}
    statistics = network.initial_statistics()
    with process_seeded(process_seed):
        _gradients(network, weights, statistics, images)
    with process_seeded(process_seed):
        outputs = features(network, tuple(network.layers), weights, statistics, images, True)
    flat = {name: tf.nest.flatten(value) for name, value in outputs.items()}
    return [(name, value.numpy()) for name, values in flat.items() for value in values]


def compiles(choice: str, network: Network) -> bool:
    """Returns whether XLA compiles the steps of a network in this process, by Hparams.xla.

    'auto' is 'on' where it was measured to be faster: for fully connected networks on CPUs, where
    LeNet's step takes 0.4 of the time. ResNet-20 under XLA on a CPU had taken none of its first
    calls of about a second after five minutes. Elsewhere nothing was measured, and 'auto' is 'off';
    as it is where XLA cannot compile a layer: it has no deterministic gradient of max-pooling.
    Numbers: docs/performance.md.

    Raises:
      UserError: the choice is 'on', and XLA cannot compile the network on this device.
    """
    if choice == "off":
        return False
    if choice == "auto" and (network.has_convolutions or on_accelerator()):
        return False
    obstacle = _xla_obstacle(network)
    if obstacle and choice == "on":
        raise UserError(
            f"Hparams.xla is 'on', but XLA cannot compile the network here: {obstacle}; "
            "allowed: 'auto', 'off'"
        )
    return not obstacle


@functools.lru_cache(maxsize=8)
def _xla_obstacle(network: Network) -> str:
    """Returns why XLA cannot compile a network's gradients on this device; '' if it can.

    It tries to, unless all layers are known to be compiled.
    """
    if all(isinstance(layer, _COMPILED) for layer in network.layers.values()):
        return ""
    weights = {n: tf.zeros(network.shapes[n]) for n in network.weight_names}
    statistics = {n: tf.zeros(network.shapes[n]) for n in network.statistic_names}
    step = tf.function(_gradients, jit_compile=True)
    try:
        step(network, weights, statistics, tf.constant(_trial_images(network)))
    except tf.errors.OpError as error:
        return one_line(error)
    return ""
