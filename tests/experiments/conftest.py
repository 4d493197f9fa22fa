"""An engine on the digits, a store of its own and an oracle, for every module of these tests."""

import numpy_training
import pytest
import tensorflow as tf

from lth_tf.data import Task, load
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
