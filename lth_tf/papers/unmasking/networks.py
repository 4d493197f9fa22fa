"""The networks of unmasking: appendix C.

The density of each is that of its sparsest level.
"""

from lth_tf.report.paper import PaperNetwork

# Key, title, model, dataset, steps, rounds of pruning, rewind steps: 0, early, matching.
_ROWS = (
    ("resnet20", "ResNet-20 on CIFAR-10", "ResNet-20", "cifar10", 62_400, 12, (0, 250, 2000)),
    ("resnet18_cifar100", "ResNet-18 on CIFAR-100", "ResNet-18, CIFAR stem", "cifar100", 78_125, 15,
     (0, 400, 3200)),
    ("resnet50", "ResNet-50 on ImageNet", "ResNet-50", "imagenet2012", 15_970, 12,
     (0, 1250, 5000)),
)  # fmt: skip

NETWORKS = {
    key: PaperNetwork(key, title, model, dataset, steps, 0.8**rounds)
    for key, title, model, dataset, steps, rounds, _ in _ROWS
}

# The rewind steps of each network: at initialization, early, where subnetworks match.
REWIND_STEPS: dict[str, tuple[int, int, int]] = {row[0]: row[6] for row in _ROWS}
