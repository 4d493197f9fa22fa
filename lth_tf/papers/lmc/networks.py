"""The networks of lmc: table 1.

Numbers are in the units of the paper: percent, steps. Epochs of ImageNet are 1,251 steps.
"""

from typing import Any

from lth_tf.report.paper import PaperNetwork

EPOCH = 1251  # steps of batch 1,024 on ImageNet
_DATASETS = {"MNIST": "mnist", "CIFAR-10": "cifar10", "ImageNet": "imagenet2012"}
_FACTS = ("Dataset", "Params", "Steps", "Batch", "Optimizer", "Rate", "Schedule", "Warmup",
          "BatchNorm", "Density", "Style")  # fmt: skip

# Of CIFAR-10: key, title, params, rate, steps of warmup, density in percent.
_CIFAR = (
    ("resnet20", "ResNet-20", "274K", 0.1, 0, 16.8),
    ("resnet20_low", "ResNet-20 Low", "274K", 0.01, 0, 8.6),
    ("resnet20_warmup", "ResNet-20 Warmup", "274K", 0.03, 30_000, 8.6),
    ("vgg16", "VGG-16", "14.7M", 0.1, 0, 1.5),
    ("vgg16_low", "VGG-16 Low", "14.7M", 0.01, 0, 5.5),
    ("vgg16_warmup", "VGG-16 Warmup", "14.7M", 0.1, 30_000, 1.5),
)


def _network(
    key: str, title: str, model: str, steps: int, density: float, settings: dict[str, Any],
    *facts: str,
) -> PaperNetwork:  # fmt: skip
    of = dict(zip(_FACTS, facts, strict=True))
    return PaperNetwork(key, title, model, _DATASETS[facts[0]], steps, density / 100, settings, of)


_NETWORKS = (
    _network("lenet", "LeNet", "LeNet 300-100", 24_000, 3.5, {}, "MNIST", "266K", "24K iters", "60",
             "adam", "12e-4", "constant", "0", "no", "3.5%", "iterative"),
    *(_network(key, title, title.split()[0], 63_000, density,
               {"Steps.rate": rate, "Steps.warmup_steps": warmup}, "CIFAR-10", params, "63K iters",
               "128", "momentum", f"{rate:g}", "10x drop at 32K, 48K", "30K" if warmup else "0",
               "yes", f"{density:g}%", "iterative")
      for key, title, params, rate, warmup, density in _CIFAR),
    _network("resnet50", "ResNet-50", "ResNet-50", 90 * EPOCH, 30, {}, "ImageNet", "25.5M",
             "90 epochs", "1,024", "momentum", "0.4", "10x drop at 30, 60, 80", "5 epochs", "yes",
             "30%", "one-shot"),
    _network("inception_v3", "Inception-v3", "Inception-v3", 171 * EPOCH, 30, {}, "ImageNet",
             "27.1M", "171 epochs", "1,024", "momentum", "0.03", "linear decay to 0.005", "0",
             "yes", "30%", "one-shot"),
)  # fmt: skip
NETWORKS = {network.key: network for network in _NETWORKS}
