"""Strategies, which spread training over devices, by name."""

from collections.abc import Callable

import tensorflow as tf

from lth_tf.errors import UserError
from lth_tf.training import cluster
from lth_tf.training.tpu import open_tpu


def _one_device() -> tf.distribute.Strategy:
    accelerators = tf.config.list_logical_devices("GPU")
    return tf.distribute.OneDeviceStrategy(accelerators[0].name if accelerators else "/cpu:0")


def _multi_worker() -> tf.distribute.Strategy:
    cluster.is_chief()  # which says what is wrong with TF_CONFIG
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except (RuntimeError, ValueError, tf.errors.OpError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"--strategy=multi_worker: the workers cannot meet: {reason}") from error


STRATEGIES: dict[str, Callable[..., tf.distribute.Strategy]] = {
    "default": tf.distribute.get_strategy,
    "one_device": _one_device,
    "mirrored": tf.distribute.MirroredStrategy,
    "multi_worker": _multi_worker,
    "tpu": open_tpu,
}


def open_strategy(name: str, *tpu: str | None) -> tf.distribute.Strategy:
    """Returns the strategy of a name.

    'default' leaves placement to TensorFlow, 'one_device' takes the first GPU or else the CPU,
    'mirrored' shares every batch among all GPUs, or all logical CPUs, of this machine,
    'multi_worker' among all devices of the processes that TF_CONFIG lists, of which this is one,
    and 'tpu' among the cores of a TPU.

    Args:
      tpu: for 'tpu', the arguments of lth_tf.training.tpu.open_tpu.

    Raises:
      UserError: there is no such strategy, or its devices cannot be reached.
    """
    if name not in STRATEGIES:
        raise UserError(f"--strategy={name}; allowed: {', '.join(STRATEGIES)}")
    return STRATEGIES[name](*tpu)
