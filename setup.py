"""Installs lth_tf, its binaries as console commands, and the gin files that come with it."""

import re
from pathlib import Path

from setuptools import find_packages, setup

RAY = "ray>=2.50,<3"
BINARIES = (
    "describe",
    "onset",
    "run",
    "train",
    "imp",
    "instability",
    "sweep",
    "results",
    "figures",
    "report",
    "store",
    "show",
)


def _version() -> str:
    """The version, which stands in lth_tf/__init__.py only."""
    text = Path("lth_tf/__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)[1]  # type: ignore[index]


def _gin_folders() -> dict[str, str]:
    """The folders of the shipped gin files, as packages of data below lth_tf_gin."""
    return {
        ".".join(("lth_tf_gin", *folder.relative_to("gin").parts)): str(folder)
        for folder in [Path("gin"), *Path("gin").rglob("*")]
        if folder.is_dir()
    }


setup(
    name="lth_tf",
    version=_version(),
    description="Lottery tickets and linear mode connectivity, reproducibly, in TensorFlow/Keras",
    long_description=Path("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    # TensorFlow 2.21 comes for these versions of Python.
    python_requires=">=3.11,<3.14",
    packages=[*find_packages(include=["lth_tf", "lth_tf.*"]), "lth_tf_scripts", *_gin_folders()],
    package_dir={"lth_tf_scripts": "scripts", **_gin_folders()},
    package_data={name: ["*.gin"] for name in _gin_folders()},
    install_requires=[
        "absl-py>=1.4,<3",
        # TFDS reads files of that format with it, and declares it on Linux only.
        "array_record>=0.8",
        "gin-config>=0.5,<0.6",
        # TFDS 4.9.10 imports it on Python 3.11 without declaring it.
        "importlib_resources>=6",
        "keras>=3.15,<4",
        "matplotlib>=3.9",
        "numpy>=2.0",
        "pillow>=10",
        # The bundled handwritten digits.
        "scikit-learn>=1.5",
        "tensorboard>=2.21,<2.22",
        "tensorflow>=2.21,<2.22",
        "tensorflow-datasets>=4.9.10,<5",
    ],
    extras_require={
        # A distributed engine for sweeps.
        "ray": [RAY],
        "test": [
            "hypothesis>=6",
            # What mypy and ruff complain of changes between versions.
            "mypy>=2.4,<3",
            "pytest>=8",
            "pytest-xdist>=3.6",
            RAY,
            "ruff>=0.17,<0.18",
            # The first that builds wheels by itself.
            "setuptools>=70.1",
            # The oracle of magnitude pruning in the tests. It works with tf-keras only.
            "tensorflow-model-optimization>=0.8.1,<0.9",
            "tf-keras>=2.21,<2.22",
        ],
    },
    entry_points={
        "console_scripts": [f"lth-{name} = lth_tf_scripts.{name}:run" for name in BINARIES]
    },
)
