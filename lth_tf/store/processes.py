"""Which process of which machine: so that others can tell whether it still runs."""

import functools
import hashlib
import os
import socket
from pathlib import Path


@functools.cache
def boot() -> str:
    """Names this boot of this machine and the space its process ids live in; '' if unknown.

    Containers may share a machine and even its name, and yet number their processes apart.
    """
    try:
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot_id} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def started(pid: int) -> str | None:
    """When a process of this machine was started, in ticks since boot: pids are used again.

    Returns:
      None if there is no such process, or only its zombie; '' if its start is not known.
    """
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if state in "ZXx" else rest[18]
    except (OSError, ValueError, IndexError):
        pass  # no /proc here, or it does not show other users' processes
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return None
    except PermissionError:
        pass
    return ""


@functools.cache
def machine() -> str:
    """A short name for this boot of this machine, 12 hexadecimal digits."""
    return hashlib.sha256(f"{socket.gethostname()} {boot()}".encode()).hexdigest()[:12]
