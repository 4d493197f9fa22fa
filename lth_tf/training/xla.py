"""Which networks XLA compiles: a choice of the hyperparameters, or the measured one."""

import tensorflow as tf

from lth_tf.models.network import Network


def compiles(choice: str, network: Network) -> bool:
    """Whether XLA compiles the steps of a network in this process.

    'auto' is 'on' where it was measured to be faster: for fully connected networks on CPUs, where
    LeNet's step takes 0.6 of the time. XLA's convolutions on a CPU are many times slower than
    TensorFlow's, and do not finish compiling in a ResNet-20. Elsewhere nothing was measured, and
    'auto' is 'off'. Numbers: docs/performance.md.

    Args:
      choice: Hparams.xla, 'auto', 'on' or 'off'.
    """
    if choice != "auto":
        return choice == "on"
    return not network.has_convolutions and not tf.config.list_logical_devices("GPU")
