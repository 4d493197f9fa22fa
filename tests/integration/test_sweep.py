"""lth-sweep as a user runs it, against the binaries of one experiment each."""

import itertools
import json
import re
from collections import Counter
from pathlib import Path

import in_this_process
import pytest
from binaries import (
    SECONDS,
    bind,
    files,
    has_loaded_tensorflow,
    in_one_process,
    probing,
    run,
    run_anew,
    start,
    succeed,
    succeed_anew,
)
from sweeps import SMALL, artifacts, flags, rows, trained, wait_for

from lth_tf.analysis.points import where
from lth_tf.lab import Lab
from lth_tf.log import log
from lth_tf.recipes import dag
from lth_tf.store import format_file, leases
from lth_tf.store.layout import Layout
from lth_tf.sweep.jobs import make_jobs
from lth_tf.sweep.queue import Queue

# The flags that say what a sweep is of.
GIVEN = ("gin_file", "gin_bindings", "over")


@pytest.fixture(scope="module")
def swept(tmp_path_factory, digits_folder):
    """The workdir of a sweep by two workers."""
    work = tmp_path_factory.mktemp("swept") / "work"
    work.parent.joinpath("out").write_text(
        succeed("sweep", *flags(work, digits_folder, *SMALL), "--workers=2")
    )
    return work


def test_all_is_as_the_binaries_of_one_experiment_leave_it(swept, tmp_path, digits_folder):
    commands = [
        [
            kind,
            f"--gin_file=demo/{kind}.gin",
            f"--workdir={tmp_path}",
            f"--data_dir={digits_folder}",
        ]
        + bind("Hparams.threads=1", "INITIALIZATIONS=(0,)", f"REWIND_STEPS=({k},)")
        + bind(*(b for b in SMALL if kind == "instability" or "Instability" not in b))
        for k, kind in itertools.product((0, 5), ("imp", "instability"))
    ]
    in_one_process(commands)
    assert artifacts(swept / "store") == artifacts(tmp_path / "store")
    assert rows(swept) == rows(tmp_path)
    registered = [files(work / "store" / "experiments").keys() for work in (swept, tmp_path)]
    assert registered[0] == registered[1] and len(registered[0]) == 4
    # Their heads apart, which have the command.
    texts = [
        {name: text.split(b"\n\n", 1)[1] for name, text in files(work / "configurations").items()}
        for work in (swept, tmp_path)
    ]
    assert texts[0] == texts[1]
    assert files(swept / "figures").keys() == files(tmp_path / "figures").keys()
    curves = [
        {path.parent.name for path in work.glob("tensorboard/*/*/events.*")}
        for work in (swept, tmp_path)
    ]
    assert curves[0] == curves[1]


def test_the_plan_is_printed_first_and_then_what_came_of_it(swept):
    printed = swept.parent.joinpath("out").read_text()
    # 3 levels, and 2 copies of 4 networks, at 40 and at 35 steps.
    assert "experiments   4\nmeasurements  30, 0 already there\n" in printed
    assert f"steps         {11 * 75:,}, {11 * 75:,} left to train" in printed
    assert "LeNet 8 on digits, after 40 steps" in printed
    assert str(swept / "figures") in printed


def test_every_step_was_taken_once_and_nothing_is_left_behind(swept):
    steps = trained(swept / "store")
    assert len(steps) == 11 * 75 and set(steps.values()) == {1}
    assert not list((swept / "store" / "leases").iterdir())
    assert not (swept / "logs").exists()


def test_run_again_nothing_is_made_and_no_tensorflow_loaded(swept, tmp_path, digits_folder):
    lasting = [swept / part for part in ("store", "results")]
    before = [files(part) for part in lasting]
    own = flags(swept, digits_folder, *SMALL)
    succeed_anew("sweep", *own, **probing(tmp_path))
    assert [files(part) for part in lasting] == before
    assert not has_loaded_tensorflow(tmp_path)


def test_a_run_that_diverges_is_a_result(tmp_path, digits_folder):
    work = tmp_path / "work"
    few = ("STEPS=20", "Lenet.widths=(8,)", "Hparams.xla='off'", "MaskSearch.levels=1")
    own = [*flags(work, digits_folder, *few), "--over=Constant.rate=[0.01, 1e36]", "--workers=1"]
    said = "8 measurements diverged and are in no figure\n"
    done = run("sweep", *own)
    assert (done.returncode, done.stderr) == (0, said)
    found = log.read(work)[0]
    assert Counter(row["status"] for row in found) == {"done": 8, "diverged": 8}
    # There is nothing left to do, which is known without TensorFlow.
    done = run_anew("sweep", *own, **probing(tmp_path))
    assert (done.returncode, done.stderr) == (0, said)
    assert "steps         280, 0 left to train" in done.stdout
    assert not has_loaded_tensorflow(tmp_path)
    assert log.read(work)[0] == found


def test_shards_one_after_the_other_are_the_whole(swept, tmp_path, digits_folder):
    own = [*flags(tmp_path / "work", digits_folder, *SMALL), "--num_shards=2", "--workers=1"]
    # The second needs what the first is there for, and goes first.
    for index in (1, 0):
        printed = succeed("sweep", *own, f"--shard_index={index}")
        assert f"experiments   4, shard {index} of 2" in printed
    assert rows(tmp_path / "work") == rows(swept)
    assert artifacts(tmp_path / "work" / "store") == artifacts(swept / "store")
    assert set(trained(tmp_path / "work" / "store").values()) == {1}


def run_of_first_level(work: Path) -> str:
    """The key of a run that is trained from initialization under a mask of level 1."""
    found = where(log.read(work)[0], experiment="imp", network="imp", level=1, rewind_step=0)
    (row,) = [row for row in found if row["kind"] == "evaluation"]
    document = work / "store" / "experiments" / f"{row['configuration']}.json"
    recipes = json.loads(document.read_text())["recipes"]
    texts = {key: recipes[key]["text"] for key in recipes[row["key"]]["children"]}
    (state,) = [key for key, text in texts.items() if text.startswith("step ")]
    (run,) = recipes[state]["children"]
    return run


def test_a_run_that_fails_is_reported_and_the_others_go_on(swept, tmp_path, digits_folder):
    work = tmp_path / "work"
    key = run_of_first_level(swept)
    broken = work / "store" / "leases" / f"{key}.lease"  # a folder, where a file should be
    broken.mkdir(parents=True)
    (work / "store" / "format.json").write_bytes((swept / "store" / "format.json").read_bytes())
    done = run("sweep", *flags(work, digits_folder, *SMALL))
    assert done.returncode == 1
    failures = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    (failure,) = failures
    log_file = work / "logs" / f"{key[:10]}.log"
    assert failure.startswith(f"failed: run {key[:10]} from initialization ")
    # Levels are searched under noise of their own.
    assert re.search(rf"prune mask of level 1, noise \d+: cannot write {broken}: ", failure)
    assert failure.endswith(f"its log: {log_file}")
    assert "Traceback" in log_file.read_text() and list(work.joinpath("logs").iterdir()) == [
        log_file
    ]
    skipped = [line for line in done.stderr.splitlines() if line.startswith("skipped: ")]
    # The second level, and of three networks two copies and a line.
    assert len(skipped) == 1 + 3 * 3 and all(f"needs run {key[:10]}" in s for s in skipped)
    assert "1 of 30 jobs failed, 10 that need them were skipped, 19 are done" in done.stderr
    assert "LeNet 8 on digits" in done.stdout
    assert len(rows(work)) == len(rows(swept)) - 11
    broken.rmdir()
    succeed("sweep", *flags(work, digits_folder, *SMALL), "--workers=1")
    assert rows(work) == rows(swept)
    assert artifacts(work / "store") == artifacts(swept / "store")
    assert not log_file.exists()


def test_what_another_process_trains_is_left_to_the_end(swept, tmp_path, digits_folder):
    work = tmp_path / "work"
    imp = [binding for binding in SMALL if "Instability" not in binding]
    own, layout = flags(work, digits_folder, *imp), Layout(work / "store")
    requests = requests_of(own, work, digits_folder)
    first = Queue(make_jobs(requests, layout, lambda task: 0)).best().key
    recipes = dag(*(request.measurement for request in requests)).values()
    others = [r for r in recipes if r.made_by and first not in {c.key for c in dag(r).values()}]
    format_file.open_root(layout.root)
    with leases.acquire(layout.leases, first):
        process = start("sweep", *own, "--workers=1")
        wait_for(lambda: all(layout.artifact(r).exists() for r in others), process)
    assert process.wait(SECONDS) == 0, process.printed()
    found, expected = artifacts(layout.root), artifacts(swept / "store")
    both = found.keys() & expected.keys()
    assert (
        len(others) > 4
        and len(both) > 4
        and {n: found[n] for n in both}.items() <= expected.items()
    )


def requests_of(own, work, data_dir):
    """The measurements of the sweep that some flags ask for."""
    given = [[f.partition("=")[2] for f in own if f.startswith(f"--{name}=")] for name in GIVEN]
    files, bindings, over = given
    studies = Lab(work, data_dir=data_dir).sweep(*files, bindings=bindings, over=over)
    return [request for each in studies for request in each.experiment.requests()]


BAD = {
    ("--over=INITIALIZATIONS",): ("axis 'INITIALIZATIONS'", "NAME = [VALUE, VALUE, ...]"),
    ("--over=Imp.stepz=[1]",): ("Imp.stepz = 1", "'stepz'", "it has model"),
    ("--over=UNUSED=[1,2]",): ("axis 'UNUSED=[1,2]'", "no experiment of the sweep uses UNUSED"),
    ("--over=Lenet.classes=[10,9]",): ("Lenet.classes", "9", "10 classes"),
    ("--shard_index=2", "--num_shards=2"): ("--shard_index=2", "from 0 to 1"),
    ("--workers=0",): ("--workers", "0"),
    ("--engine=dask",): ("--engine", "dask", "ray"),
    ("--cpus_per_run=2",): ("--cpus_per_run=2", "--engine=ray only"),
}


@pytest.mark.parametrize("wrong", BAD, ids=" ".join)
def test_bad_input_is_one_line(wrong, tmp_path, digits_folder):
    own = flags(tmp_path / "work", digits_folder, *SMALL)
    done = in_this_process.run("sweep", *own, *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    for part in BAD[wrong]:
        assert part in done.stderr, done.stderr
    assert not (tmp_path / "work").exists()


def test_a_dry_run_prints_the_plan_and_writes_nothing(tmp_path, digits_folder):
    own = flags(tmp_path / "work", digits_folder, *SMALL)
    printed = in_this_process.succeed("sweep", *own, "--dry_run")
    assert "runs          22, 0 already there" in printed
    assert not (tmp_path / "work").exists()
