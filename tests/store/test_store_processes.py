"""Processes that are killed, and processes that share a store, against one left in peace."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import experiment_process
import pytest

from lth_tf.recipes import At, dag
from lth_tf.store import journal, records
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan

MEASUREMENTS = [request.measurement for request in experiment_process.EXPERIMENT.requests()]
KILLS = 6
TIMEOUT_SECONDS = 300


class Forker:
    """Starts processes on a store without waiting for TensorFlow to load each time."""

    def __init__(self, data_dir, folder):
        self.folder, self.started = folder, 0
        command = [sys.executable, experiment_process.__file__, data_dir]
        with open(folder / "stderr", "wb") as stderr:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
            )

    def ask(self, line):
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, root, steps_per_call):
        self.started += 1
        progress = self.folder / f"progress{self.started}"
        return self.ask(f"{root} {progress} {steps_per_call}"), progress

    def wait(self, pid):
        """The exit status; 9 for one that was killed."""
        return self.ask(f"wait {pid}")

    def end(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def forker(digits_folder, tmp_path_factory):
    process = Forker(digits_folder, tmp_path_factory.mktemp("forker"))
    yield process
    process.end()


@pytest.fixture(scope="module")
def undisturbed(forker, tmp_path_factory):
    """The files of a store that one process filled, in calls as long as they come."""
    root = tmp_path_factory.mktemp("undisturbed") / "store"
    pid, _ = forker.start(root, 1000)
    assert forker.wait(pid) == 0, (forker.folder / "stderr").read_text()[-3000:]
    return artifacts(root)


def artifacts(root):
    """Every state, mask, measurement and run's record, byte for byte."""
    patterns = ("runs/*/*/*.state", "masks/*/*", "measurements/*/*")
    paths = [path for pattern in patterns for path in Path(root).glob(pattern)]
    found = {str(p.relative_to(root)): p.read_bytes() for p in paths if p.suffix != ".tmp"}
    return found | {f"record of {run.key}": recorded(Path(root), run) for run in runs()}


def recorded(root, run):
    """All of a run's record, from whatever segments it is in."""
    last = max(state.step for state in states() if state.run == run)
    record = records.read(Layout(root).run(run), run.key, run.first_step, last, root)
    assert record.complete
    return record.losses.tobytes() + record.correct.tobytes()


def states():
    """The states that the experiment needs."""
    return [r for m in MEASUREMENTS for r in dag(m).values() if isinstance(r, At)]


def runs():
    """The runs of the experiment."""
    return {state.run for state in states()}


def journals(root):
    """By run: the steps that were trained, all processes together."""
    entries = {run: journal.read(Layout(root).journal(run)) for run in runs()}
    return {run: sum(e["last_step"] - e["first_step"] for e in es) for run, es in entries.items()}


def wait_for_steps(progress, steps):
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not progress.exists() or progress.stat().st_size < steps:
        assert time.monotonic() < deadline, "the process does not train"
        time.sleep(0.001)


def test_one_process_trains_what_the_plan_says(undisturbed):
    ends = [name for name in undisturbed if "/at-" in name]
    assert len(ends) == 4 and not any("recovery" in name for name in undisturbed)
    assert len([name for name in undisturbed if name.startswith("measurements")]) == 3


def test_kill_9_at_random_moments_changes_no_byte(forker, undisturbed, tmp_path):
    root = tmp_path / "store"
    draw = random.Random(0)
    for number in range(KILLS):
        victim, progress = forker.start(root, 40)
        # Early enough that the victims cannot complete all 1,120 steps between them.
        wait_for_steps(progress, draw.randint(1, 60))
        if number == KILLS - 1:  # The heir waits for the last victim's lease, or comes later.
            heir, inherited = forker.start(root, 40)
        time.sleep(draw.uniform(0, 0.005))
        os.kill(victim, signal.SIGKILL)
        assert forker.wait(victim) == signal.SIGKILL
    assert forker.wait(heir) == 0
    assert artifacts(root) == undisturbed
    # The heir did not start from scratch.
    assert inherited.stat().st_size < experiment_process.STEPS


def test_two_processes_train_each_run_once(forker, undisturbed, tmp_path):
    root = tmp_path / "store"
    planned = make_plan(MEASUREMENTS, Layout(root)).steps_left
    processes = [forker.start(root, 40) for _ in range(2)]
    assert [forker.wait(pid) for pid, _ in processes] == [0, 0]
    assert sorted(journals(root).values()) == [40, 360, 360, 360]
    assert sum(journals(root).values()) == planned == experiment_process.STEPS
    assert artifacts(root) == undisturbed
