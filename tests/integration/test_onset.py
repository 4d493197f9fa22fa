"""lth-onset through the binaries: it decides on the way; killed, swept, sharded and collected."""

import re
import shutil
import signal
import time

import binaries
import pytest

from lth_tf.log import log

BINDINGS = (
    "STEPS=60",
    "INITIALIZATIONS=(0, 1)",
    "Onset.unit=4",
    "Onset.alphas=5",
    "Onset.threshold=0.01",
    "Lenet.widths=(16,)",
    "Constant.rate=0.05",
    "Hparams.xla='off'",
    "Hparams.threads=1",
)


@pytest.fixture(scope="module")
def flags(digits_folder):
    return ["--gin_file=demo/onset.gin", *binaries.bind(*BINDINGS), f"--data_dir={digits_folder}"]


def lines(work):
    """The barriers that were measured, by initialization and step."""
    found, report = log.read(work)
    assert report.skipped == []
    rows = [row for row in found if row["kind"] == "instability"]
    return {(r["initialization"], r["rewind_step"]): r["test_instability"] for r in rows}


def artifacts(work):
    """All that is in a store but journals, leases and the registry."""
    found = binaries.files(work / "store")
    kept = ("runs/", "masks/", "measurements/")
    return {n: b for n, b in found.items() if n.startswith(kept) and "journal" not in n}


@pytest.fixture(scope="module")
def whole(flags, tmp_path_factory):
    work = tmp_path_factory.mktemp("onset") / "work"
    binaries.succeed("onset", *flags, f"--workdir={work}")
    return work


def test_it_bisects_to_the_first_stable_step(whole):
    for initialization in (0, 1):
        found = {k: barrier for (i, k), barrier in lines(whole).items() if i == initialization}
        low, high = 0, 15
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if found.pop(4 * middle) < 0.01 else (middle + 1, high)
        assert found == {}  # no step was measured that nobody asked for


def test_the_dry_run_says_at_most_before_and_exactly_after(whole, flags, tmp_path):
    planned = binaries.succeed("onset", *flags, f"--workdir={tmp_path / 'new'}", "--dry_run")
    most = int(re.search(r"runs +at most (\d+), 0 already there", planned)[1])
    assert re.search(r"choices +\d+ values are decided on the way", planned)
    after = binaries.succeed("onset", *flags, f"--workdir={whole}", "--dry_run")
    runs, there = map(int, re.search(r"runs +(\d+), (\d+) already there", after).groups())
    assert runs == there <= most and "at most" not in after and "training      none" in after


def nothing_is_lost(work, flags):
    """Collects garbage: states kept for steps that nobody asked for in the end may go."""
    store = f"--store={work / 'store'}"
    for line in binaries.succeed("store", store, "gc", "--yes").splitlines()[:-1]:
        assert "at-0" in line and line.endswith("no experiment uses this step"), line
    planned = binaries.succeed("onset", *flags, f"--workdir={work}", "--dry_run")
    assert re.search(r"training +none", planned) and "at most" not in planned


def test_nothing_of_it_is_garbage(whole, flags, tmp_path):
    shutil.copytree(whole, tmp_path / "copy")
    nothing_is_lost(tmp_path / "copy", flags)


def test_killed_at_every_decision_it_decides_alike(whole, flags, tmp_path):
    work = tmp_path / "work"
    numbers, kills = 0, 0
    one = [flag.replace("(0, 1)", "(0,)") for flag in flags]
    while True:
        process = binaries.start("onset", *one, f"--workdir={work}")
        while process.poll() is None:
            if len([*work.rglob("*.numbers")]) >= numbers + 3:  # two evaluations and a line
                process.send_signal(signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.02)
        if process.wait(binaries.SECONDS) == 0:
            break
        numbers = len([*work.rglob("*.numbers")])
    assert kills >= 3
    assert lines(work) == {at: line for at, line in lines(whole).items() if at[0] == 0}
    expected = artifacts(whole)
    found = {name: content for name, content in artifacts(work).items() if "record" not in name}
    assert found and found == {name: expected.get(name) for name in found}


# Shards of chains: test_shards.py and test_extending.py.
RARE = [pytest.param(way, marks=pytest.mark.faults) for way in ("one worker", "shards")]


@pytest.mark.parametrize("way", ["two workers", *RARE])
def test_a_sweep_decides_alike(whole, flags, tmp_path, way):
    work = tmp_path / "work"
    more = ["--workers=2" if way == "two workers" else "--workers=1"]
    for index in (1, 0) if way == "shards" else (0,):
        shard = [f"--shard_index={index}", "--num_shards=2"] if way == "shards" else []
        binaries.succeed("sweep", *flags, f"--workdir={work}", *more, *shard)
    assert lines(work) == lines(whole)
    kept = {n: b for n, b in artifacts(work).items() if n.startswith("measurements/")}
    assert kept == {n: b for n, b in artifacts(whole).items() if n.startswith("measurements/")}
    if way == "shards":
        nothing_is_lost(work, flags)
