"""Folders, disks, stores, logs and data that are not as they must be: one line, or made again."""

import contextlib
import json
import os
import shutil
import subprocess

import archives
import binaries
import pytest
from binaries import SMALL, bind, files
from complaints import DEMO, assert_says, complaint
from in_this_process import run


def test_a_file_in_the_way(tmp_path, digits_folder):
    work = tmp_path / "work"
    work.write_text("in the way")
    for flags in ((), ("--dry_run",)):
        done = run("imp", DEMO, f"--workdir={work}", *flags, f"--data_dir={digits_folder}")
        assert_says(complaint(done), f"--workdir={work}", "a file is in the way")
    assert work.read_text() == "in the way"


@contextlib.contextmanager
def mounted(folder, options):
    """A disk of its own at a folder; skips the test where nothing can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_read_only_disk(tmp_path, digits_folder):
    disk = tmp_path / "disk"
    with mounted(disk, "ro"):
        places = (f"--workdir={disk / 'work'}", f"--data_dir={digits_folder}")
        done = run("imp", DEMO, *places)
        assert_says(complaint(done), str(disk), "read-only", "--workdir")


def test_a_full_disk_ends_in_one_line_and_the_store_goes_on_once_there_is_space(
    tmp_path, digits_folder
):
    disk = tmp_path / "disk"
    # 5,000 weights with their slots: 60 kB a state.
    flags = (DEMO, *bind(*SMALL, "Lenet.widths=(64,)"), f"--workdir={disk / 'work'}")
    flags += (f"--data_dir={digits_folder}",)
    with mounted(disk, "size=200k"):
        done = binaries.run("imp", *flags)
        assert_says(complaint(done), str(disk), "space")
        kept = files(disk / "work" / "store" / "runs")
        assert any(name.endswith(".state") for name in kept)
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        binaries.succeed("imp", *flags)
        after = files(disk / "work" / "store" / "runs")
        states = {name for name in kept if name.endswith(".state")}
        assert {name: after[name] for name in states} == {name: kept[name] for name in states}


@pytest.mark.parametrize("flags", [(), ("--dry_run",)], ids=["", "dry_run"])
def test_a_store_of_a_newer_version(flags, tmp_path, digits_folder):
    store = tmp_path / "work" / "store"
    store.mkdir(parents=True)
    (store / "format.json").write_text(json.dumps({"store": "lth_tf", "format": 99}))
    before = files(tmp_path)
    places = (f"--workdir={tmp_path / 'work'}", f"--data_dir={digits_folder}")
    done = run("imp", DEMO, *places, *flags)
    assert_says(complaint(done), str(store), "newer version", "99")
    assert files(tmp_path) == before


@pytest.mark.parametrize("binary", ["results", "figures", "report"])
def test_a_log_without_rows(binary, tmp_path):
    flags = ["--paper=lmc"] if binary == "report" else []
    done = run(binary, *flags, f"--workdir={tmp_path}")
    assert_says(complaint(done), str(tmp_path), "no rows")
    gone = tmp_path / "gone"
    assert_says(complaint(run(binary, *flags, f"--workdir={gone}")), str(gone), "no such folder")
    assert files(tmp_path) == {}


def test_a_report_on_no_paper(tmp_path):
    done = run("report", "--paper=lottery", f"--workdir={tmp_path}")
    assert_says(complaint(done), "--paper=lottery", "no such paper", "allowed: lmc, ")
    empty = complaint(run("report", f"--workdir={tmp_path}"))
    assert_says(empty, "--workdir=", "no rows to report")
    assert files(tmp_path) == {}


@pytest.mark.parametrize("dataset", ["digits", "imagenet2012"])
def test_damaged_data(dataset, digits_folder, imagenet_folder, tmp_path):
    """In memory, and streamed: where it is, and what is wrong."""
    data = tmp_path / "data"
    shutil.copytree(digits_folder if dataset == "digits" else imagenet_folder, data)
    (file,) = data.glob(f"{dataset}/*/{dataset}-train.*record-*")
    os.truncate(file, file.stat().st_size // 2)
    text = archives.TRAINING.format(task="imagenet", classes=1000, shape=(32, 32, 3))
    (tmp_path / "streamed.gin").write_text(text)
    small = bind("Task.image_size=32", "Resnet.width=2", "Training.steps=9")
    asked = {
        "digits": ("imp", DEMO, *bind(*SMALL)),
        "imagenet2012": ("train", f"--gin_file={tmp_path}/streamed.gin", *small),
    }
    where = {
        "digits": f"split 'train' of digits, in {file.parent}, cannot be read: truncated record",
        "imagenet2012": f"of split 'train' of imagenet2012, in {file}, cannot be read: Invalid",
    }
    done = run(*asked[dataset], f"--data_dir={data}", f"--workdir={tmp_path}/work")
    assert_says(complaint(done), where[dataset])


@pytest.fixture(scope="module")
def emptied(tmp_path_factory, digits_folder):
    """A workdir in which a layer was left without weights, the flags that made it, its stderr."""
    work = tmp_path_factory.mktemp("emptied")
    # At most 1 of 592 weights is left, in one of the two layers.
    flags = (DEMO, *bind(*SMALL, "MaskSearch.fraction=0.96", "REWIND_STEPS=(0,)"))
    flags += (f"--workdir={work}", f"--data_dir={digits_folder}")
    return work, flags, run("imp", *flags)


def test_a_layer_without_weights_is_a_warning_that_names_it(emptied):
    _, _, done = emptied
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert lines and len(set(lines)) == len(lines)
    assert all(line.startswith("warning: pruning leaves layer ") for line in lines)
    assert any("layer dense_1" in line or "layer logits" in line for line in lines)


def test_a_flipped_byte_is_set_aside_and_the_same_made_again(emptied):
    work, flags, _ = emptied
    before = files(work / "store" / "measurements")
    state = next((work / "store" / "runs").glob("*/*/at-000000020.state"))
    measurement = work / "store" / "measurements" / next(iter(before))
    for path in (state, measurement):
        damaged = bytearray(path.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        path.write_bytes(damaged)
    for path in (work / "store" / "measurements").rglob("*.numbers"):
        if path != measurement:
            path.unlink()
    shutil.rmtree(work / "results")  # What has its row in the log is not read again.
    done = binaries.run("imp", *flags)
    assert done.returncode == 0
    for path in (state, measurement):
        (line,) = (line for line in done.stderr.splitlines() if str(path) in line)
        assert line.startswith("warning: ") and "damaged" in line and "made again" in line
    assert files(work / "store" / "measurements") == before
    assert len(files(work / "store" / "damaged")) == 2
