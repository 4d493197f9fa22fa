"""All the studies of the five papers, and the parts of those of sgd_noise."""

import networks_on_paper as networks
from networks_on_paper import Layer, Network
from runs_on_paper import (
    CIFAR,
    SGD_NOISE,
    Part,
    Study,
    early_phase,
    imp,
    lmc,
    one_shot,
    stabilizing,
    stabilizing_imagenet,
    unmasking,
)

TINY_IMAGENET = 100_000


def sgd_noise(setting: str, network: Network, images: int, levels: int) -> Study:
    """Returns 3 runs of 200 epochs, with and without momentum and pretraining, two batch sizes."""
    parts: list[Part] = []
    for batch in (100, 256):
        end = 200 * (images // batch)
        parts += [
            imp((2, 2, 3), levels, end, batch),
            Part("dense copies", (2, 2, 3), end, batch),
            Part("first stable epoch", (2, 81), end, batch),
        ]
        if "VGG" not in setting:
            parts.append(Part("few-shot", (2, 2, 3, levels + 1, 4), 0.18 / 4 * end, batch))
        parts += _only_tiny_imagenet(levels, end, batch) if images == TINY_IMAGENET else []
        parts += _limited_search(2, levels, end, batch) if setting.endswith("CIFAR-10") else []
    if setting.endswith("CIFAR-10"):
        parts += _only_cifar10(levels)
    return Study(SGD_NOISE, setting, network, tuple(parts))


def _limited_search(settings: int, levels: int, end: float, batch: int) -> list[Part]:
    """Returns searches of 20 and 50 epochs a level, and tickets of 4 densities trained for 200."""
    searches = [
        Part(f"{epochs} epochs", (settings, 3, levels), end * epochs / 200, batch, levels, masks=1)
        for epochs in (20, 50)
    ]
    return [*searches, Part("their tickets", (settings, 2, 3, 4), end, batch)]


def _only_tiny_imagenet(levels: int, end: float, batch: int) -> list[Part]:
    """Returns copies of tickets of 2 densities, and tickets trained with other hyperparameters."""
    return [
        Part("ticket copies", (2, 2, 3, 2), end, batch),
        Part("other hyperparameters", (3, 4, 3), end, batch),
        *_limited_search(1, levels, end, batch),
    ]


def _only_cifar10(levels: int) -> list[Part]:
    """Returns 4 more batch sizes, once each; 3 more momenta; the easiest and hardest examples."""
    end = 200 * (CIFAR // 256)
    batches = [imp((2, 2), levels, 200 * (CIFAR // b), b) for b in (8, 32, 1024, 2048)]
    return [*batches, imp((3, 2, 3), levels, end, 256), Part("subsets", (2, 4, 3), end, 256)]


def studies() -> list[Study]:
    """Returns a study of every network of every paper."""
    cifar, resnet50 = (0, 250, 500, 1000, 2000), networks.resnet50()
    resnet20, resnet56 = networks.cifar_resnet(20), networks.cifar_resnet(56)
    wide, vgg16, vgg13 = networks.cifar_resnet(16, 16, 8), networks.vgg(16), networks.vgg(13)
    lenet, inception = networks.lenet(), networks.inception_v3()
    cifar_stem, imagenet_stem = Layer(1024, 9, 3, 64), Layer(256, 49, 3, 64)
    resnet18 = networks.basic_resnet("ResNet-18", (2, 2, 2, 2), cifar_stem, 32, 10)
    resnet18_100 = networks.basic_resnet("ResNet-18", (2, 2, 2, 2), cifar_stem, 32, 100)
    stemmed = networks.basic_resnet("ResNet-18, ImageNet stem", (2, 2, 2, 2), imagenet_stem, 8, 10)
    tiny_stem = Layer(4096, 9, 3, 64)
    resnet34 = networks.basic_resnet("ResNet-34", (3, 4, 6, 3), tiny_stem, 64, 200)
    return [
        lmc("LeNet", lenet, 24_000, (0, 100, 500, 2000), 15, 60),
        lmc("ResNet-20 standard", resnet20, 63_000, cifar, 8, 128),
        lmc("ResNet-20 low", resnet20, 63_000, cifar, 11, 128),
        lmc("ResNet-20 warmup", resnet20, 63_000, cifar, 11, 128),
        lmc("VGG-16 standard", vgg16, 63_000, cifar, 19, 128),
        lmc("VGG-16 low", vgg16, 63_000, cifar, 13, 128),
        lmc("VGG-16 warmup", vgg16, 63_000, cifar, 19, 128),
        one_shot("ResNet-50", resnet50, 90, (0, 1, 5, 10, 18)),
        one_shot("Inception-v3", inception, 171, (0, 1, 6, 14, 28)),
        stabilizing("LeNet", lenet, 1, 50_000, 10, 60),
        stabilizing("ResNet-20, 3 settings", resnet20, 3, 30_000, 8, 128),
        stabilizing("VGG-19, 3 settings", networks.vgg(19), 3, 112_000, 17, 64),
        stabilizing_imagenet(resnet50, 90, iterative=True),
        stabilizing_imagenet(inception, 171, iterative=False),
        stabilizing_imagenet(networks.squeezenet(), 150, iterative=False, slots=2),
        *(early_phase(network, 128) for network in (resnet20, resnet56, stemmed, wide)),
        early_phase(vgg13, 64),
        unmasking("ResNet-20, CIFAR-10", resnet20, 62_400, (0, 250, 2000), 12),
        unmasking("ResNet-18, CIFAR-100", resnet18_100, 78_125, (0, 400, 3200), 15),
        unmasking("ResNet-50, ImageNet", resnet50, 15_970, (0, 1250, 5000), 12, 2048),
        sgd_noise("ResNet-18, CIFAR-10", resnet18, CIFAR, 25),
        sgd_noise("ResNet-18, CIFAR-100", resnet18_100, CIFAR, 25),
        sgd_noise("VGG-16, CIFAR-100", networks.vgg(16, 100), CIFAR, 25),
        sgd_noise("ResNet-34, TinyImageNet", resnet34, TINY_IMAGENET, 20),
    ]
