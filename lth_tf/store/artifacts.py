"""Artifacts as files: a header and arrays, under a checksum.

A file is the SHA-256 of all that follows (64 hexadecimal digits) and a newline; a line of JSON,
the header; a line of JSON, the index [[name, dtype, shape], ...]; then the arrays' little-endian
bytes in that order, each starting at a multiple of 64. The first two lines are the same in every
format, so that any version can tell a newer file from a damaged one.
"""

import contextlib
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lth_tf import untrusted
from lth_tf.store import files

# Raised when files are laid out in a way that earlier versions cannot read.
FORMAT = 1
_ALIGNMENT = 64
# Longer than any header, and yet no burden on memory.
_LONGEST_HEADER = 1 << 24
_DTYPES = {np.dtype(code).newbyteorder("<").str for code in "?bBhHiIlLqQefdgFDG"}
_START = 65  # of the content that the checksum covers: after its 64 digits and a newline


class Damaged(Exception):
    """A file's content is not what was written.

    Attributes:
      path: the file.
      reason: a phrase saying what is wrong with it.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} is damaged: {self.reason}"


def write(path: Path, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes one artifact: readers see the old file or the new one, never a part.

    The same header and the same arrays in the same order give the same bytes.

    Args:
      path: the file; folders above it are made.
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
    files.replace(path, [digest.hexdigest().encode() + b"\n", *parts])


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Reads and verifies one artifact.

    Returns:
      The header and the arrays, as they were given to `write` (order, dtypes, shapes); the
      arrays are writable and share one buffer.

    Raises:
      FileNotFoundError: there is no such file.
      Damaged: any byte differs from what was written, or it never was an artifact.
      StoreError: it cannot be read, or a newer version of lth_tf wrote it.
    """
    with _reading(path):
        data = untrusted.read_bytes(path)
    digest = hashlib.sha256(memoryview(data)[_START:]).hexdigest()
    if data[:_START] != digest.encode() + b"\n":
        raise Damaged(path, "its checksum does not match its content")
    # Only now: a flipped bit in the format's number is damage, not a newer version.
    end = data.find(b"\n", _START) + 1
    header = _header(path, bytes(data[_START:end]))
    if (number := header.pop("format")) > FORMAT:
        raise newer(path, number)
    return header, _arrays(path, data, end)


def read_header(path: Path) -> dict[str, Any]:
    """Returns the header of an artifact, fast, without verifying the checksum: for listings.

    Raises:
      FileNotFoundError, Damaged, StoreError: as `read`, but damage may go unnoticed.
    """
    with _reading(path), untrusted.open_file(path) as file:
        file.seek(_START)
        line = file.readline(_LONGEST_HEADER)
    header = _header(path, line)
    if header.pop("format") > FORMAT:
        read(path)  # says whether it is newer or damaged
    return header


def newer(path: Path, number: int) -> files.StoreError:
    """Returns the StoreError about a file or a store of a later format than this version reads."""
    return files.StoreError(
        f"{path} was written by a newer version of lth_tf "
        f"(format {number}; this one reads {FORMAT}): upgrade"
    )


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _json_line(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def _encode(
    header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> list[bytes | memoryview]:
    """Returns a file's content after its checksum line."""
    if "format" in header:
        raise ValueError("a header must not have a field 'format': it is added by write")
    plain = {name: _little_endian(name, array) for name, array in arrays.items()}
    index = [[name, array.dtype.str, array.shape] for name, array in plain.items()]
    text = _json_line({**header, "format": FORMAT}) + _json_line(index)
    size = _START + len(text)
    parts: list[bytes | memoryview] = [text + bytes(_aligned(size) - size)]
    for array in plain.values():
        parts.append(array.reshape(-1).view(np.uint8).data)
        parts.append(bytes(_aligned(array.nbytes) - array.nbytes))
    return parts


def _little_endian(name: str, value: np.ndarray) -> np.ndarray:
    """Returns an array in C order and little-endian."""
    array = np.asarray(value)
    if not isinstance(name, str) or array.dtype.kind not in "biufc":
        raise TypeError(f"array {name!r} of {array.dtype} cannot be stored: it is not of numbers")
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turns errors of the system into those that `read` raises."""
    try:
        yield
    except FileNotFoundError:
        raise
    except untrusted.NotRegular as error:
        raise Damaged(path, str(error)) from error
    except OSError as error:
        raise files.store_error("read", path, error) from error


def _header(path: Path, line: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        header = untrusted.json_value(line)
        number = header.get("format") if isinstance(header, dict) else None
        if type(number) is int and number > 0:
            return header
    raise Damaged(path, "it is not an artifact of lth_tf")


def _arrays(path: Path, data: bytearray, start: int) -> dict[str, np.ndarray]:
    try:
        end = data.index(b"\n", start) + 1
        content, arrays, offset = np.frombuffer(data, np.uint8), {}, _aligned(end)
        index = untrusted.json_value(data[start:end])
        if not isinstance(index, list):
            raise TypeError(index)
        for name, dtype, shape in map(_index_entry, index):
            size = math.prod(shape) * dtype.itemsize
            if name in arrays or offset + size > len(data):
                raise ValueError(name)
            arrays[name] = content[offset : offset + size].view(dtype).reshape(shape)
            offset += _aligned(size)
        if offset != len(data):
            raise ValueError(offset)
    except (ValueError, TypeError, OverflowError) as error:
        raise Damaged(path, "its index does not fit its arrays") from error
    return arrays


def _index_entry(entry: Any) -> tuple[str, np.dtype, tuple[int, ...]]:
    """Returns an entry of an index; raises ValueError or TypeError if `write` makes none such."""
    name, dtype, shape = entry
    if not isinstance(entry, list) or not isinstance(name, str) or dtype not in _DTYPES:
        raise TypeError(entry)
    if not isinstance(shape, list) or any(type(size) is not int or size < 0 for size in shape):
        raise ValueError(shape)
    return name, np.dtype(dtype), tuple(shape)
