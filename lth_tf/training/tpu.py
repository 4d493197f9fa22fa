"""Cloud TPUs: connecting to one, or one line saying why that failed."""

import contextlib
import socket

import tensorflow as tf

from lth_tf.errors import UserError

# TensorFlow itself would wait for minutes for an address at which nobody answers.
SECONDS_TO_CONNECT = 10.0


def open_tpu(
    tpu: str | None, zone: str | None = None, project: str | None = None
) -> tf.distribute.Strategy:
    """Connects to a TPU, initializes it, and returns the strategy of all its cores.

    Args:
      tpu: its name, 'local' on a TPU VM, a grpc:// address, or None where the environment says it.
      zone, project: of Google Cloud; None for those of the machine.

    Raises:
      UserError: it cannot be reached, or this TensorFlow has no kernels for TPUs.
    """
    resolvers = tf.distribute.cluster_resolver
    # Errors have many types: those of three client libraries, and TensorFlow's own.
    try:
        resolver = resolvers.TPUClusterResolver(tpu, zone=zone, project=project)
        _check_reachable(resolver)
        if tpu != "local":
            tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    except tf.errors.NotFoundError as error:
        raise _error(
            tpu,
            "there is no TPU, or this TensorFlow has no kernels for it: pip install tensorflow-tpu "
            f"on a TPU VM ({_short(error)})",
        ) from None
    except Exception as error:
        raise _error(tpu, f"cannot be reached: {_short(error)}") from None


def _check_reachable(resolver: tf.distribute.cluster_resolver.ClusterResolver) -> None:
    """Raises OSError unless somebody answers at each of the TPU's addresses."""
    for addresses in resolver.cluster_spec().as_dict().values():
        for address in addresses:
            host, _, port = address.rpartition(":")
            with contextlib.closing(
                socket.create_connection((host, int(port)), SECONDS_TO_CONNECT)
            ):
                pass


def _error(tpu: str | None, what: str) -> UserError:
    return UserError(f"--strategy=tpu{f', --tpu={tpu}' if tpu else ''}: {what}")


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
