"""Tasks that change their dataset, through the real binaries on the bundled digits."""

import matplotlib.image
import numpy as np
import pytest
from binaries import bind, in_one_process, succeed

from lth_tf import data
from lth_tf.data import LabelNoise, RandomSubset, ScoredSubset, Task
from lth_tf.log import log

SETTING = """
include 'demo/digits.gin'
STEPS = 150
INITIALIZATIONS = (0,)
Hparams.threads = 1
Hparams.xla = 'off'
Lenet.widths = (40,)
Training.model = %MODEL
Training.task = %TASK
Training.hparams = %HPARAMS
Training.steps = %STEPS
Training.initializations = %INITIALIZATIONS
Training.noises = (0,)
"""
SUBSET = ("Task.subset=@RandomSubset()", "RandomSubset.fraction=0.5")
SCORED = ("Task.subset=@ScoredSubset()", "ScoredSubset.scores='scores.npy'")
SCORED += ("ScoredSubset.fraction=0.25", "ScoredSubset.keep='highest'")
NOISE = ("Task.label_noise=@LabelNoise()", "LabelNoise.seed=3")
TURNED = ("Task.rotation=True", "Lenet.classes=4")
TASKS = {
    "plain": ((), Task("digits")),
    "subset": (SUBSET, Task("digits", subset=RandomSubset(0.5))),
    "scored": (SCORED, Task("digits", subset=ScoredSubset("scores.npy", "highest", 0.25))),
    "noise": (NOISE, Task("digits", label_noise=LabelNoise(1.0, 3))),
    "blur": (("Task.blur=4",), Task("digits", blur=4)),
    "rotation": (TURNED, Task("digits", rotation=True)),
    "all": (
        (*TURNED, *SUBSET, "Task.blur=2"),
        Task("digits", subset=RandomSubset(0.5), blur=2, rotation=True),
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, digits_folder):
    """The folder in which every task was trained on; its workdir is the task's name."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "setting.gin").write_text(SETTING)
    np.save(f"{digits_folder}/scores.npy", np.arange(1437) % 100)
    shared = [f"--gin_file={folder / 'setting.gin'}", f"--data_dir={digits_folder}"]
    shared += [f"--store={folder / 'store'}"]
    in_one_process(
        [
            ["train", *shared, f"--workdir={folder / name}", *bind(*bindings)]
            for name, (bindings, _) in TASKS.items()
        ]
    )
    return folder


def errors(folder, name):
    (row,) = log.read(folder / name)[0]
    return row["train_error"], row["test_error"]


@pytest.mark.parametrize("name", TASKS)
def test_a_row_says_which_task_it_is_about(name, folder, digits_folder):
    (row,) = log.read(folder / name)[0]
    assert row["dataset"] == data.bind(TASKS[name][1], digits_folder).title


def test_each_task_is_a_run_of_its_own(folder):
    assert len(list((folder / "store" / "runs").glob("*/*/journal.jsonl"))) == len(TASKS)


def test_each_is_learnt_as_its_labels_allow(folder):
    # Chance is 0.9, and 0.75 for turns.
    for name, most in (("plain", 0.5), ("subset", 0.5), ("scored", 0.5), ("blur", 0.8)):
        assert max(errors(folder, name)) < most, name
    train, test = errors(folder, "noise")
    assert train > 0.5 and test > 0.8
    train, test = errors(folder, "rotation")
    assert train < 0.4 and abs(train - test) < 0.1
    assert errors(folder, "plain")[1] < errors(folder, "blur")[1]


def test_a_task_is_drawn(tmp_path, digits_folder):
    out = tmp_path / "new" / "picture.png"
    said = succeed(
        "show",
        *("--gin_file=tasks/digits.gin", f"--data_dir={digits_folder}", f"--out={out}"),
        *bind("Task.rotation=True", "Task.blur=2", "Task.subset=@RandomSubset()"),
        *bind("RandomSubset.fraction=0.1"),
    )
    assert said.startswith("140 training and 360 test images, 4 classes\n")
    assert f"picture  {out}\n" in said
    assert matplotlib.image.imread(out).shape[2] == 4
