"""Variables in which a compiled program keeps its weights, statistics, masks and slots."""

from collections.abc import Mapping

import tensorflow as tf


def zero_variables(shapes: Mapping[str, tuple], names: tuple[str, ...]) -> dict[str, tf.Variable]:
    """Makes zero variables of which every replica keeps and updates its own, equal copy."""
    return {
        name: tf.Variable(
            tf.zeros(shapes[name]),
            trainable=False,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        for name in names
    }


def values(variables: dict[str, tf.Variable]) -> dict[str, tf.Tensor]:
    """Returns the present values of variables, by name; for compiled functions."""
    return {name: variable.read_value() for name, variable in variables.items()}
