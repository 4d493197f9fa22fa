"""What a network of a paper costs, and how long accelerators take for it, at published rates."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

# Operations of a training step for an image of ResNet-50 on ImageNet: 2 for each multiply-add,
# forward, to the weights and to all inputs but the images.
_RESNET50 = 24_299_077_632
_SOURCES = "https://github.com/mlcommons/training_results_"


class Cost(NamedTuple):
    """What all figures of a network of a paper train together, from nothing.

    Attributes:
      runs: different runs; at most so many where something is decided on the way.
      steps: of training.
      examples: images that the steps take.
      operations: of the steps, 2 for each multiply-add; evaluating is not counted.
      chain_steps: those of the longest sequence of runs that wait for each other.
      chain_operations: those of the sequence that takes most of them.
    """

    runs: int
    steps: int
    examples: int
    operations: int
    chain_steps: int
    chain_operations: int


def total(costs: Iterable[Cost]) -> Cost:
    """Returns the cost of several networks: sums, and the longest of their chains."""
    runs, steps, examples, operations, *chains = zip(*costs, strict=True)
    return Cost(sum(runs), sum(steps), sum(examples), sum(operations), *map(max, chains))


@dataclass(frozen=True)
class Accelerator:
    """A published rate of one device that trains ResNet-50 v1.5 on ImageNet.

    Networks on small images reach a smaller share of an accelerator's rate, and LeNet next to
    none: hours at it are the least that is possible.
    """

    name: str
    images_per_second: float
    source: str
    link: str

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.images_per_second * _RESNET50

    def hours(self, operations: float) -> float:
        """Returns the hours that so many operations take at this rate."""
        return operations / self.rate / 3600


ACCELERATORS = (
    Accelerator(
        "H100",
        56_050 / 8,
        "MLPerf Training v3.0, closed, NVIDIA, log of 6 May 2023: a DGX H100 with 8 H100-SXM5-80GB "
        "trains 56,050 images/s (its tracked throughput in later epochs) in batches of 3,200; "
        "MXNet, precision not in the log",
        _SOURCES + "v3.0/blob/main/NVIDIA/results/dgxh100_ngc23.04_mxnet/resnet/result_0.txt",
    ),
    Accelerator(
        "TPU v4",
        9 * 625 * 8192 / 208.976 / 64,
        "MLPerf Training v1.0, closed, preview, Google, log of 7 May 2021: 64 TPU v4 chips take "
        "208.976 s for 9 blocks of 625 steps, evaluations included, in batches of 8,192; "
        "TensorFlow, bfloat16",
        _SOURCES + "v1.0/blob/master/Google/results/tpu-v4-128-TF/resnet/result_0.txt",
    ),
)


def hours(number: float) -> str:
    """Returns hours with 2 digits or more: '0.0011', '4.2', '1,550'."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
