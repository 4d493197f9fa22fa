"""Leases: one process at a time does one thing, among all that share a store.

They need nothing of the file system but an atomic link and an atomic rename, and nothing of the
machines' clocks. A lease is a small file with its owner's identity, a nonce and a beat that the
owner raises every few seconds. It is abandoned when its owner's process is gone, which processes
of the same machine see at once, or when it has not changed for as long as an observer's patience.
How it changes hands is in `lease_files`.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from lth_tf.store import files, lease_files
from lth_tf.store.lease_files import (
    FailureDetector,
    Owner,
    describe,
    is_dead,
    is_of_this_machine,
    parse,
)

_FIRST_POLL_SECONDS = 0.01
_HEARTBEAT_SECONDS = 5.0
# An owner that lives shows it every few seconds; this allows for clocks that differ.
_SILENCE_SECONDS = 3600.0


class LeaseHeld(Exception):
    """Another process holds a lease that this one was not to wait for."""


class LeaseLost(RuntimeError):
    """The lease is no longer this process's own: files that it guards must not be written."""


class Lease:
    """A lease that this process holds; a context manager that releases it.

    Attributes:
      path: its file.
      lost: whether it was found to be another process's. `check` reads the file again.
    """

    def __init__(self, path: Path, owner: Owner, heartbeat_seconds: float) -> None:
        self.path, self.lost = path, False
        self._owner, self._heartbeat_seconds = owner, heartbeat_seconds
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease {path.name}", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises LeaseLost unless this very process holds the lease now.

        Call it right before writing a file that the lease guards. StoreError if the lease cannot be
        read.
        """
        if os.getpid() != self._owner.pid:
            raise LeaseLost(f"lease {self.path} is held by the process that this one forked from")
        try:
            content = None if self._released.is_set() else lease_files.read(self.path)
        except OSError as error:
            raise files.store_error("read", self.path, error) from error
        if self.lost or not self._owner.wrote(content):
            self.lost = True
            raise LeaseLost(f"lease {self.path} was lost; it is now with {describe(content)}")

    def release(self) -> None:
        """Gives the lease back; harmless if it was lost, or in a process forked from the owner."""
        if os.getpid() != self._owner.pid or self._released.is_set():
            return
        self._released.set()
        self._thread.join()
        # A second round is needed only where another process claimed the lease at this moment.
        with contextlib.suppress(OSError):
            for _ in range(10):
                content = lease_files.read(self.path)
                if content is None or not self._owner.wrote(content):
                    return
                if lease_files.remove(self.path, content, self._owner, FailureDetector()):
                    return
                time.sleep(_FIRST_POLL_SECONDS)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()

    def _beat(self) -> None:
        beat = 0
        while not self.lost and not self._released.wait(self._heartbeat_seconds):
            beat += 1
            # A disk that fails for a while is not a lost lease: the next beat tells.
            with contextlib.suppress(OSError):
                self.lost = not self._owner.rewrite(self.path, beat)


def acquire(
    folder: Path,
    name: str,
    on_wait: Callable[[str], object] | None = None,
    heartbeat_seconds: float = _HEARTBEAT_SECONDS,
    patience_seconds: float = 30.0,
) -> Lease:
    """Waits until the lease is free or abandoned and takes it.

    Args:
      on_wait: called with a description of the holder when the waiting begins and whenever
        another holder is found.
      heartbeat_seconds: the period in which the new lease shows that its owner lives.
      patience_seconds: the time without a heartbeat after which an owner on another machine, or a
        stopped one on this machine, counts as dead; at least twice the heartbeat.

    Raises:
      StoreError: leases cannot be written there.
    """
    if patience_seconds < 2 * heartbeat_seconds:
        raise ValueError(f"patience {patience_seconds} s is too short: 2 heartbeats at least")
    path, detector, reported = _path(folder, name), FailureDetector(patience_seconds), None
    longest = min(lease_files.LONGEST_POLL_SECONDS, heartbeat_seconds / 2)
    pause = _FIRST_POLL_SECONDS
    while (lease := _attempt(path, detector, heartbeat_seconds)) is None:
        present = holder(folder, name)
        if on_wait and present and present != reported:
            on_wait(present)
            reported = present
        time.sleep(pause)
        pause = min(1.5 * pause, longest)
    return lease


def try_acquire(folder: Path, name: str) -> Lease | None:
    """Takes the lease if it is free or its owner is known to be dead; else returns None at once.

    Raises:
      StoreError: leases cannot be written there.
    """
    return _attempt(_path(folder, name), FailureDetector(), _HEARTBEAT_SECONDS)


def holder(folder: Path, name: str) -> str | None:
    """Returns the holder of a lease, such as 'process 1234 on node7'; None if it is free."""
    content = lease_files.read(_path(folder, name))
    return None if content is None else describe(content)


def living_holder(folder: Path, name: str) -> str | None:
    """Returns the holder of a lease, as `holder`; None if it is dead or seems to be."""
    path = _path(folder, name)
    content = lease_files.read(path)
    if content is None or is_dead(content):
        return None
    if not is_of_this_machine(parse(content)):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _SILENCE_SECONDS:
                return None
    return describe(content)


def remove_dead(folder: Path) -> None:
    """Removes leases of killed processes of this machine that no process waits for.

    Files that cannot be removed stay; a process that needs such a lease reports it.
    """
    # Longer names first: a lease with a claim on it cannot be removed.
    for path in sorted(folder.glob("*.lease*"), reverse=True):
        with contextlib.suppress(OSError):
            content = lease_files.read(path)
            if content is not None and is_dead(content):
                lease_files.remove(path, content, Owner(), FailureDetector())


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.lease"


def _attempt(path: Path, detector: FailureDetector, heartbeat_seconds: float) -> Lease | None:
    """Takes the lease if it is free or abandoned."""
    owner = Owner()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = lease_files.read(path)
        if content is None:
            taken = lease_files.create(path, owner)
        else:
            taken = detector.has_failed(path, content) and lease_files.take_over(
                path, content, owner, detector
            )
    except OSError as error:
        raise files.store_error("write", path, error) from error
    return Lease(path, owner, heartbeat_seconds) if taken else None
