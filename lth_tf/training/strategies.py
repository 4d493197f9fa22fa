"""Strategies, which spread training over devices, by name."""

import socket
from collections.abc import Callable

import tensorflow as tf

from lth_tf.errors import UserError
from lth_tf.training import cluster

# TensorFlow itself would wait for minutes for an address at which nobody answers.
SECONDS_TO_CONNECT = 10.0


def _one_device() -> tf.distribute.Strategy:
    accelerators = tf.config.list_logical_devices("GPU")
    return tf.distribute.OneDeviceStrategy(accelerators[0].name if accelerators else "/cpu:0")


def _multi_worker() -> tf.distribute.Strategy:
    cluster.is_chief()  # which says what is wrong with TF_CONFIG
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except (RuntimeError, ValueError, tf.errors.OpError) as error:
        problem = f"the workers cannot meet: {_short(error)}"
        raise UserError(f"--strategy=multi_worker: {problem}") from error


def _tpu(
    tpu: str | None, zone: str | None = None, project: str | None = None
) -> tf.distribute.Strategy:
    """Connects to a TPU, initializes it, and returns the strategy of all its cores."""
    # Errors have many types: those of three client libraries, and TensorFlow's own.
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(
            tpu, zone=zone, project=project
        )
        for addresses in resolver.cluster_spec().as_dict().values():
            for address in addresses:
                _check_reachable(address)
        if tpu != "local":
            tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    except tf.errors.NotFoundError as error:
        raise _tpu_error(
            tpu,
            "there is no TPU, or this TensorFlow has no kernels for it: pip install tensorflow-tpu "
            f"on a TPU VM ({_short(error)})",
        ) from None
    except Exception as error:
        raise _tpu_error(tpu, f"cannot be reached: {_short(error)}") from None


def _check_reachable(address: str) -> None:
    """Raises OSError unless somebody answers at an address, 'host:port'."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), SECONDS_TO_CONNECT).close()


def _tpu_error(tpu: str | None, problem: str) -> UserError:
    return UserError(f"--strategy=tpu{f', --tpu={tpu}' if tpu else ''}: {problem}")


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


STRATEGIES: dict[str, Callable[..., tf.distribute.Strategy]] = {
    "default": tf.distribute.get_strategy,
    "one_device": _one_device,
    "mirrored": tf.distribute.MirroredStrategy,
    "multi_worker": _multi_worker,
    "tpu": _tpu,
}


def open_strategy(name: str, *tpu: str | None) -> tf.distribute.Strategy:
    """Returns the strategy of a name.

    'default' leaves placement to TensorFlow, 'one_device' takes the first GPU or else the CPU,
    'mirrored' shares every batch among all GPUs, or all logical CPUs, of this machine,
    'multi_worker' among all devices of the processes that TF_CONFIG lists, and 'tpu' among the
    cores of a TPU.

    Args:
      tpu: for 'tpu', its name or grpc:// address, 'local' on a TPU VM, None where the environment
        says it; then zone and project of Google Cloud, None for those of the machine.

    Raises:
      UserError: there is no such strategy, or its devices cannot be reached.
    """
    if name not in STRATEGIES:
        raise UserError(f"--strategy={name}; allowed: {', '.join(STRATEGIES)}")
    return STRATEGIES[name](*tpu)
