"""Strategies, which spread training over devices: by name, and what their replicas can share."""

import socket
from collections.abc import Callable

import tensorflow as tf

from lth_tf.errors import UserError
from lth_tf.models.network import Network
from lth_tf.training import cluster
from lth_tf.training.hparams import Hparams

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


def check_replicas(strategy: tf.distribute.Strategy, hparams: Hparams, network: Network) -> None:
    """Raises UserError, naming the field, if the numbers would not be those of one device."""
    replicas, groups = strategy.num_replicas_in_sync, hparams.batch_norm_groups
    if hparams.batch_size % replicas:
        raise UserError(
            f"Hparams.batch_size is {hparams.batch_size}, which {replicas} replicas cannot share "
            "equally: choose a multiple"
        )
    if network.statistic_names and replicas % groups and groups % replicas:
        raise UserError(
            f"Hparams.batch_norm_groups is {groups}, which {replicas} replicas cannot share "
            "equally: choose a multiple or a divisor"
        )
    if network.unshared and (replicas > 1 or groups > 1):
        raise UserError(
            f"layer {network.unshared[0]!r} keeps statistics of whole batches, which it cannot "
            "take on several replicas or in groups; use keras.layers.BatchNormalization(axis=-1) "
            "as a layer of the model itself"
        )
    if network.random_layers and replicas > 1:
        raise UserError(
            f"layer {network.random_layers[0]!r} draws random numbers for whole batches, which "
            f"{replicas} replicas cannot share; train on one device"
        )
    on_tpu = isinstance(strategy, tf.distribute.TPUStrategy)
    if hparams.xla == "on" and replicas > 1 and not on_tpu:
        raise UserError(
            f"Hparams.xla is 'on', but a step on {replicas} replicas is not compiled by XLA; "
            "allowed: 'auto', 'off'"
        )
    if hparams.xla == "off" and on_tpu:
        raise UserError(
            "Hparams.xla is 'off', but XLA compiles all for TPUs; allowed: 'auto', 'on'"
        )


def own_part(batch: tf.Tensor, replicas: int) -> tf.Tensor:
    """Returns this replica's consecutive part of a batch, of static size; an empty batch as is."""
    if replicas == 1 or not batch.shape[0]:
        return batch
    size = batch.shape[0] // replicas
    first = tf.distribute.get_replica_context().replica_id_in_sync_group * size
    begin = [first] + [0] * (batch.shape.rank - 1)
    return tf.slice(batch, begin, [size, *batch.shape[1:].as_list()])
