"""Real images: MNIST and CIFAR-10 through the experiments, a few steps each."""

from pathlib import Path

import pytest
import real_data
from binaries import bind, in_one_process

from lth_tf.log import log
from lth_tf.store import journal

pytestmark = pytest.mark.integration

MNIST = ("STEPS=200", "INITIALIZATIONS=(0,)", "REWIND_STEPS=(0,)", "Hparams.threads=2")
# Of the 60,000 images, the 12,000 that are trained on are evaluated, too.
MNIST += ("Hparams.xla='off'", "Task.train_split='train[:20%]'")
MNIST_PAIR = ("Instability.copies=(1,2)", "Instability.networks=('dense',)", "Instability.alphas=5")
CIFAR = ("STEPS=20", "INITIALIZATIONS=(0,)", "REWIND_STEPS=(0,)", "Hparams.threads=2")
CIFAR += ("Resnet.depth=8", "Resnet.width=4", "Hparams.batch_size=32", *MNIST_PAIR)
CIFAR += ("Task.train_split='train[:4%]'", "Task.test_split='test[:4%]'")


def experiment(name: str, file: str, workdir: Path, bindings: tuple[str, ...]) -> list[str]:
    """One experiment's name and flags."""
    where = [f"--gin_file=papers/lmc/{file}", f"--workdir={workdir}"]
    return [name, *where, f"--store={workdir.parent / 'store'}", *bind(*bindings)]


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    """Folder of IMP and of the instability of the dense network on MNIST."""
    real_data.require("mnist")
    folder = tmp_path_factory.mktemp("mnist")
    levels = ("MaskSearch.levels=2",)
    sparse = (*MNIST, *levels, *MNIST_PAIR, "Instability.levels=(2,)")
    in_one_process(
        [
            experiment("imp", "lenet.gin", folder / "imp", MNIST + levels),
            experiment("instability", "lenet.gin", folder / "instability", sparse),
        ]
    )
    return folder


def test_lenet_learns_mnist_and_stays_good_when_pruned(mnist):
    rows, _ = log.read(mnist / "imp")
    # 266,200 kernel entries, of which round(0.2 n) go at each level.
    assert [round(row["density"] * 266_200) for row in rows] == [266_200, 212_960, 170_368]
    # 200 steps of adam on 12,000 images; chance is 0.9.
    assert all(row["test_error"] < 0.15 for row in rows)
    assert all(abs(row["train_error"] - row["test_error"]) < 0.03 for row in rows)


def test_two_copies_of_lenet_differ_and_have_a_line_between_them(mnist):
    *ends, pair = log.read(mnist / "instability")[0]
    one, other = sorted(ends, key=lambda row: row["noise"])
    # One image more or less: five networks at once may round otherwise than one.
    assert pair["test_errors"][0] == pytest.approx(other["test_error"], abs=1e-4)
    assert pair["test_errors"][-1] == pytest.approx(one["test_error"], abs=1e-4)
    assert one["test_error"] != other["test_error"] and pair["l2_distance"] > 1
    ends = pair["test_errors"][0], pair["test_errors"][-1]
    expected = max(pair["test_errors"]) - sum(ends) / 2
    assert pair["test_instability"] == pytest.approx(expected, abs=1e-9)


@pytest.fixture(scope="module")
def cifar(tmp_path_factory):
    """Folder of the instability of a small ResNet on CIFAR-10 with both batch-norm policies."""
    real_data.require("cifar10")
    folder = tmp_path_factory.mktemp("cifar")
    commands = [
        experiment(
            "instability",
            "resnet20.gin",
            folder / policy,
            (*CIFAR, f"Instability.statistics='{policy}'"),
        )
        for policy in ("interpolate", "reestimate")
    ]
    in_one_process(commands)
    return folder


def test_batch_norm_policies_share_the_copies_and_differ_between_them(cifar):
    interpolated, reestimated = (
        log.read(cifar / policy)[0] for policy in ("interpolate", "reestimate")
    )
    assert [r["test_error"] for r in interpolated[:2]] == [r["test_error"] for r in reestimated[:2]]
    lines = [rows[2] for rows in (interpolated, reestimated)]
    assert [line["statistics"] for line in lines] == ["interpolate", "reestimate"]
    assert all(len(line["test_losses"]) == 5 for line in lines)
    assert lines[0]["test_losses"][2] != lines[1]["test_losses"][2]
    assert lines[0]["l2_distance"] == lines[1]["l2_distance"] > 0


def test_every_run_on_cifar_is_trained_once(cifar):
    entries = [
        entry
        for path in (cifar / "store" / "runs").glob("*/*/journal.jsonl")
        for entry in journal.read(path)
    ]
    assert [(entry["first_step"], entry["last_step"]) for entry in entries] == [(0, 20), (0, 20)]


def test_cifar_turned_blurred_and_in_part(tmp_path):
    real_data.require("cifar10")
    file = "papers/early_phase/resnet20_rotation_blur_train.gin"
    bindings = [b for b in CIFAR if not b.startswith(("Instability", "REWIND"))]
    bindings += ["Task.subset=@RandomSubset()", "RandomSubset.fraction=0.1"]
    where = [f"--gin_file={file}", f"--workdir={tmp_path}", f"--store={tmp_path / 'store'}"]
    in_one_process([["train", *where, *bind(*bindings)]])
    (row,) = log.read(tmp_path)[0]
    assert row["dataset"] == "cifar10, 10% at random, seed 0, blurred 4x, rotation"
    # 200 and 400 images in four positions: errors are whole numbers of these.
    for error, answers in ((row["train_error"], 4 * 200), (row["test_error"], 4 * 400)):
        assert 0 < error < 1 and error * answers == pytest.approx(round(error * answers), abs=1e-6)
