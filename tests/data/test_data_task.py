"""Task: its key, its ranges, and what importing it costs."""

import dataclasses
import subprocess
import sys

import pytest

from lth_tf.data import LabelNoise, RandomSubset, ScoredSubset, Task
from lth_tf.recipes import RecipeError


def test_every_field_changes_the_key():
    base = Task("cifar10")
    others = {
        "dataset": "mnist",
        "mean": (0.5,),
        "std": (0.5,),
        "augmentation": "crop_and_flip",
        "padding": 2,
        "image_size": 64,
        "resize": "bilinear",
        "test_crop": 1.0,
        "train_evaluated": 100,
        "train_split": "train[:90%]",
        "test_split": "train[90%:]",
        "subset": RandomSubset(0.1),
        "label_noise": LabelNoise(0.1),
        "blur": 4,
        "rotation": True,
        "fingerprint": "0123456789abcdef",
        "channels": 3,
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
        ("image_size", -1),
        ("resize", "nearest"),
        ("test_crop", 0.0),
        ("test_crop", 1.1),
        ("train_evaluated", -1),
        ("train_split", " "),
        ("test_split", ""),
        ("subset", LabelNoise()),
        ("label_noise", RandomSubset(0.1)),
        ("blur", 0),
        ("rotation", 1),
        ("fingerprint", "0123"),
    ],
)
def test_values_out_of_range_name_the_field(field, value):
    with pytest.raises(RecipeError, match=rf"^Task\.{field} is "):
        Task(**{"dataset": "mnist", field: value})


def test_labels_that_are_turns_cannot_be_noisy():
    with pytest.raises(RecipeError, match="^Task.label_noise is .*None with Task.rotation"):
        Task("mnist", label_noise=LabelNoise(), rotation=True)


def test_the_title_tells_tasks_apart():
    assert Task("mnist").title == "mnist"
    noisy = Task("mnist", label_noise=LabelNoise(0.5, 1), subset=RandomSubset(0.01), blur=4)
    assert noisy.title == ("mnist, 50% random labels, seed 1, 1% at random, seed 0, blurred 4x")
    scored = ScoredSubset("a/b.npy", "highest", 0.7, fingerprint="0123456789abcdef")
    assert Task("mnist", subset=scored, rotation=True).title == (
        "mnist, 70% highest b.npy 012345, seed 0, rotation"
    )


def test_importing_the_package_loads_no_tensorflow():
    code = (
        "import sys; from lth_tf.data import Task; import lth_tf.data.order; Task('mnist').key; "
        "sys.exit('tensorflow' in sys.modules or 'tensorflow_datasets' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
