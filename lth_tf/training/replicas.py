"""Replicas: checks that a run can be shared among them, and the part of a batch of each."""

import tensorflow as tf

from lth_tf.errors import UserError
from lth_tf.models.network import Network
from lth_tf.training.hparams import Hparams


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
