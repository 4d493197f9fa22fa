"""Measured and published training rates, to turn operations into hours."""

from dataclasses import dataclass

import networks_on_paper
from networks_on_paper import Network

LENET, VGG16 = networks_on_paper.lenet(), networks_on_paper.vgg(16)
RESNET20 = networks_on_paper.cifar_resnet(20)
# Milliseconds a step and examples a step of train_step.py on two cores of an Intel Xeon. LeNet's
# float32 stands for both precisions: bfloat16 was not measured.
MEASURED = {
    "float32": {LENET.name: (0.54, 60), RESNET20.name: (147, 128), VGG16.name: (629, 128)},
    "bfloat16": {LENET.name: (0.54, 60), RESNET20.name: (83, 128), VGG16.name: (237, 128)},
}
# Networks with channels as few as ResNet-20's compute at its rate, the others at VGG-16's.
NARROW = ("ResNet-56", "ResNet-18, ImageNet stem", "SqueezeNet")
SOURCES = "https://github.com/mlcommons/training_results_"


@dataclass(frozen=True)
class Accelerator:
    """A published rate of training ResNet-50 v1.5 on ImageNet.

    Attributes:
      name: of one device.
      images_per_second: of one device.
      source: who published what, and when.
      link: where it stands.
    """

    name: str
    images_per_second: float
    source: str
    link: str

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.images_per_second * networks_on_paper.resnet50().operations


ACCELERATORS = (
    Accelerator(
        "H100",
        56_050 / 8,
        "MLPerf Training v3.0, closed, NVIDIA, log of 6 May 2023: a DGX H100 with 8 H100-SXM5-80GB "
        "trains 56,050 images/s (its tracked throughput in later epochs) in batches of 3,200; "
        "MXNet, precision not in the log",
        SOURCES + "v3.0/blob/main/NVIDIA/results/dgxh100_ngc23.04_mxnet/resnet/result_0.txt",
    ),
    Accelerator(
        "TPU v4",
        9 * 625 * 8192 / 208.976 / 64,
        "MLPerf Training v1.0, closed, preview, Google, log of 7 May 2021: 64 TPU v4 chips take "
        "208.976 s for 9 blocks of 625 steps, evaluations included, in batches of 8,192; "
        "TensorFlow, bfloat16",
        SOURCES + "v1.0/blob/master/Google/results/tpu-v4-128-TF/resnet/result_0.txt",
    ),
)


def rate_here(network: Network, precision: str) -> float:
    """Returns operations a second on two cores, measured or taken over from a similar network."""
    alike = {n.name: n for n in (LENET, RESNET20, VGG16)}[like(network)]
    milliseconds, batch = MEASURED[precision][alike.name]
    return batch * alike.operations / milliseconds * 1e3


def like(network: Network) -> str:
    """Returns the name of the network whose measured rate is used."""
    if network.name in MEASURED["float32"]:
        return network.name
    return "ResNet-20" if network.name in NARROW else "VGG-16"
