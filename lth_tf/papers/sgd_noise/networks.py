"""The networks of sgd_noise: four of them, each in settings of momentum and batch size.

With pretraining and without, v and x here, are rewinding steps of one network. Epochs are of full
batches: 50,000 or 100,000 images.
"""

from collections.abc import Iterator

from lth_tf.report.paper import PaperNetwork

EPOCHS = 200
# File, title as printed, model and dataset as rows have them, training images.
MODELS = {
    "resnet34_tiny_imagenet": ("ResNet-34", "ResNet-34, CIFAR stem", "tiny_imagenet", 100_000),
    "resnet18_cifar10": ("ResNet-18", "ResNet-18, CIFAR stem", "cifar10", 50_000),
    "resnet18_cifar100": ("ResNet-18", "ResNet-18, CIFAR stem", "cifar100", 50_000),
    "vgg16_cifar100": ("VGG-16", "VGG-16", "cifar100", 50_000),
}
TINY, C10, C100, VGG = MODELS
DATASETS = {"tiny_imagenet": "TinyImageNet", "cifar10": "CIFAR-10", "cifar100": "CIFAR-100",
            "mnist": "MNIST", "eurosat/rgb": "EuroSAT"}  # fmt: skip
CLASSES = {"tiny_imagenet": 200, "cifar10": 10, "cifar100": 100, "mnist": 10, "eurosat/rgb": 10}
# Images to test on; of EuroSAT, which has no test set, a fifth (gin/tasks/eurosat.gin).
TESTS = {**dict.fromkeys(CLASSES, 10_000), "eurosat/rgb": 5_400}

# Momentum and batch size, in the order of the tables; those of the file of a network come last.
PLAIN = (0.0, 256)  # of least noise
MAIN = ((0.0, 100), PLAIN, (0.9, 100), (0.9, 256))
BATCHES = tuple((momentum, batch) for momentum in (0.0, 0.9) for batch in (8, 32, 1024, 2048))
MOMENTA = ((0.3, 256), (0.6, 256), (0.95, 256))


def key(file: str, setting: tuple[float, int]) -> str:
    """Returns the key of a network: 'resnet18_cifar10-m0.9-b100'."""
    return f"{file}-m{setting[0]:g}-b{setting[1]}"


def words(setting: tuple[float, int]) -> str:
    """Returns a setting as rows have it (see lth_tf.analysis.points)."""
    return f"momentum {setting[0]:g}, batch {setting[1]}"


def keys(file: str, settings: tuple[tuple[float, int], ...] = MAIN) -> tuple[str, ...]:
    """Returns the keys of a network in some settings."""
    return tuple(key(file, setting) for setting in settings)


def standing_for(*files: str) -> tuple[str, ...]:
    """Returns the keys that stand for networks whose settings are shown together."""
    return tuple(key(file, (0.9, 100)) for file in files)


def _networks() -> Iterator[PaperNetwork]:
    for file, (name, model, dataset, images) in MODELS.items():
        small = "tiny" if dataset == "tiny_imagenet" else "cifar"
        for momentum, batch in (*MAIN, *BATCHES, *MOMENTA) if file == "resnet18_cifar10" else MAIN:
            yield PaperNetwork(
                key(file, (momentum, batch)),
                f"{name}, {DATASETS[dataset]}, μ = {momentum:g}, batch {batch}",
                model, dataset, EPOCHS * (images // batch), 0.8**10,
                {"Momentum.momentum": momentum, "Hparams.batch_size": batch},
                {"μ": f"{momentum:g}", "Batch Size": f"{batch}"},
                (1, 3) if (momentum, batch) in BATCHES else None,
                (f"papers/sgd_noise/{file}.gin", f"papers/sgd_noise/{small}_batch{batch}.gin"),
                (f"Momentum.momentum = {momentum}",),
            )  # fmt: skip


NETWORKS = {network.key: network for network in _networks()}
