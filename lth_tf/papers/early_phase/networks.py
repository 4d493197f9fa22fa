"""The networks of early_phase: table A1.

Numbers are in the units of the paper: percent, steps. Epochs of CIFAR-10 are 390 steps of batch
128, 781 of batch 64.
"""

from typing import Any

from lth_tf.report.paper import PaperNetwork

_EPOCH = 390  # steps
EPOCHS = 160
# Weights left at the level of figure 8: '26.2% sparsity' is 0.8^6.
DENSITY = 0.262

# Key, title, model, steps of an epoch, batch, params, accuracy, std.
_ROWS: tuple[tuple[Any, ...], ...] = (
    ("resnet20", "ResNet-20", "ResNet-20", _EPOCH, 128, "272K", 91.5, 0.2),
    ("resnet56", "ResNet-56", "ResNet-56", _EPOCH, 128, "856K", 93.0, 0.1),
    ("resnet18", "ResNet-18", "ResNet-18", _EPOCH, 128, "11.2M", 86.8, 0.3),
    ("vgg13", "VGG-13", "VGG-13", 781, 64, "9.42M", 93.5, 0.1),
    ("wrn16_8", "WRN-16-8", "ResNet-14 width 128", _EPOCH, 128, "11.1M", 94.8, 0.1),
)


def _network(
    key: str, title: str, model: str, epoch: int, batch: int, params: str, _accuracy: float,
    _std: float,
) -> PaperNetwork:  # fmt: skip
    facts = {
        "Epochs": str(EPOCHS),
        "Batch Size": str(batch),
        "Learning Rate": "0.1 (Mom 0.9)",
        "Parameters": params,
    }
    return PaperNetwork(key, title, model, "cifar10", EPOCHS * epoch, DENSITY, facts=facts)


NETWORKS = {row[0]: _network(*row) for row in _ROWS}
# Test accuracy that table A1 prints: mean and standard deviation, in percent.
ACCURACIES: dict[str, tuple[float, float]] = {row[0]: row[6:8] for row in _ROWS}
# Networks that figures of appendix B show: all but that of the main text.
OTHERS = tuple(key for key in NETWORKS if key != "resnet20")
