"""A store of its own for every module of these tests, on the digits."""

import pytest
import tensorflow as tf

from lth_tf.store.observer import SilentObserver
from lth_tf.store.store import Store
from lth_tf.training.engine import Engine


@pytest.fixture(scope="module")
def store(digits_folder, tmp_path_factory):
    engine = Engine(digits_folder, tf.distribute.get_strategy())
    return Store(tmp_path_factory.mktemp("store"), lambda: engine, SilentObserver())
