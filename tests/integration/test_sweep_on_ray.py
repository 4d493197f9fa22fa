"""A sweep on a Ray cluster of two nodes, one of which is killed."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from binaries import SECONDS, command, environment, run, run_anew, succeed
from sweeps import LONG as SHORTER
from sweeps import artifacts, flags, holders, rows, wait_for

pytest.importorskip("ray")

# So that both nodes are training at the same moment, however much later the second begins.
LONG = tuple(b.replace("STEPS=1200", "STEPS=4000") for b in SHORTER)
# Every node must know the cluster's secret.
SECRET = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
NODE = ("--num-cpus=1", "--node-ip-address=127.0.0.1", "--disable-usage-stats", "--block")


@contextlib.contextmanager
def node(folder: Path, *arguments: str) -> Iterator[subprocess.Popen]:
    """A node of one core, as `ray start` makes it: a session of processes, killed at the end."""
    ray = Path(sys.executable).with_name("ray")
    with open(folder / "nodes.txt", "ab") as output:
        process = subprocess.Popen(
            [ray, "start", *arguments, *NODE],
            stdout=output,
            stderr=output,
            env=environment(**SECRET),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """Kills every process of a node at once, its workers too, as a power cut would."""
    for path in Path("/proc").iterdir():
        with contextlib.suppress(ValueError, OSError):
            if os.getsid(int(path.name)) == process.pid:
                os.kill(int(path.name), signal.SIGKILL)
    process.wait()


def wait_until_up(address: str) -> None:
    """Waits until a cluster of two nodes answers."""
    code = f"import ray; ray.init('{address}'); assert ray.cluster_resources()['CPU'] == 2"
    deadline = time.monotonic() + SECONDS
    while subprocess.run(
        [sys.executable, "-c", code], env=environment(**SECRET), capture_output=True
    ).returncode:
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.fixture
def cluster(tmp_path) -> Iterator[tuple[str, subprocess.Popen]]:
    """The address of a cluster of two nodes, and the second of them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    with node(tmp_path, "--head", f"--port={port}", "--include-dashboard=false"):
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.1)
        with node(tmp_path, f"--address={address}") as second:
            wait_until_up(address)
            yield address, second


# That a sweep over Ray gives the same numbers test_extending.py tries every time.
@pytest.mark.faults
def test_a_node_killed_in_the_middle_changes_no_byte(cluster, tmp_path, digits_folder):
    address, second = cluster
    work = tmp_path / "work"
    own = (*flags(work, digits_folder, *LONG), "--engine=ray", "--checkpoint_seconds=1")
    process = subprocess.Popen(
        command("sweep", *own, f"--ray_address={address}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**SECRET),
    )

    def both_nodes_are_training() -> bool:
        with contextlib.suppress(ProcessLookupError):
            return len({os.getsid(pid) for pid in holders(work / "store")}) == 2
        return False

    wait_for(both_nodes_are_training, process)
    kill(second)
    stdout, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, stderr
    (warning,) = stderr.splitlines()
    assert warning.startswith("warning: a worker died (")
    assert "LeNet 8 on digits, after 4000 steps" in stdout and "raylet" not in stdout
    succeed("sweep", *flags(tmp_path / "alone", digits_folder, *LONG), "--workers=1")
    assert artifacts(work / "store") == artifacts(tmp_path / "alone" / "store")
    assert rows(work) == rows(tmp_path / "alone")


def test_no_such_cluster_is_one_line(tmp_path, digits_folder):
    own = flags(tmp_path / "work", digits_folder, *LONG)
    done = run("sweep", *own, "--engine=ray", "--ray_address=nowhere", **SECRET)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --ray_address=nowhere: "), done.stderr
    assert done.stderr.count("\n") == 1


def test_without_ray_the_line_names_the_extra(tmp_path, digits_folder):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['ray'] = None")
    own = flags(tmp_path / "work", digits_folder, *LONG)
    done = run_anew("sweep", *own, "--engine=ray", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("error: --engine=ray needs Ray"), done.stderr
    assert "pip install 'lth_tf[ray]'" in done.stderr and done.stderr.count("\n") == 1
