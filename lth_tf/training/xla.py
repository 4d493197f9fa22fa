"""The choice of the networks that XLA compiles: by the hyperparameters, or by measurements."""

from lth_tf.errors import UserError
from lth_tf.models.convolution import on_accelerator
from lth_tf.models.network import Network
from lth_tf.models.trial import xla_obstacle


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
    obstacle = xla_obstacle(network)
    if obstacle and choice == "on":
        raise UserError(
            f"Hparams.xla is 'on', but XLA cannot compile the network here: {obstacle}; "
            "allowed: 'auto', 'off'"
        )
    return not obstacle
