"""Lease files: how a lease is created, taken over and removed, by one process at a time.

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
import math
import os
import secrets
import socket
import time
from pathlib import Path
from typing import Any

from lth_tf import untrusted
from lth_tf.store import files, processes

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_LONGEST_LEASE = 1 << 16
# Whoever waits looks at least this often.
LONGEST_POLL_SECONDS = 1.0


class Owner:
    """This process as the owner of one lease; its content has the same length at every beat."""

    def __init__(self) -> None:
        self.pid, self.nonce = os.getpid(), secrets.token_hex(16)
        self._identity = {
            "host": socket.gethostname(),
            "boot": processes.boot_id(),
            "pid": self.pid,
            "started": processes.start_time(self.pid),
            "nonce": self.nonce,
        }

    def content(self, beat: int = 0) -> bytes:
        """Returns the content of the lease's file at a beat."""
        return json.dumps({**self._identity, "beat": f"{beat:012d}"}).encode()

    def wrote(self, content: bytes | None) -> bool:
        """Returns whether a file's content is this owner's, at any beat."""
        return content is not None and parse(content).get("nonce") == self.nonce

    def rewrite(self, path: Path, beat: int) -> bool:
        """Writes the next beat if the lease is still this owner's; returns whether it is.

        The file is changed in place. Were it replaced, an owner that was stopped between reading
        and replacing would put its lease over its successor's.
        """
        try:
            descriptor = untrusted.open_regular(path, os.O_RDWR)
            with open(descriptor, "r+b", buffering=0) as file:
                if not self.wrote(file.read()):
                    return False
                file.seek(0)
                file.write(self.content(beat))
                return True
        except FileNotFoundError:
            return False


def parse(content: bytes) -> dict[str, Any]:
    """Returns the fields of a lease; none if it is damaged."""
    try:
        fields = untrusted.json_value(content)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def describe(content: bytes | None) -> str:
    """Returns the owner of a lease, for messages; 'nobody' if there is none."""
    if content is None:
        return "nobody"
    fields = parse(content)
    pid, host = fields.get("pid"), fields.get("host")
    if type(pid) is not int or not isinstance(host, str):
        return "an unknown process (its lease is damaged)"
    return f"process {pid} on {host[:100]}"


def is_dead(content: bytes) -> bool:
    """Returns whether the owner ran on this boot of this machine, and is gone."""
    fields = parse(content)
    pid = fields.get("pid")
    if not is_of_this_machine(fields) or type(pid) is not int:
        return False
    start = processes.start_time(pid)
    return start is None or bool(start and start != fields.get("started"))


def is_of_this_machine(fields: dict[str, Any]) -> bool:
    """Returns whether the owner ran on this boot of this machine, so that it can be looked up."""
    this_boot = (socket.gethostname(), processes.boot_id())
    return bool(this_boot[1]) and (fields.get("host"), fields.get("boot")) == this_boot


class FailureDetector:
    """A detector of dead owners, whose files no longer change.

    Args:
      patience_seconds: the time without a change after which an owner counts as dead; with none,
        only its process tells.
    """

    def __init__(self, patience_seconds: float = math.inf) -> None:
        self._patience = patience_seconds
        self._seen: dict[Path, tuple[bytes, float, float]] = {}

    def has_failed(self, path: Path, content: bytes) -> bool:
        """Returns whether the owner is dead, or the content did not change within the patience.

        Time in which this process was itself stopped hardly counts, as it saw nothing then.
        """
        now = time.monotonic()
        before, last, waited = self._seen.get(path, (content, now, 0.0))
        waited = waited + min(now - last, 2 * LONGEST_POLL_SECONDS) if content == before else 0.0
        self._seen[path] = (content, now, waited)
        return waited > self._patience or is_dead(content)


def create(path: Path, owner: Owner) -> bool:
    """Creates the owner's lease or claim atomically; returns False if one is there already."""
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


def take_over(path: Path, seen: bytes, owner: Owner, detector: FailureDetector) -> bool:
    """Replaces the lease whose content is `seen` by the owner's; returns whether it succeeded."""
    claim = _claim(path, seen, owner, detector)
    if claim is None:
        return False
    # The claim is gone only if this process was stopped so long that another broke it.
    with contextlib.suppress(FileNotFoundError):
        os.rename(claim, path)
    return owner.wrote(read(path))


def remove(path: Path, seen: bytes, owner: Owner, detector: FailureDetector) -> bool:
    """Removes a file if its content is `seen` and no other process is changing it."""
    claim = _claim(path, seen, owner, detector)
    if claim is None:
        return False
    _unlink(path)
    _unlink(claim)
    return True


def read(path: Path) -> bytes | None:
    """Returns the content of a lease or a claim; None if there is none."""
    while True:
        try:
            return bytes(untrusted.read_bytes(path, _LONGEST_LEASE))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno != errno.ESTALE:  # over NFS: it was replaced while being read
                raise


def _claim(path: Path, seen: bytes, owner: Owner, detector: FailureDetector) -> Path | None:
    """Claims the sole right to change a file, if its content is still `seen`; None if it failed."""
    claim = claim_path(path, seen)
    if not create(claim, owner):
        other = read(claim)
        if other is not None and detector.has_failed(claim, other):
            remove(claim, other, owner, detector)
        return None
    if read(path) == seen:
        return claim
    _unlink(claim)
    return None


def claim_path(path: Path, seen: bytes) -> Path:
    """Returns the path of the claim on a file whose content is `seen`."""
    nonce = str(parse(seen).get("nonce", "")).encode() or seen
    return path.with_name(f"{path.name}.{hashlib.sha256(nonce).hexdigest()[:16]}")


def _create_without_link(path: Path, owner: Owner) -> bool:
    """Creates a lease where there are no hard links; others may see it empty, and wait."""
    try:
        with open(path, "xb") as file:
            file.write(owner.content())
    except FileExistsError:
        return False
    return owner.wrote(read(path))


def _unlink(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
