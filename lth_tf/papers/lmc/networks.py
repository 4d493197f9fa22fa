"""The networks of lmc: table 1.

Numbers are in the units of the paper: percent, steps. Epochs of ImageNet are 1,251 steps.
"""

from typing import Any

from lth_tf.report.paper import Network

EPOCH = 1251  # steps of batch 1,024 on ImageNet

# Key, title, model, dataset, params, steps, steps as printed, batch, accuracy, std, optimizer,
# rate, schedule, warmup, batch norm, density in percent, style, settings.
_ROWS: tuple[tuple[Any, ...], ...] = (
    ("lenet", "LeNet", "LeNet 300-100", "mnist", "266K", 24_000, "24K iters", 60, 98.3, 0.1,
     "adam", "12e-4", "constant", "0", "no", 3.5, "iterative", {}),
    ("resnet20", "ResNet-20", "ResNet-20", "cifar10", "274K", 63_000, "63K iters", 128, 91.7, 0.1,
     "momentum", "0.1", "10x drop at 32K, 48K", "0", "yes", 16.8, "iterative",
     {"Steps.rate": 0.1, "Steps.warmup_steps": 0}),
    ("resnet20_low", "ResNet-20 Low", "ResNet-20", "cifar10", "274K", 63_000, "63K iters", 128,
     88.8, 0.1, "momentum", "0.01", "10x drop at 32K, 48K", "0", "yes", 8.6, "iterative",
     {"Steps.rate": 0.01, "Steps.warmup_steps": 0}),
    ("resnet20_warmup", "ResNet-20 Warmup", "ResNet-20", "cifar10", "274K", 63_000, "63K iters",
     128, 89.7, 0.3, "momentum", "0.03", "10x drop at 32K, 48K", "30K", "yes", 8.6, "iterative",
     {"Steps.rate": 0.03, "Steps.warmup_steps": 30_000}),
    ("vgg16", "VGG-16", "VGG-16", "cifar10", "14.7M", 63_000, "63K iters", 128, 93.7, 0.1,
     "momentum", "0.1", "10x drop at 32K, 48K", "0", "yes", 1.5, "iterative",
     {"Steps.rate": 0.1, "Steps.warmup_steps": 0}),
    ("vgg16_low", "VGG-16 Low", "VGG-16", "cifar10", "14.7M", 63_000, "63K iters", 128, 91.7, 0.1,
     "momentum", "0.01", "10x drop at 32K, 48K", "0", "yes", 5.5, "iterative",
     {"Steps.rate": 0.01, "Steps.warmup_steps": 0}),
    ("vgg16_warmup", "VGG-16 Warmup", "VGG-16", "cifar10", "14.7M", 63_000, "63K iters", 128, 93.4,
     0.1, "momentum", "0.1", "10x drop at 32K, 48K", "30K", "yes", 1.5, "iterative",
     {"Steps.rate": 0.1, "Steps.warmup_steps": 30_000}),
    ("resnet50", "ResNet-50", "ResNet-50", "imagenet2012", "25.5M", 90 * EPOCH, "90 epochs", 1024,
     76.1, 0.1, "momentum", "0.4", "10x drop at 30, 60, 80", "5 epochs", "yes", 30, "one-shot", {}),
    ("inception_v3", "Inception-v3", "Inception-v3", "imagenet2012", "27.1M", 171 * EPOCH,
     "171 epochs", 1024, 78.1, 0.1, "momentum", "0.03", "linear decay to 0.005", "0", "yes", 30,
     "one-shot", {}),
)  # fmt: skip

_DATASETS = {"mnist": "MNIST", "cifar10": "CIFAR-10", "imagenet2012": "ImageNet"}


def _network(
    key: str, title: str, model: str, dataset: str, params: str, steps: int, printed_steps: str,
    batch: int, _accuracy: float, _std: float, optimizer: str, rate: str, schedule: str,
    warmup: str, norm: str, density: float, style: str, settings: dict[str, float],
) -> Network:  # fmt: skip
    facts = {
        "Dataset": _DATASETS[dataset],
        "Params": params,
        "Steps": printed_steps,
        "Batch": f"{batch:,}",
        "Optimizer": optimizer,
        "Rate": rate,
        "Schedule": schedule,
        "Warmup": warmup,
        "BatchNorm": norm,
        "Density": f"{density:g}%",
        "Style": style,
    }
    return Network(key, title, model, dataset, steps, density / 100, settings, facts)


NETWORKS = {row[0]: _network(*row) for row in _ROWS}

# Test accuracy that table 1 prints: mean and standard deviation, in percent.
ACCURACIES: dict[str, tuple[float, float]] = {row[0]: row[8:10] for row in _ROWS}
