"""Processes that are killed, and processes that share a store, against one left in peace."""

import itertools
import random
import signal
import time
from pathlib import Path

import binaries
import experiment_process
import pytest

from lth_tf.recipes import At, dag
from lth_tf.store import journal, records
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan

MEASUREMENTS = [request.measurement for request in experiment_process.EXPERIMENT.requests()]
KILLS = 6
TIMEOUT_SECONDS = 300


@pytest.fixture(scope="module")
def start(digits_folder, tmp_path_factory):
    """Starts a process on a store; returns it and the file that says how many steps it took."""
    folder, numbers = tmp_path_factory.mktemp("progress"), itertools.count()

    def start(root, steps_per_call):
        progress = folder / str(next(numbers))
        arguments = (digits_folder, root, progress, steps_per_call)
        return binaries.start(experiment_process.__file__, *arguments), progress

    return start


@pytest.fixture(scope="module")
def undisturbed(start, tmp_path_factory):
    """The files of a store that one process filled, in calls as long as they come."""
    root = tmp_path_factory.mktemp("undisturbed") / "store"
    process, _ = start(root, 1000)
    assert process.wait(TIMEOUT_SECONDS) == 0, process.printed()[1][-3000:]
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
    record = records.read(Layout(root).run(run), run.first_step, last, root)
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


def test_kill_9_at_random_moments_changes_no_byte(start, undisturbed, tmp_path):
    root = tmp_path / "store"
    draw = random.Random(0)
    for number in range(KILLS):
        victim, progress = start(root, 40)
        # Early enough that the victims cannot complete all 1,120 steps between them.
        wait_for_steps(progress, draw.randint(1, 60))
        if number == KILLS - 1:  # The heir waits for the last victim's lease, or comes later.
            heir, inherited = start(root, 40)
        time.sleep(draw.uniform(0, 0.005))
        victim.send_signal(signal.SIGKILL)
        assert victim.wait(TIMEOUT_SECONDS) == -signal.SIGKILL
    assert heir.wait(TIMEOUT_SECONDS) == 0
    assert artifacts(root) == undisturbed
    # The heir did not start from scratch.
    assert inherited.stat().st_size < experiment_process.STEPS


def test_two_processes_train_each_run_once(start, undisturbed, tmp_path):
    root = tmp_path / "store"
    planned = make_plan(MEASUREMENTS, Layout(root)).steps_left
    processes = [start(root, 40)[0] for _ in range(2)]
    assert [process.wait(TIMEOUT_SECONDS) for process in processes] == [0, 0]
    assert sorted(journals(root).values()) == [40, 360, 360, 360]
    assert sum(journals(root).values()) == planned == experiment_process.STEPS
    assert artifacts(root) == undisturbed
