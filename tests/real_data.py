"""The rule for tests on real images: skipped where they are missing, unless they are required."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("TFDS_DATA_DIR", "~/tensorflow_datasets")).expanduser()


def require(dataset: str) -> None:
    """Skips the calling test unless a dataset is prepared; with LTH_REQUIRE_DATA=1, it fails."""
    if (FOLDER / dataset).is_dir():
        return
    message = f"{dataset} is not prepared in {FOLDER}"
    if os.environ.get("LTH_REQUIRE_DATA") == "1":
        pytest.fail(f"{message}, but LTH_REQUIRE_DATA=1 requires it")
    pytest.skip(message)
