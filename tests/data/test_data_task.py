"""Task: its key, its ranges, and what importing it costs."""

import dataclasses
import subprocess
import sys

import pytest

from lth_tf.data import Task
from lth_tf.recipes import RecipeError


def test_every_field_changes_the_key():
    base = Task("cifar10")
    others = {
        "dataset": "mnist",
        "mean": (0.5,),
        "std": (0.5,),
        "augmentation": "crop_and_flip",
        "padding": 2,
        "train_split": "train[:90%]",
        "test_split": "train[90%:]",
        "fingerprint": "0123456789abcdef",
    }
    assert set(others) == {f.name for f in dataclasses.fields(Task)}
    keys = {dataclasses.replace(base, **{name: value}).key for name, value in others.items()}
    assert len(keys | {base.key}) == len(others) + 1


@pytest.mark.parametrize(
    "field, value",
    [
        ("dataset", ""),
        ("mean", ()),
        ("mean", (125.3,)),
        ("mean", (-0.1, 0.5, 0.5)),
        ("std", (0.0,)),
        ("std", (63.0,)),
        ("std", ()),
        ("augmentation", "mixup"),
        ("padding", -1),
        ("train_split", " "),
        ("test_split", ""),
        ("fingerprint", "0123"),
    ],
)
def test_values_out_of_range_name_the_field(field, value):
    with pytest.raises(RecipeError, match=rf"^Task\.{field} is "):
        Task(**{"dataset": "mnist", field: value})


def test_importing_the_package_loads_no_tensorflow():
    code = (
        "import sys; from lth_tf.data import Task; import lth_tf.data.order; Task('mnist').key; "
        "sys.exit('tensorflow' in sys.modules or 'tensorflow_datasets' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
