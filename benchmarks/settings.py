"""Flags, tasks, and networks of the papers with their training, which the benchmarks share."""

from dataclasses import replace
from typing import Any

import reports
import tensorflow as tf
from absl import flags

from lth_tf import data
from lth_tf.data import Examples, Task
from lth_tf.models import (
    ImagenetResnet,
    InceptionV3,
    Lenet,
    Resnet,
    SqueezeNet,
    Vgg,
    WideResnet,
)
from lth_tf.recipes import Model
from lth_tf.training import numerics, speed
from lth_tf.training.hparams import Hparams
from lth_tf.training.optimizers import Adam, Momentum
from lth_tf.training.schedules import Constant

FLAGS = flags.FLAGS
# As gin/models has them, but for classes and images, which are those of the dataset.
NETWORKS: dict[str, Model] = {
    "lenet": Lenet(),
    "resnet8": Resnet(depth=8),
    "resnet20": Resnet(depth=20),
    "resnet56": Resnet(depth=56),
    "resnet18_cifar_stem": ImagenetResnet(18, "cifar", classes=10, image_shape=(32, 32, 3)),
    "resnet18_imagenet_stem": ImagenetResnet(18, classes=10, image_shape=(32, 32, 3)),
    "vgg13": Vgg(depth=13),
    "vgg16": Vgg(depth=16),
    "vgg19": Vgg(depth=19),
    "wrn16_8": WideResnet(),
    "resnet34_tiny_imagenet": ImagenetResnet(34, "cifar", classes=200, image_shape=(64, 64, 3)),
    "resnet50": ImagenetResnet(50),
    "inception_v3": InceptionV3(),
    "squeezenet": SqueezeNet(),
}
RANDOM = "random"
PRECISIONS = ("float32", "mixed_bfloat16")
# Images of the dataset 'random'.
RANDOM_IMAGES = 256
# Steps of keras.Model.fit that take about a second.
FIT_STEPS = {"lenet": 500, "resnet20": 6}


def define_flags() -> None:
    """Defines the flags of the benchmarks that run any of NETWORKS."""
    flags.DEFINE_enum("model", "lenet", list(NETWORKS), "Network to run.")
    define_data_flags(None, "mnist", "digits", "cifar10", RANDOM)
    flags.DEFINE_enum("precision", "float32", PRECISIONS, "In which layers compute.")
    flags.DEFINE_enum("xla", "auto", ["auto", "on", "off"], "Whether XLA compiles what is timed.")
    flags.DEFINE_integer("threads", 2, "CPU threads.", lower_bound=1)


def define_data_flags(default: str | None, *datasets: str) -> None:
    """Defines which images are run on, where they lie, and how the report is printed."""
    which = "Images to run on" + ("." if default else "; the model's own if unset.")
    flags.DEFINE_enum("dataset", default, list(datasets), which)
    flags.DEFINE_string("data_dir", None, "Folder of the TFDS datasets; TFDS's own if unset.")
    reports.define_format()


def described() -> dict[str, Any]:
    """Returns the beginning of a report: network, settings, dataset and device."""
    named = {name: FLAGS[name].value for name in ("model", "precision", "xla", "threads")}
    return {**named, "dataset": dataset(), "device": numerics.device()}


def dataset() -> str:
    """Returns the name of the images that --dataset or else --model asks for."""
    return FLAGS.dataset or ("mnist" if FLAGS.model == "lenet" else "cifar10")


def set_threads(threads: int) -> None:
    """Sets threads as numerics.configure does, without its determinism."""
    numerics.prefer_wide_vectors()
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def task(dataset: str) -> Task:
    """Returns the task of a dataset; CIFAR-10, and noise like it, is augmented as in the papers."""
    plain = Task(dataset, mean=(0.5,), std=(0.25,))
    augmented = dataset == "cifar10" or (dataset == RANDOM and FLAGS.model != "lenet")
    return replace(plain, augmentation="crop_and_flip") if augmented else plain


def load() -> tuple[Task, Examples]:
    """Returns the task of the flags and its images; random ones are of the network's own size."""
    named = task(dataset())
    if named.dataset != RANDOM:
        return named, data.load(named, FLAGS.data_dir)
    return named, speed.random_images(NETWORKS[FLAGS.model], RANDOM_IMAGES)


def facts(examples: Examples) -> data.Facts:
    """Returns the facts of images in memory."""
    counts = len(examples.train_labels), len(examples.test_labels)
    return data.Facts(*counts, examples.train_images.shape[1:], examples.classes)


def model(name: str, examples: Examples) -> Any:
    """Returns a network of NETWORKS, for the images and classes of a dataset."""
    shape, classes = examples.train_images.shape[1:], examples.classes
    return replace(NETWORKS[name], image_shape=shape, classes=classes)


def hparams(name: str, batch_size: int | None, **how: Any) -> Hparams:
    """Returns a model's optimizer without decay, and how it computes; of None the paper's batch."""
    if name == "lenet":
        return Hparams(batch_size or 60, Adam(), Constant(12e-4), **how)
    return Hparams(batch_size or 128, Momentum(), Constant(0.01), **how)
