"""A process that holds a lease, and leases of processes that there are not."""

import functools
import json
import subprocess
import sys
import time

from lth_tf.store import lease_files
from lth_tf.store.leases import Lease, acquire, try_acquire

NAME = "run"
acquire_quickly = functools.partial(acquire, heartbeat_seconds=0.05, patience_seconds=0.3)
HOLDER = """
import sys
from pathlib import Path
from lth_tf.store.leases import LeaseLost, acquire
lease = acquire(Path(sys.argv[1]), "run", heartbeat_seconds=0.05)
print("held", flush=True)
for line in sys.stdin:
    try:
        lease.check()
        print("still held", flush=True)
    except LeaseLost as error:
        print("lost", lease.lost, error, flush=True)
"""


class Process:
    """Another process that holds the lease; it is killed at the end of the test."""

    def __init__(self, folder):
        command = [sys.executable, "-c", HOLDER, str(folder)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self.process.stdin and self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        assert self.stdout.readline() == "held\n"

    def ask(self):
        self.stdin.write("?\n")
        self.stdin.flush()
        return self.stdout.readline().strip()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.stdin.close()
        self.stdout.close()


def take(folder, tries=1) -> Lease:
    """Takes the lease without the patience that a living owner would have to be given."""
    for _ in range(tries):
        if lease := try_acquire(folder, NAME):
            return lease
        time.sleep(0.01)
    raise AssertionError("the lease was not to be had")


def lease_file(folder):
    return folder / "run.lease"


def forge(path, **changes):
    """Writes a lease as this process would, with some fields changed."""
    content = {**json.loads(lease_files.Owner().content()), **changes}
    path.write_text(json.dumps(content))
    return path.read_bytes()


def dead_pid():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def claim_of(path, content):
    """Where the sole right to change a lease is claimed."""
    return lease_files.claim_path(path, content)
