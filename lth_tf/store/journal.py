"""The journal of a run: when, where and how fast it was trained. It decides no number.

An entry is a line of JSON, a tab and the first digits of the SHA-256 of that JSON. Lines of
earlier versions have no checksum and are taken as they are.
"""

import contextlib
import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Any

from lth_tf.store import files

_FIELDS: dict[str, Any] = {
    "first_step": int,
    "last_step": int,
    "seconds": (int, float),
    "program": str,
    "utc": str,
}
log = logging.getLogger(__name__)


def append(path: Path, entry: dict[str, Any]) -> None:
    """Adds one entry.

    Raises:
      StoreError: it could not be written whole.
    """
    text = json.dumps(entry, sort_keys=True)
    line = f"{text}\t{_checksum(text)}\n".encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            _write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise files.cannot("write", path, error) from error


def _write(descriptor: int, line: bytes) -> None:
    # A line that a crash or a full disk tore must not take this one with it.
    size = os.fstat(descriptor).st_size
    torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    rest = b"\n" * torn + line
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read(path: Path) -> list[dict[str, Any]]:
    """All sound entries; damaged ones are reported, a torn last one is passed over in silence."""
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise files.cannot("read", path, error) from error
    *whole, torn = text.split("\n")
    entries = [_entry(line) for line in whole if line]
    if damaged := entries.count(None):
        log.warning(
            "%s: %d damaged %s passed over; times and places of that training are not known",
            path,
            damaged,
            "entry" if damaged == 1 else "entries",
        )
    return [entry for entry in (*entries, _entry(torn)) if entry]


def _entry(line: str) -> dict[str, Any] | None:
    """The entry on a line; None if it is damaged."""
    text, _, checksum = line.partition("\t")
    if checksum and checksum != _checksum(text):
        return None
    with contextlib.suppress(ValueError, AttributeError):
        entry = json.loads(text)
        if all(isinstance(entry.get(name), kind) for name, kind in _FIELDS.items()):
            return entry
    return None


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
