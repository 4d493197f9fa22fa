"""The networks of stabilizing: figs 2 and 6.

Numbers are in the units of the paper: percent, steps. Epochs of ImageNet are 1,251 steps, those of
CIFAR-10 of 45,000 images: the text has 100 steps of VGG-19 as 0.14 epochs, 500 of ResNet-20 as 1.4.
What fig. 2 calls Resnet-18 is ResNet-20 (274K parameters), by which lmc names it, too. Of the drops
of the rate, fig. 2 has those of VGG-19 in ResNet's row and those of ResNet in VGG-19's: facts are
as printed.
"""

from collections.abc import Iterator

from lth_tf.report.paper import PaperNetwork

EPOCH = 1251  # steps of batch 1,024 on ImageNet

FACTS = ("Dataset", "Params", "Iters", "Batch", "Rate", "Schedule", "Warmup")  # of fig. 2
# Key and title, model, parameters, batch, iterations in 1,000, schedule, weights left in percent
# (which fig. 3 calls sparsity); rates and iterations of warmup in 1,000: standard, low and warmup.
_CIFAR = (
    ("resnet20", "Resnet-18", "ResNet-20", "274K", "128", 30, "10x drop at 56K, 84K", 16.7,
     ((0.1, 0), (0.01, 0), (0.03, 20))),
    ("vgg19", "VGG-19", "VGG-19", "20.0M", "64", 112, "10x drop at 20K, 25K", 2.2,
     ((0.1, 0), (0.01, 0), (0.1, 10))),
)  # fmt: skip

_FACTS_6 = ("Params", "Eps.", "Batch", "Learning Schedule", "Sparsity")
_RESNET_50 = "rate 0.4; warmup 5 eps.; 10x drop at 30, 60, 80; momentum"
# Key, title, model, parameters, epochs, schedule, weights pruned in percent, settings. ResNet-50 is
# pruned at once in figs 7 and 12, and step by step in the last panel of fig. 8.
_IMAGENET: tuple[tuple[str, str, str, str, int, str, int, dict[str, float]], ...] = (
    ("resnet50_iterative", "Resnet-50 (iterative)", "ResNet-50", "25.5M", 90, _RESNET_50, 80,
     {"MaskSearch.fraction": 0.2}),
    ("resnet50", "Resnet-50", "ResNet-50", "25.5M", 90, _RESNET_50, 70, {}),
    ("inception_v3", "Inception-v3", "Inception-v3", "27.1M", 171,
     "rate 0.03 linearly decayed to 0.005; momentum", 70, {"Linear.rate": 0.03}),
    ("squeezenet", "Squeezenet", "SqueezeNet", "1.25M", 150,
     "rate 0.66 exponentially decayed to 6.6e-5; rmsprop", 50, {"Exponential.rate": 0.66}),
)  # fmt: skip


def _small() -> Iterator[PaperNetwork]:
    names = (*FACTS, "Sparsity")
    facts = ("MNIST", "266K", "50K", "60", "adam 12e-4", "constant", "0", "10.7%")
    yield PaperNetwork("lenet", "Lenet", "LeNet 300-100", "mnist", 50_000, 0.107, {},
                       dict(zip(names, facts, strict=True)))  # fmt: skip
    for key, title, model, params, batch, thousands, schedule, left, variants in _CIFAR:
        for name, (rate, warmup) in zip(("standard", "low", "warmup"), variants, strict=True):
            facts = ("CIFAR10", params, f"{thousands}K", batch, f"mom. {rate:g}", schedule,
                     f"{warmup}K" if warmup else "0", f"{left:g}%")  # fmt: skip
            yield PaperNetwork(
                key if name == "standard" else f"{key}_{name}", f"{title} ({name})", model,
                "cifar10", 1000 * thousands, left / 100,
                {"Steps.rate": rate, "Steps.warmup_steps": 1000 * warmup},
                dict(zip(names, facts, strict=True)),
            )  # fmt: skip


def _large() -> Iterator[PaperNetwork]:
    for key, title, model, params, epochs, schedule, pruned, settings in _IMAGENET:
        facts = (params, str(epochs), "1,024", schedule, f"{pruned}%")
        # Five trials (fig. 6); of copies the paper says nothing, and two are a pair.
        yield PaperNetwork(key, title, model, "imagenet2012", epochs * EPOCH, (100 - pruned) / 100,
                           settings, dict(zip(_FACTS_6, facts, strict=True)), (5, 2))  # fmt: skip


NETWORKS = {network.key: network for network in (*_small(), *_large())}
SMALL = tuple(network.key for network in _small())  # of fig. 2
STANDARD = ("resnet20", "vgg19")  # which have no winning tickets at k = 0 ...
WINNING = tuple(key for key in SMALL if key not in STANDARD)  # ... and those that are to have some
LARGE = ("resnet50", "inception_v3", "squeezenet")  # of fig. 6
SATURATED = {"resnet20": 500, "vgg19": 100}  # the k where improvements saturate (section 4)
MATCHING = {"resnet50": 4 * EPOCH, "inception_v3": 6 * EPOCH, "squeezenet": 10 * EPOCH}  # section 5
