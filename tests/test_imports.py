"""The architecture: who may import whom. It only ever goes down this table."""

from pathlib import Path

import pytest
import source_tree

# Part of the project -> the parts it may import, itself aside. Every part stands below all those
# that it may import, so there are no circles.
ARCHITECTURE = {
    # Leaves.
    "errors": "",
    "noise": "",
    "state": "",
    "messages": "",
    "untrusted": "",
    "provenance": "",
    # What the log holds; questions to it, figures and papers, from the log alone.
    "log": "errors untrusted provenance",
    "analysis": "errors log",
    "figures": "errors log analysis",
    # Weights and masks alone.
    "pruning": "errors noise",
    "connectivity": "errors",
    "perturbation": "errors noise",
    # What is to be made: weights, masks, measurements; how each kind is made is in its class.
    "recipes": "errors noise state pruning perturbation",
    # What recipes describe, and how to make it.
    "data": "errors noise recipes",
    "measurements": "errors noise state log connectivity recipes data",
    "models": "errors noise recipes",
    "training": "errors noise state recipes data models",
    # Recipe -> artifact, each made once; knows no kind, and no TensorFlow.
    "store": "errors untrusted provenance state recipes data training",
    # What the papers measure, as rows for the log.
    "experiments": "errors noise recipes messages measurements pruning connectivity perturbation "
    "data models training store log",
    # What ranks weights before training; magnitude, which needs nothing but weights, is a recipe.
    "scores": "recipes measurements pruning",
    # From the command line to an experiment, and back to the one who waits.
    "config": "errors recipes messages data models training experiments scores",
    "tensorboard": "errors recipes store experiments log analysis",
    # Many experiments on many workers, or one in this process.
    "sweep": "errors recipes measurements messages training store experiments log tensorboard",
    # A paper's data, held against a log, with the commands that fill it.
    "report": "errors recipes messages experiments store log analysis figures config",
    "papers": "errors log analysis figures report",
    # What gin files mean, without running them.
    "description": "errors recipes messages data models training store experiments figures config",
    # A workdir in Python: what every command calls.
    "lab": "errors state recipes messages data models training store experiments log analysis "
    "figures report papers config tensorboard sweep description",
    "cli": "errors messages training lab config description experiments store log analysis figures "
    "report papers tensorboard sweep",
    "benchmarks": "errors noise state recipes measurements cli pruning connectivity data models "
    "training store experiments sweep figures report papers",
}

# Other people's modules -> the only places that import them. Reading a store or a log, planning
# and drawing need no TensorFlow, and start at once.
CONFINED = {
    "absl.flags": ("lth_tf/cli/", "benchmarks/"),
    "gin": ("lth_tf/config/",),
    "keras": ("lth_tf/models/", "benchmarks/"),
    "matplotlib": ("lth_tf/figures/",),
    "ray": ("lth_tf/sweep/ray_pool.py",),
    "scipy": (),
    "sklearn": (),
    "tensorboard": ("lth_tf/tensorboard/board.py",),
    "tensorflow": (
        "lth_tf/data/",
        "lth_tf/models/",
        "lth_tf/training/",
        "benchmarks/",
    ),
    "tensorflow.keras": (),
    "tensorflow_datasets": ("lth_tf/data/",),
    "tensorflow_model_optimization": (),
    "tf_keras": (),
}

FOLDERS = ("lth_tf", "benchmarks")
FILES = [path for folder in FOLDERS for path in source_tree.python_files(folder)]


def part_of(path: str) -> str:
    """The part of the architecture that a file belongs to; '' for lth_tf/__init__.py."""
    top, *rest = Path(path).with_suffix("").parts
    name = rest[0] if top == "lth_tf" else top
    return "" if name == "__init__" else name


def wrong_imports(path: str) -> list[str]:
    """A line about every import of a file that the architecture does not allow."""
    part, found = part_of(path), []
    allowed = {"", part, *ARCHITECTURE.get(part, "").split()}
    for line, name in source_tree.imports(path):
        if name.startswith("."):
            found.append(f"{path}:{line} imports {name}: write the whole name")
        elif (target := source_tree.resolve(path, name)) and part_of(target) not in allowed:
            may = ARCHITECTURE.get(part) or "nothing of lth_tf"
            found.append(f"{path}:{line} imports {name}; {part} may import {may}")
    return found


def unconfined_imports(path: str) -> list[str]:
    """A line about every import of a file that belongs elsewhere."""
    return [
        f"{path}:{line} imports {name}; {module} is for {', '.join(places) or 'nobody'}"
        for line, name in source_tree.imports(path)
        for module, places in CONFINED.items()
        if f"{name}.".startswith(f"{module}.") and not path.startswith(places)
    ]


def test_imports_go_down_only():
    assert [line for path in FILES for line in wrong_imports(path)] == []


def test_other_peoples_modules_stay_in_their_places():
    assert [line for path in FILES for line in unconfined_imports(path)] == []


def test_the_table_has_no_circle_and_no_part_that_is_not_there():
    names = list(ARCHITECTURE)
    for index, (part, allowed) in enumerate(ARCHITECTURE.items()):
        assert set(allowed.split()) <= set(names[:index]), part
    assert {part_of(path) for path in FILES} == {"", *names}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project of two parts, whose files a test fills."""
    monkeypatch.setattr(source_tree, "ROOT", tmp_path)
    for part in ("models", "training"):
        (tmp_path / "lth_tf" / part).mkdir(parents=True)
        (tmp_path / "lth_tf" / part / "__init__.py").touch()
    (tmp_path / "lth_tf" / "__init__.py").touch()
    source_tree.imports.cache_clear()
    yield tmp_path
    source_tree.imports.cache_clear()


@pytest.mark.parametrize(
    "code, expected",
    [
        ("import lth_tf.training", ["1 imports lth_tf.training; models may import errors noise"]),
        ("from lth_tf import training", ["1 imports lth_tf.training; models may import"]),
        ("def f():\n    from lth_tf.training import x", ["2 imports lth_tf.training.x; models"]),
        ("if 1:\n  import os, lth_tf.training as t", ["2 imports lth_tf.training; models may"]),
        ("from ..training import x", ["1 imports ..training.x: write the whole name"]),
        ("from absl import flags\nimport gin", ["1 imports absl.flags; absl.flags is for lth_tf/c",
                                                "2 imports gin; gin is for lth_tf/config/"]),
        ("from tensorflow import keras", ["1 imports tensorflow.keras; tensorflow.keras is for"]),
        ("import keras, numpy, lth_tf.models\nfrom lth_tf import __version__", []),
    ],
)  # fmt: skip
def test_a_wrong_import_is_found(tree, code, expected):
    path = "lth_tf/models/net.py"
    (tree / path).write_text(code)
    found = wrong_imports(path) + unconfined_imports(path)
    assert len(found) == len(expected)
    for line, start in zip(found, expected, strict=True):
        assert line.startswith(f"{path}:{start}")
