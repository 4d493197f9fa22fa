"""Artefact files: they appear whole or not at all, and say so when they are damaged.

A file is the SHA-256 of all that follows (64 hexadecimal digits) and a newline; a line of JSON,
the header; a line of JSON, the index [[name, dtype, shape], ...]; then the arrays' little-endian
bytes in that order, each starting at a multiple of 64. The first two lines are the same in every
format, so that any version can tell a newer file from a damaged one.
"""

import contextlib
import errno
import functools
import hashlib
import json
import os
import re
import secrets
import socket
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lth_tf.errors import UserError

# Raised when files are laid out in a way that earlier versions cannot read.
FORMAT = 1

_ALIGNMENT = 64
_START = 65  # of what the checksum covers: after its 64 digits and a newline
_TEMPORARY = re.compile(r"\.(?P<machine>[0-9a-f]{12})\.(?P<pid>\d+)\.[0-9a-f]{16}\.tmp$")
_ADVICE = {
    errno.ENOSPC: "no space left on that disk: free some or choose another --workdir",
    errno.EDQUOT: "your disk quota is used up: free some space or choose another --workdir",
    errno.EACCES: "permission denied: change its permissions or choose another --workdir",
    errno.EPERM: "permission denied: change its permissions or choose another --workdir",
    errno.EROFS: "that file system is read-only: choose another --workdir",
}


class StoreError(UserError, RuntimeError):
    """The store cannot be used; the message is one line for the user."""


class Damaged(Exception):
    """A file is there but is not what was written.

    Attributes:
      path: the file.
      reason: what is wrong with it.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} is damaged: {self.reason}"


def cannot(verb: str, path: Path | str, error: OSError) -> StoreError:
    """The StoreError that says in plain words why a path could not be read or written."""
    reason = _ADVICE.get(error.errno or 0, error.strerror or str(error))
    return StoreError(f"cannot {verb} {path}: {reason}")


def write(path: Path, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes one artefact: readers see the old file or the new one, never a part.

    The same header and the same arrays in the same order give the same bytes.

    Args:
      path: where; folders above it are made.
      header: JSON values; 'format' is added and must not be among the keys.
      arrays: by name, of booleans, integers, floats or complex numbers, of any shape.

    Raises:
      StoreError: it could not be written (a full disk, no permission, ...). Nothing is left
        behind, and an older file of that name is as it was.
      TypeError, ValueError: a header or an array that cannot be stored.
    """
    parts = _encode(header, arrays)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    replace(path, [digest.hexdigest().encode() + b"\n", *parts])


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Reads and verifies one artefact.

    Returns:
      The header and the arrays, as they were given to `write` (order, dtypes, shapes); the
      arrays are writable and share one buffer.

    Raises:
      FileNotFoundError: there is no such file.
      Damaged: any byte differs from what was written, or it never was an artefact.
      StoreError: it cannot be read, or a newer version of lth_tf wrote it.
    """
    data = _load(path)
    digest = hashlib.sha256(memoryview(data)[_START:]).hexdigest()
    if data[:_START] != digest.encode() + b"\n":
        raise Damaged(path, "its checksum does not match its content")
    # Only now: a flipped bit in the format's number is damage, not a newer version.
    end = data.find(b"\n", _START) + 1
    header = _header(path, bytes(data[_START:end]))
    if (found := header.pop("format")) > FORMAT:
        raise _newer(path, found)
    return header, _arrays(path, data, end)


def read_header(path: Path) -> dict[str, Any]:
    """The header of an artefact, read fast and without verifying the checksum: for listings.

    Raises:
      FileNotFoundError, Damaged, StoreError: as `read`, but damage may go unnoticed.
    """
    try:
        with open(path, "rb") as file:
            file.seek(_START)
            line = file.readline()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise cannot("read", path, error) from error
    header = _header(path, line)
    if header.pop("format") > FORMAT:
        read(path)  # says whether it is newer or damaged
    return header


def replace(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Writes a file by way of a temporary one beside it: flushed to disk, then renamed.

    Raises:
      StoreError: it could not be written; the temporary file is gone, `path` as it was.
    """
    temporary = temporary_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "xb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise cannot("write", path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    _sync_folder(path.parent)


def set_aside(path: Path, root: Path) -> Path | None:
    """Moves a damaged file to <root>/damaged/<name>.<UTC>.<random>; nothing is ever deleted.

    Read the file again under its lease before calling this: another process may have put a
    sound one in its place since.

    Returns:
      Where it is now, or None if it was gone already (another process was faster).

    Raises:
      StoreError: it could not be moved.
    """
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    target = root / "damaged" / f"{path.name}.{now}.{secrets.token_hex(4)}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, target)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise cannot("move", path, error) from error
    return target


def remove_leftovers(folder: Path, older_than_seconds: float) -> int:
    """Removes the temporary files in a folder (not below it) whose writers are gone.

    A writer of this machine is gone when its process is; one of another machine is taken to be
    when its file has not changed for `older_than_seconds` on the file system's own clock.

    Returns:
      How many were removed.
    """
    found = [(p, m) for p in _entries(folder) if (m := _TEMPORARY.search(p.name))]
    removed = 0
    now = _clock(folder) if found else 0.0
    for path, match in found:
        with contextlib.suppress(OSError):
            if match["machine"] == _machine():
                gone = started(int(match["pid"])) is None
            else:
                gone = now - path.stat().st_mtime > older_than_seconds
            if gone:
                path.unlink()
                removed += 1
    return removed


def open_root(root: Path) -> None:
    """Makes sure that `root` is a store which this version can read and write; makes a new one.

    Raises:
      StoreError: it cannot be made or written, holds something else, or is of a newer format.
    """
    marker = root / "format.json"
    try:
        root.mkdir(parents=True, exist_ok=True)
        # The marker is looked for again, as another process may be making this very store.
        if not marker.exists() and _strangers(root) and not marker.exists():
            raise StoreError(
                f"{root} is not a store of lth_tf: it holds files but no {marker.name}; "
                "choose another --workdir"
            )
        if not marker.exists():
            replace(marker, [f"{_marker(FORMAT)}\n".encode()])
        _check_marker(marker)
        _clock(root)
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"cannot make a store at {root}: a file is in the way") from error
    except OSError as error:
        raise cannot("write", root, error) from error


def check_root(root: Path) -> None:
    """Makes sure that this version can read what is at `root`, if a store is there; writes nothing.

    Raises:
      StoreError: it is damaged, cannot be read, or is of a newer format.
    """
    marker = root / "format.json"
    try:
        if marker.exists():
            _check_marker(marker)
    except OSError as error:
        raise cannot("read", marker, error) from error


def temporary_name(path: Path) -> Path:
    """A new name beside `path` that tells `remove_leftovers` who is writing it."""
    return path.with_name(f".{path.name}.{_machine()}.{os.getpid()}.{secrets.token_hex(8)}.tmp")


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
def _machine() -> str:
    return hashlib.sha256(f"{socket.gethostname()} {boot()}".encode()).hexdigest()[:12]


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _line(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def _encode(
    header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> list[bytes | memoryview]:
    """All of a file after its checksum line."""
    if "format" in header:
        raise ValueError("a header must not have a field 'format': it is added by write")
    plain = {name: _plain(name, array) for name, array in arrays.items()}
    index = [[name, array.dtype.str, array.shape] for name, array in plain.items()]
    text = _line({**header, "format": FORMAT}) + _line(index)
    size = _START + len(text)
    parts: list[bytes | memoryview] = [text + bytes(_aligned(size) - size)]
    for array in plain.values():
        parts.append(array.reshape(-1).view(np.uint8).data)
        parts.append(bytes(_aligned(array.nbytes) - array.nbytes))
    return parts


def _plain(name: str, value: np.ndarray) -> np.ndarray:
    """The array in C order and little-endian."""
    array = np.asarray(value)
    if not isinstance(name, str) or array.dtype.kind not in "biufc":
        raise TypeError(f"array {name!r} of {array.dtype} cannot be stored: it is not of numbers")
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def _load(path: Path) -> bytearray:
    try:
        with open(path, "rb") as file:
            data = bytearray(os.fstat(file.fileno()).st_size)
            del data[file.readinto(data) :]
            return data
    except FileNotFoundError:
        raise
    except OSError as error:
        raise cannot("read", path, error) from error


def _header(path: Path, line: bytes) -> dict[str, Any]:
    try:
        header = json.loads(line)
        if type(header["format"]) is int and header["format"] > 0:
            return header
    except (ValueError, TypeError, KeyError):
        pass
    raise Damaged(path, "it is not an artefact of lth_tf")


def _newer(path: Path, found: int) -> StoreError:
    return StoreError(
        f"{path} was written by a newer version of lth_tf "
        f"(format {found}; this one reads {FORMAT}): upgrade"
    )


def _arrays(path: Path, data: bytearray, start: int) -> dict[str, np.ndarray]:
    try:
        end = data.index(b"\n", start) + 1
        everything, arrays, offset = np.frombuffer(data, np.uint8), {}, _aligned(end)
        for name, dtype, shape in json.loads(bytes(data[start:end])):
            size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
            arrays[name] = everything[offset : offset + size].view(dtype).reshape(shape)
            offset += _aligned(size)
        return arrays
    except (ValueError, TypeError) as error:
        raise Damaged(path, "its index does not fit its arrays") from error


def _sync_folder(folder: Path) -> None:
    # If this fails, a power cut may undo the rename: the artefact is then computed again.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _strangers(root: Path) -> bool:
    """Whether a folder holds anything; hidden files and a new disk's lost+found do not count."""
    return any(not p.name.startswith(".") and p.name != "lost+found" for p in _entries(root))


def _clock(folder: Path) -> float:
    """Now, in seconds, as the folder's file system has it; OSError if it cannot be written."""
    probe = temporary_name(folder / "probe")
    try:
        probe.write_bytes(b"?")
        return probe.stat().st_mtime
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


def _marker(number: int) -> str:
    return json.dumps({"store": "lth_tf", "format": number})


def _check_marker(marker: Path) -> None:
    try:
        content = json.loads(marker.read_bytes())
        known = content["store"] == "lth_tf" and type(content["format"]) is int
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise StoreError(
            f"{marker} is damaged, or this is not a store of lth_tf: choose another --workdir, or "
            f"if it was one, write {_marker(FORMAT)} into that file"
        )
    if content["format"] > FORMAT:
        raise _newer(marker.parent, content["format"])
