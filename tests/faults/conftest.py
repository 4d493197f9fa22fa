"""The bench that faults are tried on, and the sweep that was left in peace."""

import pytest
from references import undisturbed
from sweeping import Bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory, digits_folder):
    """Where sweeps are tried."""
    return Bench(tmp_path_factory.mktemp("bench"), digits_folder)


@pytest.fixture(scope="session")
def reference(bench, tmp_path_factory):
    """What the sweep leaves when nothing happens to it."""
    return undisturbed(bench, tmp_path_factory.mktemp("reference") / "work")
