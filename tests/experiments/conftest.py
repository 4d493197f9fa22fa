"""An engine on the digits, and a store of its own, for every module of these tests."""

import pytest
import tensorflow as tf

from lth_tf.store.observer import SilentObserver
from lth_tf.store.store import Store
from lth_tf.training.engine import Engine


@pytest.fixture(scope="module")
def engine(digits_folder):
    return Engine(digits_folder, tf.distribute.get_strategy())


@pytest.fixture(scope="module")
def store(engine, tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), lambda: engine, SilentObserver())
