"""Identities of machines and processes, by which others see whether a process still runs."""

import functools
import hashlib
import os
import socket
from pathlib import Path


@functools.cache
def boot_id() -> str:
    """Returns a name of this boot and of the space of process ids; '' if unknown.

    Containers may share a machine and even its name, and yet number their processes apart.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def start_time(pid: int) -> str | None:
    """Returns the start of a process of this machine, in ticks since boot: pids are used again.

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
def machine_id() -> str:
    """Returns a short name for this boot of this machine, 12 hexadecimal digits."""
    return hashlib.sha256(f"{socket.gethostname()} {boot_id()}".encode()).hexdigest()[:12]
