"""Which networks XLA compiles: a choice of the hyperparameters, or the measured one."""

from lth_tf.models.convolution import on_accelerator
from lth_tf.models.network import Network


def compiles(choice: str, network: Network) -> bool:
    """Whether XLA compiles the steps of a network in this process.

    'auto' is 'on' where it was measured to be faster: for fully connected networks on CPUs, where
    LeNet's step takes 0.4 of the time. ResNet-20 under XLA on a CPU had taken none of its first
    calls of about a second after five minutes. Elsewhere nothing was measured, and 'auto' is 'off'.
    Numbers: docs/performance.md.

    Args:
      choice: Hparams.xla, 'auto', 'on' or 'off'.
    """
    if choice != "auto":
        return choice == "on"
    return not network.has_convolutions and not on_accelerator()
