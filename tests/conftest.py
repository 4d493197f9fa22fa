"""What every test shares: no GPU, a quiet TensorFlow, and its process-wide settings made once."""

import os
import sys
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # errors reach Python as exceptions

# First, as it imports lth_tf: TensorFlow looks on being loaded whether to use oneDNN.
import coarse  # noqa: F401
import hypothesis
import pytest

# The default of Hparams.threads.
THREADS = 2

# No test asserts on time, which a busy machine has more of.
hypothesis.settings.register_profile("lth_tf", deadline=None)
hypothesis.settings.load_profile("lth_tf")


@pytest.fixture(scope="session", autouse=True)
def tensorflow_settings():
    """Sets TensorFlow up as the binaries do, before any test has run anything on it.

    Later would be too late, and modules that test no training may come first. Where no collected
    module imports TensorFlow, none is imported for it.
    """
    if "tensorflow" in sys.modules:
        from lth_tf.training import numerics

        numerics.configure(THREADS)


@pytest.fixture(scope="session")
def digits_folder(tmp_path_factory):
    """A data directory with `digits`, prepared once."""
    from lth_tf.data import digits

    folder = str(tmp_path_factory.mktemp("tfds"))
    digits.prepare(folder)
    return folder


@pytest.fixture(scope="session")
def imagenet_folder(tmp_path_factory):
    """A data directory with `imagenet2012`: archives.FEW made-up images in each split."""
    import archives

    folder = tmp_path_factory.mktemp("tfds")
    archives.prepare("imagenet2012", folder, images=archives.FEW)
    return str(folder)


# Where tests take longest, the longest first.
LONG = ("faults", "integration", "training", "experiments", "models", "benchmarks", "data")


def pytest_collection_modifyitems(items):
    """Puts files that take long first: a worker that came to one last would work on alone."""
    tests = Path(__file__).parent

    def rank(item):
        folder = item.path.relative_to(tests).parts[0]
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=rank)
