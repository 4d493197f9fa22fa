"""The real binaries with a strategy: on two devices, and as two processes, one of them killed."""

import json
import signal
import socket
import time

import numpy as np
import pytest
from binaries import SECONDS, bind, run, run_anew, start

from lth_tf.log import log
from lth_tf.store import journal
from lth_tf.store.artifacts import read

SETTING = """
include 'demo/digits.gin'
Training.model = %MODEL
Training.task = %TASK
Training.hparams = %HPARAMS
Training.steps = %STEPS
Training.initializations = (0,)
Training.noises = (0, 1)
"""
BINDINGS = bind("STEPS=900", "Lenet.widths=(8,)", "Hparams.xla='off'")
# Makes this machine's CPU two devices, in processes that start with it in their path.
TWO_CPUS = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
"""


@pytest.fixture(scope="module")
def flags(tmp_path_factory, digits_folder):
    """What all commands here have in common."""
    gin_file = tmp_path_factory.mktemp("setting") / "training.gin"
    gin_file.write_text(SETTING)
    few = ["--iterations_per_loop=20", "--checkpoint_seconds=1"]
    return [f"--gin_file={gin_file}", f"--data_dir={digits_folder}", *few, *BINDINGS]


def workers(workdir, flags):
    """Two processes that train together; the first is the chief."""
    sockets = [socket.create_server(("localhost", 0)) for _ in range(2)]
    addresses = [f"localhost:{s.getsockname()[1]}" for s in sockets]
    for s in sockets:
        s.close()
    started = []
    for index in range(2):
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": {"worker": addresses}, "task": task})
        where = ("--strategy=multi_worker", f"--workdir={workdir}")
        started.append(start("train", *where, *flags, TF_CONFIG=config))
    return started


def finish(processes):
    """What processes that must succeed printed."""
    codes = [process.wait(SECONDS) for process in processes]
    printed = [process.printed() for process in processes]
    assert codes == [0, 0], printed
    return [out for out, _ in printed]


def states(workdir):
    """The arrays of the states at the end, by file."""
    found = sorted((workdir / "store").glob("runs/*/*/at-*.state"))
    return {path.parent.name: read(path)[1] for path in found}


def artifacts(workdir):
    """Every artifact, byte for byte."""
    patterns = ("runs/*/*/*.state", "masks/*/*", "measurements/*/*")
    paths = [path for pattern in patterns for path in (workdir / "store").glob(pattern)]
    return {path.name + path.parent.name: path.read_bytes() for path in paths}


def assert_close(some, others):
    assert set(some) == set(others) and len(some) == 2
    for key, arrays in some.items():
        for name, array in arrays.items():
            np.testing.assert_allclose(others[key][name], array, rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.fixture(scope="module")
def alone(tmp_path_factory, flags):
    """The workdir of one process with one device."""
    workdir = tmp_path_factory.mktemp("alone")
    done = run("train", f"--workdir={workdir}", *flags)
    assert (done.returncode, done.stderr) == (0, "")
    return workdir


@pytest.fixture(scope="module")
def together(tmp_path_factory, flags):
    """The workdir of two processes that nobody disturbed."""
    workdir = tmp_path_factory.mktemp("together")
    chief, other = finish(workers(workdir, flags))
    assert "LeNet 8" in chief and other == ""
    return workdir


def test_two_devices_give_the_results_of_one(alone, flags, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(TWO_CPUS)
    workdir = tmp_path / "work"
    line = ("train", "--strategy=mirrored", f"--workdir={workdir}", *flags)
    done = run_anew(*line, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert_close(states(workdir), states(alone))
    devices = {row["device"] for row in log.read(workdir)[0]}
    assert len(devices) == 1 and devices.pop().endswith(", 2 replicas")


def test_two_processes_give_the_results_of_one(alone, together):
    assert_close(states(together), states(alone))
    found = [log.read(workdir)[0] for workdir in (alone, together)]
    assert [len(rows) for rows in found] == [2, 2]
    assert {row["key"] for row in found[0]} == {row["key"] for row in found[1]}


def test_what_is_there_is_not_made_again(together, flags):
    before = artifacts(together)
    finish(workers(together, flags))
    assert artifacts(together) == before and len(log.read(together)[0]) == 2


def test_a_dry_run_needs_no_other_worker(together, flags):
    config = json.dumps(
        {"cluster": {"worker": ["nowhere:1", "nowhere:2"]}, "task": {"type": "worker", "index": 0}}
    )
    where = ("--strategy=multi_worker", f"--workdir={together}", "--dry_run")
    done = run("train", *where, *flags, TF_CONFIG=config)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1,800, 0 left to train" in done.stdout


@pytest.mark.faults
@pytest.mark.parametrize("victim", [0, 1])
def test_a_worker_killed_and_all_started_again_change_no_byte(together, flags, tmp_path, victim):
    started = workers(tmp_path, flags)
    deadline = time.monotonic() + SECONDS
    while not [*tmp_path.glob("store/runs/*/*/recovery.state")]:
        assert time.monotonic() < deadline, "nothing is trained"
        assert [process.poll() for process in started] == [None, None], started[0].printed()
        time.sleep(0.01)
    started[victim].send_signal(signal.SIGKILL)
    survivor = started[1 - victim]
    assert survivor.wait(SECONDS) == 2
    _, stderr = survivor.printed()
    assert stderr.splitlines()[-1].startswith("error: another worker is gone, so that this one end")
    assert not [*tmp_path.glob("store/leases/*.lease")] or victim == 0
    finish(workers(tmp_path, flags))
    assert artifacts(tmp_path) == artifacts(together)
    entries = [journal.read(path) for path in tmp_path.glob("store/runs/*/*/journal.jsonl")]
    assert max(len({entry["first_step"] for entry in run}) for run in entries) > 1


def test_flags_that_do_not_go_together_are_named(flags, tmp_path):
    wrong = {
        ("--tpu=x", "--tpu_zone=y", f"--workdir={tmp_path}"): "--tpu, --tpu_zone is for --strategy",
        ("--workdir=gs://bucket/x",): "--workdir=gs://bucket/x: it takes a folder of a file system",
        ("--strategy=multi_worker", f"--workdir={tmp_path}"): "TF_CONFIG is not set",
        ("--strategy=tpu", "--tpu=local", f"--workdir={tmp_path}"): "this TensorFlow has no kernel",
    }
    for given, expected in wrong.items():
        done = run("train", *given, *flags)
        assert done.returncode == 2 and expected in done.stderr, (given, done.stderr)
        assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("error: ")
