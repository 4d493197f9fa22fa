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
import math
import os
import time
from pathlib import Path

from lth_tf import untrusted
from lth_tf.store import files
from lth_tf.store.lease_owners import Owner, is_dead, parse

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_LONGEST_LEASE = 1 << 16
# Whoever waits looks at least this often.
LONGEST_POLL_SECONDS = 1.0


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
