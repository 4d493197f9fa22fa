"""An engine on the digits, a store of its own and an oracle, for every module of these tests."""

import numpy_training
import pytest
import tensorflow as tf
from score_example import HPARAMS, START, TASK

from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.store.observer import SilentObserver
from lth_tf.store.store import Store
from lth_tf.training.engine import Engine


@pytest.fixture(scope="module")
def engine(digits_folder):
    return Engine(digits_folder, tf.distribute.get_strategy())


@pytest.fixture(scope="module")
def store(engine, tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), lambda: engine, SilentObserver())


@pytest.fixture(scope="module")
def scores(digits_folder):
    """Error and loss of weights on a split of the digits, by the oracle in NumPy."""
    data = load(Task("digits"), digits_folder)
    images = {split: getattr(data, f"{split}_images") / 255 for split in ("train", "test")}
    labels = {split: getattr(data, f"{split}_labels") for split in ("train", "test")}
    return lambda weights, split: numpy_training.error_and_loss(
        weights, images[split], labels[split]
    )


@pytest.fixture(scope="module")
def weights(store):
    """The weights of the run of score_example at its start."""
    return store.state(START).weights


@pytest.fixture(scope="module")
def batch(digits_folder):
    """The first batches of that run: images and labels."""
    found = load(TASK, digits_folder)
    order = batches(3, 0, 2, len(found.train_labels), 60, HPARAMS.remainder)
    images = (found.train_images / 255 - 0.3) / 0.4
    return [(images[i], found.train_labels[i]) for i in order]
