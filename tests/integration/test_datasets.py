"""Every shipped task, from an archive in the dataset's original format to a trained network."""

import re
import shlex
import subprocess

import archives
import binaries
import pytest
from binaries import REPOSITORY, bind, environment, in_one_process
from in_this_process import run, succeed

from lth_tf.log import log

# Of each file in gin/tasks: images in the archive to make, classes, and what the network sees.
TASKS = {
    "cifar100": (20, 100, (32, 32, 3)),
    "eurosat": (20, 10, (32, 32, 3)),
    "fashion_mnist": (None, 10, (28, 28, 1)),  # read by the code that reads the real MNIST
    "tiny_imagenet": (200, 200, (64, 64, 3)),
    "imagenet": (20, 1000, (224, 224, 3)),
    "imagenet_299": (20, 1000, (299, 299, 3)),
}
# These, and tasks made from them, are tested elsewhere, on the real images.
REAL = {"cifar10", "digits", "mnist"}
MADE = [task for task, (images, _, _) in TASKS.items() if images]
DATASETS = {"eurosat": "eurosat/rgb", "imagenet": "imagenet2012", "imagenet_299": "imagenet2012"}
LINE = """
Instability.rewind_steps = (1,)
Instability.networks = ('dense', 'imp')
Instability.copies = (1, 2)
Instability.alphas = 3
Instability.statistics = 'reestimate'
Instability.levels = (1,)
Instability.search = @MaskSearch()
MaskSearch.levels = 1
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Gin files, and the archives where TFDS looks for them: nothing is prepared yet."""
    folder = tmp_path_factory.mktemp("datasets")
    for task, (images, classes, shape) in TASKS.items():
        text = archives.TRAINING.format(task=task, classes=classes, shape=shape)
        (folder / f"{task}.gin").write_text(text)
        narrow = re.sub("Resnet.(depth|width) = .*\n", "", text).replace("Resnet", "Lenet")
        more = "Lenet.widths = (2,)\nHparams.xla = 'off'\n"
        (folder / f"{task}_lenet.gin").write_text(narrow + more)
        if images and task != "imagenet_299":
            archives.make(DATASETS.get(task, task), folder / "tfds", images=images)
    return folder


@pytest.fixture(scope="module")
def prepared(folder):
    """The same folder, after the command that each dataset's lack is told with.

    The first is given to a shell as it is; of the others, Python gets what the shell would give it.
    """
    first = True
    for task in MADE:
        done = run("train", *flags(folder, task), "--dry_run")
        if not done.returncode:
            continue
        command = re.search(r"(to do so|Then): (.*)$", done.stderr)[2]
        if first:
            made = subprocess.run(
                command, shell=True, capture_output=True, env=environment(), text=True
            )
        else:
            _, option, code = shlex.split(command)
            assert option == "-c"
            (folder / "prepare.py").write_text(code)
            made = binaries.run(str(folder / "prepare.py"))
        assert made.returncode == 0, made.stderr[-2000:]
        first = False
    return folder


def flags(folder, task):
    where = [f"--workdir={folder / task}", f"--data_dir={folder / 'tfds'}"]
    return [f"--gin_file={folder / task}.gin", *where]


def test_every_shipped_task_is_here():
    shipped = {path.stem for path in (REPOSITORY / "gin" / "tasks").glob("*.gin")}
    assert {name for name in shipped if name.split("_")[0] not in REAL} == set(TASKS)


def test_what_is_not_prepared_is_one_line_with_the_command(folder, tmp_path):
    for task in TASKS:
        place = [f"--workdir={tmp_path}/work", f"--data_dir={tmp_path}"]
        done = run("train", f"--gin_file={folder / task}.gin", *place)
        assert done.returncode == 2 and done.stderr.count("\n") == 1
        assert ".download_and_prepare()" in done.stderr and not (tmp_path / "work").exists()
    assert "ILSVRC2012_img_train.tar" in done.stderr and "image-net.org" in done.stderr


def test_all_of_them_train_and_are_evaluated(prepared):
    for task in MADE:
        dry = succeed("train", *flags(prepared, task), "--dry_run")
        assert re.search(r"steps +3, 3 left to train", dry)
    # By what takes least to compile: the images are what is tested.
    narrow = [
        [f"--gin_file={prepared / task}_lenet.gin", *flags(prepared, task)[1:]] for task in MADE
    ]
    in_one_process([["train", *each] for each in narrow])
    for task in MADE:
        (row,), _ = log.read(prepared / task)
        assert row["status"] == "done" and row["dataset"] == DATASETS.get(task, task)
        assert 0 <= row["test_error"] <= 1 and 0 < row["train_loss"] < 100


# test_feed.py has lines over streamed images, of both policies, every time.
@pytest.mark.faults
def test_imagenet_is_interpolated_with_statistics_of_its_training_images(prepared):
    """Two copies of a ticket, and between them batch norm's statistics estimated anew."""
    text = (prepared / "imagenet.gin").read_text().replace("Training.", "Instability.")
    (prepared / "line.gin").write_text(text + LINE)
    place = [f"--workdir={prepared / 'line'}", f"--data_dir={prepared / 'tfds'}"]
    small = bind("Task.image_size=48", "Task.train_evaluated=9", "Resnet.image_shape=(48,48,3)")
    in_one_process([["instability", f"--gin_file={prepared / 'line.gin'}", *place, *small]])
    rows, _ = log.read(prepared / "line")
    assert {row["status"] for row in rows} == {"done"}
    lines = [row for row in rows if row["kind"] == "instability"]
    assert {row["level"] for row in lines} == {0, 1}
    for row in lines:
        assert row["statistics"] == "reestimate"
        assert len(row["test_errors"]) == len(row["train_losses"]) == 3
