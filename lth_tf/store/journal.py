"""The journal of a run: the times, places, software and speed of its training.

No number of the run depends on it.

Fields of an entry: first_step, last_step, seconds, program (Train.program, for the speed), utc; and
for rounding: device, software (versions by name), settings (of the libraries, by name).

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

from lth_tf import untrusted
from lth_tf.store import files

_FIELDS: dict[str, tuple[type, ...]] = {
    "first_step": (int,),
    "last_step": (int,),
    "seconds": (int, float),
    "program": (str,),
    "utc": (str,),
}
_UNKNOWN = "times and places of that training are not known"
_OPTIONAL = {"device": str, "software": dict, "settings": dict}
log = logging.getLogger(__name__)


def append(path: Path, entry: dict[str, Any]) -> None:
    """Adds one entry; StoreError if it could not be written whole."""
    text = json.dumps(entry, sort_keys=True)
    line = f"{text}\t{_checksum(text)}\n".encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = untrusted.open_regular(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            _write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise files.store_error("write", path, error) from error


def _write(descriptor: int, line: bytes) -> None:
    # A line that a crash or a full disk tore must not take this one with it.
    size = os.fstat(descriptor).st_size
    torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    rest = b"\n" * torn + line
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read(path: Path) -> list[dict[str, Any]]:
    """Returns all sound entries; damaged ones are reported, except for a torn last one."""
    try:
        text = untrusted.read_bytes(path).decode(errors="replace")
    except FileNotFoundError:
        return []
    except untrusted.NotRegular as error:
        log.warning("%s: %s; %s", path, error, _UNKNOWN)
        return []
    except OSError as error:
        raise files.store_error("read", path, error) from error
    *lines, torn = text.split("\n")
    entries = [_entry(line) for line in lines if line]
    if damaged := entries.count(None):
        entry = "entry" if damaged == 1 else "entries"
        log.warning("%s: %d damaged %s passed over; %s", path, damaged, entry, _UNKNOWN)
    return [entry for entry in (*entries, _entry(torn)) if entry]


def _entry(line: str) -> dict[str, Any] | None:
    """Returns the entry on a line; None if it is damaged."""
    text, _, checksum = line.partition("\t")
    if checksum and checksum != _checksum(text):
        return None
    with contextlib.suppress(ValueError):
        entry = untrusted.json_value(text)
        if isinstance(entry, dict) and _is_sound(entry):
            return entry
    return None


def _is_sound(entry: dict[str, Any]) -> bool:
    """Returns whether an entry has its fields, of the right types, and its steps in order."""
    return (
        all(type(entry.get(name)) in kinds for name, kinds in _FIELDS.items())
        and all(isinstance(entry.get(name, kind()), kind) for name, kind in _OPTIONAL.items())
        and 0 <= entry["first_step"] <= entry["last_step"]
        and entry["seconds"] >= 0
    )


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
