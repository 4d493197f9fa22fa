"""Processes that share a store, and that are killed, against some left in peace."""

import random
import signal
import time
from collections import Counter

import pytest
from binaries import SECONDS, bind, files, start, succeed

from lth_tf.log import log
from lth_tf.store import journal

# Long enough to be killed at a random moment of its training.
LONG = ("STEPS=600", "INITIALIZATIONS=(0,)", "REWIND_STEPS=(0,300)", "MaskSearch.levels=2")
LONG += ("Lenet.widths=(8,)", "Hparams.xla='off'")


@pytest.fixture(scope="module")
def of_two_processes(tmp_path_factory, digits_folder):
    """The store that two processes filled at once."""
    folder = tmp_path_factory.mktemp("two")
    flags = ["--gin_file=demo/imp.gin", *bind(*LONG), f"--data_dir={digits_folder}"]
    flags += [f"--store={folder / 'store'}"]
    both = [start("imp", *flags, f"--workdir={folder / name}") for name in ("one", "other")]
    for process in both:
        assert (process.wait(SECONDS), process.printed()[1]) == (0, "")
    return folder


def test_two_processes_on_one_store_train_each_run_once(of_two_processes):
    trained = Counter[str]()
    for path in (of_two_processes / "store" / "runs").glob("*/*/journal.jsonl"):
        for entry in journal.read(path):
            steps = range(entry["first_step"], entry["last_step"])
            trained.update(f"{path.parent.name} {step}" for step in steps)
    assert len(trained) == 3 * 600 + 3 * 300
    assert set(trained.values()) == {1}
    one, other = (log.read(of_two_processes / name)[0] for name in ("one", "other"))
    assert len(one) == 6
    # In any order: each process leaves what the other trains to the end.
    errors = [{row["key"]: row["test_error"] for row in rows} for rows in (one, other)]
    assert errors[0] == errors[1] and len(errors[0]) == 6


def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    of_two_processes, tmp_path, digits_folder
):
    flags = ["--gin_file=demo/imp.gin", *bind(*LONG), f"--data_dir={digits_folder}"]
    flags += [f"--workdir={tmp_path / 'work'}", "--checkpoint_seconds=1"]
    runs = tmp_path / "work" / "store" / "runs"
    process = start("imp", *flags)
    while process.poll() is None and not any(runs.glob("*/*/at-*.state")):
        time.sleep(0.02)
    time.sleep(random.uniform(0, 0.5))
    process.send_signal(signal.SIGKILL)
    assert process.wait(SECONDS) == -signal.SIGKILL
    succeed("imp", *flags)
    for part in ("measurements", "masks"):
        expected = files(of_two_processes / "store" / part)
        assert files(tmp_path / "work" / "store" / part) == expected
    states = {
        name: content
        for name, content in files(runs).items()
        if name.endswith(".state") and "recovery" not in name
    }
    found = files(of_two_processes / "store" / "runs")
    assert states == {name: found[name] for name in states}
    assert len(states) == len([name for name in found if name.endswith(".state")])
