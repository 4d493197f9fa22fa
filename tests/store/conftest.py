"""An engine for the tests of a file, and stores in which a test makes things."""

import pytest


@pytest.fixture(scope="module")
def engine(digits_folder):
    import tensorflow as tf

    from lth_tf.training import Hparams, numerics
    from lth_tf.training.engine import Engine

    numerics.configure(Hparams.threads)

    return Engine(digits_folder, tf.distribute.get_strategy())


@pytest.fixture
def open_store(engine, tmp_path):
    """Opens the test's store anew, as another process would, with a counter of its own."""
    from store_example import Counter

    from lth_tf.store.store import Store

    def opened():
        counter = Counter()
        return Store(tmp_path / "store", lambda: engine, counter), counter

    return opened
