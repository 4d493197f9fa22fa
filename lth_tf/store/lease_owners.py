"""Owners of leases: the process that a lease names, and whether it still runs."""

import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any

from lth_tf import untrusted
from lth_tf.store import processes


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
