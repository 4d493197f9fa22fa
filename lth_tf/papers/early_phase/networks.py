"""The networks of early_phase: table A1.

Numbers are in the units of the paper: percent, steps. Epochs of CIFAR-10 are 390 steps of batch
128, 781 of batch 64.
"""

from lth_tf.report.paper import PaperNetwork

EPOCH = 390  # steps, in batches of 128
_EPOCHS = 160
# Weights left at the level of figure 8: '26.2% sparsity' is 0.8^6.
_DENSITY = 0.262

# Key, title, model, steps of an epoch, batch, parameters.
_ROWS = (
    ("resnet20", "ResNet-20", "ResNet-20", EPOCH, 128, "272K"),
    ("resnet56", "ResNet-56", "ResNet-56", EPOCH, 128, "856K"),
    ("resnet18", "ResNet-18", "ResNet-18", EPOCH, 128, "11.2M"),
    ("vgg13", "VGG-13", "VGG-13", 781, 64, "9.42M"),
    ("wrn16_8", "WRN-16-8", "ResNet-14 width 128", EPOCH, 128, "11.1M"),
)
NETWORKS = {
    key: PaperNetwork(
        key, title, model, "cifar10", _EPOCHS * epoch, _DENSITY,
        facts={"Epochs": str(_EPOCHS), "Batch Size": str(batch), "Learning Rate": "0.1 (Mom 0.9)",
               "Parameters": parameters},
    )
    for key, title, model, epoch, batch, parameters in _ROWS
}  # fmt: skip
MAIN = "resnet20"  # the network of the main text
OTHERS = tuple(key for key in NETWORKS if key != MAIN)  # those of appendix B
