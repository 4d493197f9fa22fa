"""Leases: one process at a time does one thing, among all that share a store.

They need nothing of the file system but an atomic link and an atomic rename, and nothing of the
machines' clocks. A lease is a small file with its owner's identity, a nonce and a beat that the
owner raises every few seconds. It is abandoned when its owner's process is gone, which processes
of the same machine see at once, or when it has not changed for as long as an observer's patience.

Whoever wants to change the file at `path` while it holds nonce N, be it to release it or to take
it over, first creates the *claim* <path>.<N> and then looks again at `path`. Only one can create
it, and nonces never return, so if `path` still holds N, it is the claimant's alone to change.
Taking over is renaming the claim onto `path`: there is no moment at which the name is free. A
claimant that dies is dealt with in the same way, as a claim is itself such a file.
"""

import contextlib
import errno
import hashlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lth_tf.store import files, processes

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_FIRST_POLL_SECONDS = 0.01
_LONGEST_POLL_SECONDS = 1.0


class LeaseLost(RuntimeError):
    """The lease is no longer this process's own: what it guards must not be written."""


class Lease:
    """A lease that is held; a context manager that releases it.

    Attributes:
      path: its file.
      lost: whether it was found to be someone else's by now. `check` looks for itself.
    """

    def __init__(self, path: Path, owner: "_Owner", heartbeat_seconds: float) -> None:
        self.path, self.lost = path, False
        self._owner, self._heartbeat_seconds = owner, heartbeat_seconds
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease {path.name}", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises LeaseLost unless this very process holds the lease now.

        Call it right before writing what the lease guards. StoreError if it cannot be told.
        """
        if os.getpid() != self._owner.pid:
            raise LeaseLost(f"lease {self.path} is held by the process that this one forked from")
        try:
            content = None if self._released.is_set() else _read(self.path)
        except OSError as error:
            raise files.cannot("read", self.path, error) from error
        if self.lost or not self._owner.wrote(content):
            self.lost = True
            raise LeaseLost(f"lease {self.path} was lost; it is now with {_describe(content)}")

    def release(self) -> None:
        """Gives the lease back; harmless if it was lost, or in a process forked from the owner."""
        if os.getpid() != self._owner.pid or self._released.is_set():
            return
        self._released.set()
        self._thread.join()
        # A second round is needed only where another process claimed the lease at this moment.
        with contextlib.suppress(OSError):
            for _ in range(10):
                content = _read(self.path)
                if content is None or not self._owner.wrote(content):
                    return
                if _remove(self.path, content, self._owner, _Watch(float("inf"))):
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
    heartbeat_seconds: float = 5.0,
    patience_seconds: float = 30.0,
) -> Lease:
    """Waits until the lease is free or abandoned and takes it.

    Args:
      folder: where leases are kept; made if needed.
      name: what the lease is for; a file name.
      on_wait: called with a description of the holder when the waiting begins and whenever
        another holder is found.
      heartbeat_seconds: how often the new lease shows that its owner lives.
      patience_seconds: after how long without a heartbeat another machine's owner, or a stopped
        one of this machine, counts as dead; at least twice the heartbeat.

    Raises:
      StoreError: leases cannot be written there.
    """
    if patience_seconds < 2 * heartbeat_seconds:
        raise ValueError(f"patience {patience_seconds} s is too short: 2 heartbeats at least")
    path, watch, told = _path(folder, name), _Watch(patience_seconds), None
    pause, longest = _FIRST_POLL_SECONDS, min(_LONGEST_POLL_SECONDS, heartbeat_seconds / 2)
    while (lease := _attempt(path, watch, heartbeat_seconds)) is None:
        found = holder(folder, name)
        if on_wait and found and found != told:
            on_wait(found)
            told = found
        time.sleep(pause)
        pause = min(1.5 * pause, longest)
    return lease


def try_acquire(folder: Path, name: str, heartbeat_seconds: float = 5.0) -> Lease | None:
    """Takes the lease if it is free or its owner is known to be dead; else returns None at once.

    Raises:
      StoreError: leases cannot be written there.
    """
    return _attempt(_path(folder, name), _Watch(float("inf")), heartbeat_seconds)


def holder(folder: Path, name: str) -> str | None:
    """Who holds a lease, such as 'process 1234 on node7', for messages; None if it is free."""
    content = _read(_path(folder, name))
    return None if content is None else _describe(content)


def lives(folder: Path, name: str) -> bool | None:
    """Whether the holder of a lease lives; None if it is not a process of this machine."""
    content = _read(_path(folder, name))
    if content is None or _dead(content):
        return False
    return True if _is_of_this_machine(_parse(content)) else None


def remove_dead(folder: Path) -> None:
    """Removes what is left of processes of this machine that were killed, for which nobody waits.

    What cannot be removed stays: it is harmless until it is in somebody's way, who says so.
    """
    # Longer names first: a claim is in the way of removing what it is on.
    for path in sorted(folder.glob("*.lease*"), reverse=True):
        with contextlib.suppress(OSError):
            content = _read(path)
            if content is not None and _dead(content):
                _remove(path, content, _Owner(), _Watch(float("inf")))


class _Owner:
    """This process as the owner of one lease; its content has the same length at every beat."""

    def __init__(self) -> None:
        self.pid, self.nonce = os.getpid(), secrets.token_hex(16)
        self._identity = {
            "host": socket.gethostname(),
            "boot": processes.boot(),
            "pid": self.pid,
            "started": processes.started(self.pid),
            "nonce": self.nonce,
        }

    def content(self, beat: int = 0) -> bytes:
        return json.dumps({**self._identity, "beat": f"{beat:012d}"}).encode()

    def wrote(self, content: bytes | None) -> bool:
        return content is not None and _parse(content).get("nonce") == self.nonce

    def rewrite(self, path: Path, beat: int) -> bool:
        """Raises the beat, if the lease is still this owner's; returns whether it is.

        It is changed in place. Were it replaced, an owner that was stopped between looking and
        replacing would put its lease over its successor's.
        """
        try:
            with open(path, "r+b", buffering=0) as file:
                if not self.wrote(file.read()):
                    return False
                file.seek(0)
                file.write(self.content(beat))
                return True
        except FileNotFoundError:
            return False


class _Watch:
    """What an observer has seen of files that should change if their owners live."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience = patience_seconds
        self._seen: dict[Path, tuple[bytes, float, float]] = {}

    def abandoned(self, path: Path, content: bytes) -> bool:
        """Whether the owner is dead, or the content unchanged over looks that span the patience.

        Time in which this process was itself stopped hardly counts: it saw nothing then.
        """
        now = time.monotonic()
        before, last, waited = self._seen.get(path, (content, now, 0.0))
        waited = waited + min(now - last, 2 * _LONGEST_POLL_SECONDS) if content == before else 0.0
        self._seen[path] = (content, now, waited)
        return waited > self._patience or _dead(content)


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.lease"


def _parse(content: bytes) -> dict[str, Any]:
    """The fields of a lease; none if it is damaged."""
    try:
        fields = json.loads(content)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _describe(content: bytes | None) -> str:
    if content is None:
        return "nobody"
    fields = _parse(content)
    if "pid" not in fields or "host" not in fields:
        return "an unknown process (its lease is damaged)"
    return f"process {fields['pid']} on {fields['host']}"


def _dead(content: bytes) -> bool:
    """Whether the owner is known to be dead: it ran on this boot of this machine, and is gone."""
    fields = _parse(content)
    pid = fields.get("pid")
    if not _is_of_this_machine(fields) or type(pid) is not int:
        return False
    start = processes.started(pid)
    return start is None or bool(start and start != fields.get("started"))


def _is_of_this_machine(fields: dict[str, Any]) -> bool:
    """Whether the owner ran on this boot of this machine, where its process can be looked up."""
    here = (socket.gethostname(), processes.boot())
    return bool(here[1]) and (fields.get("host"), fields.get("boot")) == here


def _attempt(path: Path, watch: _Watch, heartbeat_seconds: float) -> Lease | None:
    """Takes the lease if it is free or abandoned."""
    owner = _Owner()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = _read(path)
        if content is None:
            taken = _create(path, owner)
        else:
            taken = watch.abandoned(path, content) and _take(path, content, owner, watch)
    except OSError as error:
        raise files.cannot("write", path, error) from error
    return Lease(path, owner, heartbeat_seconds) if taken else None


def _take(path: Path, seen: bytes, owner: _Owner, watch: _Watch) -> bool:
    """Puts the owner's lease in the place of the one that reads `seen`."""
    claim = _claim(path, seen, owner, watch)
    if claim is None:
        return False
    # The claim is gone only if this process was stopped so long that another broke it.
    with contextlib.suppress(FileNotFoundError):
        os.rename(claim, path)
    return owner.wrote(_read(path))


def _remove(path: Path, seen: bytes, owner: _Owner, watch: _Watch) -> bool:
    """Removes the file at `path` if it reads `seen` and nobody else is changing it."""
    claim = _claim(path, seen, owner, watch)
    if claim is None:
        return False
    _unlink(path)
    _unlink(claim)
    return True


def _claim(path: Path, seen: bytes, owner: _Owner, watch: _Watch) -> Path | None:
    """Gets the sole right to change what `path` holds, if it still reads `seen`."""
    claim = _claim_path(path, seen)
    if not _create(claim, owner):
        other = _read(claim)
        if other is not None and watch.abandoned(claim, other):
            _remove(claim, other, owner, watch)
        return None
    if _read(path) == seen:
        return claim
    _unlink(claim)
    return None


def _claim_path(path: Path, seen: bytes) -> Path:
    nonce = str(_parse(seen).get("nonce", "")).encode() or seen
    return path.with_name(f"{path.name}.{hashlib.sha256(nonce).hexdigest()[:16]}")


def _create(path: Path, owner: _Owner) -> bool:
    """Creates the owner's lease or claim, complete from the first moment; False if one is there."""
    temporary = files.temporary_name(path)
    try:
        temporary.write_bytes(owner.content())
        os.link(temporary, path)
        return True
    except FileExistsError:
        # Over NFS a link may be reported as failed after it was made.
        return temporary.stat().st_nlink == 2
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _create_without_link(path, owner)
    finally:
        _unlink(temporary)


def _create_without_link(path: Path, owner: _Owner) -> bool:
    """The same where there are no hard links; others may see it empty, which is only waited for."""
    try:
        with open(path, "xb") as file:
            file.write(owner.content())
    except FileExistsError:
        return False
    return owner.wrote(_read(path))


def _read(path: Path) -> bytes | None:
    """The content of a lease or a claim; None if there is none."""
    while True:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno != errno.ESTALE:  # over NFS: it was replaced while being read
                raise


def _unlink(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
