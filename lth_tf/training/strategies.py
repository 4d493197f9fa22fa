"""How training is spread over devices, by name."""

from collections.abc import Callable

import tensorflow as tf

from lth_tf.errors import UserError


def _one_device() -> tf.distribute.Strategy:
    accelerators = tf.config.list_logical_devices("GPU")
    return tf.distribute.OneDeviceStrategy(accelerators[0].name if accelerators else "/cpu:0")


STRATEGIES: dict[str, Callable[[], tf.distribute.Strategy]] = {
    "default": tf.distribute.get_strategy,
    "one_device": _one_device,
    "mirrored": tf.distribute.MirroredStrategy,
}


def open_strategy(name: str) -> tf.distribute.Strategy:
    """The strategy of that name.

    'default' leaves placement to TensorFlow, 'one_device' takes the first GPU or else the CPU,
    'mirrored' shares every batch among all GPUs, or all logical CPUs, of this machine.

    Raises:
      UserError: there is no such strategy.
    """
    if name not in STRATEGIES:
        raise UserError(f"--strategy={name}; allowed: {', '.join(STRATEGIES)}")
    return STRATEGIES[name]()
