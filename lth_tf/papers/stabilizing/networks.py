"""The networks of stabilizing: figs 2 and 6.

Numbers are in the units of the paper: percent, steps. Epochs of ImageNet are 1,251 steps, those of
CIFAR-10 of 45,000 images: the text has 100 steps of VGG-19 as 0.14 epochs, 500 of ResNet-20 as 1.4.
What fig. 2 calls Resnet-18 is ResNet-20 (274K parameters), by which lmc names it, too. Of the drops
of the rate, fig. 2 has those of VGG-19 in ResNet's row and those of ResNet in VGG-19's: facts are
as printed.
"""

from typing import Any

from lth_tf.report.paper import PaperNetwork

EPOCH = 1251  # steps of batch 1,024 on ImageNet

_RESNET = ("ResNet-20", "cifar10", "274K", 30_000, "30K", 128)
_VGG = ("VGG-19", "cifar10", "20.0M", 112_000, "112K", 64)
_RESNET_DROPS, _VGG_DROPS = "10x drop at 56K, 84K", "10x drop at 20K, 25K"
# Key, title, model, dataset, params, steps, steps as printed, batch, rate, schedule, warmup,
# weights left in percent (which fig. 3 calls sparsity), settings.
_FIGURE_2: tuple[tuple[Any, ...], ...] = (
    ("lenet", "Lenet", "LeNet 300-100", "mnist", "266K", 50_000, "50K", 60, "adam 12e-4",
     "constant", "0", 10.7, {}),
    ("resnet20", "Resnet-18 (standard)", *_RESNET, "mom. 0.1", _RESNET_DROPS, "0", 16.7,
     {"Steps.rate": 0.1, "Steps.warmup_steps": 0}),
    ("resnet20_low", "Resnet-18 (low)", *_RESNET, "mom. 0.01", _RESNET_DROPS, "0", 16.7,
     {"Steps.rate": 0.01, "Steps.warmup_steps": 0}),
    ("resnet20_warmup", "Resnet-18 (warmup)", *_RESNET, "mom. 0.03", _RESNET_DROPS, "20K", 16.7,
     {"Steps.rate": 0.03, "Steps.warmup_steps": 20_000}),
    ("vgg19", "VGG-19 (standard)", *_VGG, "mom. 0.1", _VGG_DROPS, "0", 2.2,
     {"Steps.rate": 0.1, "Steps.warmup_steps": 0}),
    ("vgg19_low", "VGG-19 (low)", *_VGG, "mom. 0.01", _VGG_DROPS, "0", 2.2,
     {"Steps.rate": 0.01, "Steps.warmup_steps": 0}),
    ("vgg19_warmup", "VGG-19 (warmup)", *_VGG, "mom. 0.1", _VGG_DROPS, "10K", 2.2,
     {"Steps.rate": 0.1, "Steps.warmup_steps": 10_000}),
)  # fmt: skip

_RESNET_50 = "rate 0.4; warmup 5 eps.; 10x drop at 30, 60, 80; momentum"
# Key, title, model, params, epochs, schedule, weights pruned in percent, settings. ResNet-50 is
# pruned at once in figs 7 and 12, and step by step in the last panel of fig. 8.
_FIGURE_6: tuple[tuple[Any, ...], ...] = (
    ("resnet50_iterative", "Resnet-50 (iterative)", "ResNet-50", "25.5M", 90, _RESNET_50, 80,
     {"MaskSearch.fraction": 0.2}),
    ("resnet50", "Resnet-50", "ResNet-50", "25.5M", 90, _RESNET_50, 70, {}),
    ("inception_v3", "Inception-v3", "Inception-v3", "27.1M", 171,
     "rate 0.03 linearly decayed to 0.005; momentum", 70, {"Linear.rate": 0.03}),
    ("squeezenet", "Squeezenet", "SqueezeNet", "1.25M", 150,
     "rate 0.66 exponentially decayed to 6.6e-5; rmsprop", 50, {"Exponential.rate": 0.66}),
)  # fmt: skip


def _small(
    key: str, title: str, model: str, dataset: str, params: str, steps: int, printed_steps: str,
    batch: int, rate: str, schedule: str, warmup: str, left: float, settings: dict[str, float],
) -> PaperNetwork:  # fmt: skip
    facts = {
        "Dataset": {"mnist": "MNIST", "cifar10": "CIFAR10"}[dataset],
        "Params": params,
        "Iters": printed_steps,
        "Batch": f"{batch:,}",
        "Rate": rate,
        "Schedule": schedule,
        "Warmup": warmup,
        "Sparsity": f"{left:g}%",
    }
    return PaperNetwork(key, title, model, dataset, steps, left / 100, settings, facts)


def _large(
    key: str, title: str, model: str, params: str, epochs: int, schedule: str, pruned: int,
    settings: dict[str, float],
) -> PaperNetwork:  # fmt: skip
    facts = {
        "Params": params,
        "Eps.": str(epochs),
        "Batch": "1,024",
        "Learning Schedule": schedule,
        "Sparsity": f"{pruned}%",
    }
    left = (100 - pruned) / 100
    # Five trials (fig. 6); of copies the paper says nothing, and two are a pair.
    return PaperNetwork(
        key, title, model, "imagenet2012", epochs * EPOCH, left, settings, facts, (5, 2)
    )


NETWORKS = {row[0]: _small(*row) for row in _FIGURE_2} | {row[0]: _large(*row) for row in _FIGURE_6}
SMALL = tuple(row[0] for row in _FIGURE_2)  # of fig. 2
STANDARD = ("resnet20", "vgg19")  # which have no winning tickets at k = 0 ...
WINNING = tuple(key for key in SMALL if key not in STANDARD)  # ... and those that are to have some
LARGE = ("resnet50", "inception_v3", "squeezenet")  # of fig. 6
SATURATED = {"resnet20": 500, "vgg19": 100}  # the k where improvements saturate (section 4)
MATCHING = {"resnet50": 4 * EPOCH, "inception_v3": 6 * EPOCH, "squeezenet": 10 * EPOCH}  # section 5
