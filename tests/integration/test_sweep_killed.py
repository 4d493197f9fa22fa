"""A sweep whose worker is killed, and that is stopped, against one left in peace."""

import os
import signal
import subprocess

import pytest
from binaries import SECONDS, command, environment, succeed
from sweeps import LONG, artifacts, flags, holders, rows, wait_for


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, digits_folder):
    """The workdir of a sweep that takes long enough to be disturbed, and was not."""
    work = tmp_path_factory.mktemp("undisturbed") / "work"
    succeed("sweep", *flags(work, digits_folder, *LONG), "--workers=1")
    return work


# tests/faults kills a worker, the sweep or all of its processes every time.
@pytest.mark.faults
def test_a_worker_killed_and_the_sweep_stopped_it_ends_with_the_same_bytes(
    undisturbed, tmp_path, digits_folder
):
    work = tmp_path / "work"
    own = flags(work, digits_folder, *LONG)
    process = subprocess.Popen(
        command("sweep", *own, "--checkpoint_seconds=1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
        # A shell's background job ignores Ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    store = work / "store"
    wait_for(lambda: holders(store), process)
    victim = holders(store)[0]
    os.kill(victim, signal.SIGKILL)
    # Another one goes on; then Ctrl-C, which reaches every process of the terminal.
    wait_for(lambda: victim not in holders(store) and len(artifacts(store)) > 4, process)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    warning, *rest = [line for line in stderr.splitlines() if line]
    assert warning.startswith("warning: a worker died (exit code -9) at run ")
    assert rest == ["stopped; the same command goes on from here"]
    assert holders(store) == []
    succeed("sweep", *own, "--workers=1")
    found, expected = artifacts(store), artifacts(undisturbed / "store")
    assert found == expected
    assert rows(work) == rows(undisturbed)
