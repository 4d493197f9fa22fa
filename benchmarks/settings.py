"""What the benchmarks run on: flags, tasks, and the networks of lmc table 1 with their training."""

from dataclasses import replace
from typing import Any

import reports
import tensorflow as tf
from absl import flags

from lth_tf.data import Examples, Task
from lth_tf.models import Lenet, Resnet, Vgg
from lth_tf.training import numerics
from lth_tf.training.hparams import Hparams
from lth_tf.training.optimizers import Adam, Momentum
from lth_tf.training.schedules import Constant

FLAGS = flags.FLAGS
MODELS = ("lenet", "resnet20", "vgg16")
PRECISIONS = ("float32", "mixed_bfloat16")
# Steps of keras.Model.fit that take about a second.
FIT_STEPS = {"lenet": 500, "resnet20": 6, "vgg16": 2}


def define_flags() -> None:
    """Defines the flags of the benchmarks that run any of MODELS."""
    flags.DEFINE_enum("model", "lenet", MODELS, "Network to run.")
    define_data_flags(None, "mnist", "digits", "cifar10")
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
    """What a report begins with: what was run, and where."""
    named = {name: FLAGS[name].value for name in ("model", "precision", "xla", "threads")}
    return {**named, "dataset": dataset(), "device": numerics.device()}


def dataset() -> str:
    """The images that --dataset or else --model asks for."""
    return FLAGS.dataset or ("mnist" if FLAGS.model == "lenet" else "cifar10")


def set_threads(threads: int) -> None:
    """What numerics.configure does to threads, but without determinism."""
    numerics.prefer_wide_vectors()
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def task(dataset: str) -> Task:
    """The task of a dataset; CIFAR-10 is augmented as in the paper."""
    plain = Task(dataset, mean=(0.5,), std=(0.25,))
    return replace(plain, augmentation="crop_and_flip") if dataset == "cifar10" else plain


def model(name: str, examples: Examples) -> Lenet | Resnet | Vgg:
    """LeNet 300-100, ResNet-20 or VGG-16, for the images and classes of a dataset."""
    shape, classes = examples.train_images.shape[1:], examples.classes
    if name == "lenet":
        return Lenet(image_shape=shape, classes=classes)
    if name == "vgg16":
        return Vgg(depth=16, image_shape=shape, classes=classes)
    return Resnet(depth=20, image_shape=shape, classes=classes)


def hparams(name: str, batch_size: int | None, **how: Any) -> Hparams:
    """A model's optimizer without decay, and how it is computed; None: the paper's batch."""
    if name == "lenet":
        return Hparams(batch_size or 60, Adam(), Constant(12e-4), **how)
    return Hparams(batch_size or 128, Momentum(), Constant(0.01), **how)
