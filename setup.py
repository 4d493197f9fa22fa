"""Installs lth_tf; pyproject.toml says the rest.

What stands here is what it cannot say: gin/ lies beside the package, and is installed inside it.
"""

from pathlib import Path

from setuptools import find_packages, setup

GIN = {
    ".".join(("lth_tf", *folder.parts)): str(folder)
    for folder in (Path("gin"), *Path("gin").rglob("*"))
    if folder.is_dir()
}

setup(
    packages=[*find_packages(include=["lth_tf", "lth_tf.*"]), *GIN],
    package_dir=GIN,
    package_data={
        "lth_tf": ["py.typed", "data/digits.npz"],
        **{folder: ["*.gin"] for folder in GIN},
    },
)
