"""Reading of untrusted files: regular files only, and JSON of a sane size.

Anything may lie in the place of the package's files: a folder, a pipe, a link to a device, or text
that was edited. Reading it must neither hang, nor fill the memory, nor raise unexpected errors.
"""

import errno
import json
import math
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

# JSON of this package is nested 5 deep at most.
DEEPEST = 40
# Every such integer is finite as a float, too; seeds may well be large.
DIGITS = 100
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
# Errors of os.open about paths that are not those of regular files.
_REFUSALS = {
    errno.ELOOP: "it is a link that leads back to itself",
    errno.ENXIO: "it is a pipe or a socket, not a regular file",
    errno.EISDIR: "it is a folder, not a regular file",
}


class NotRegular(OSError):
    """A path is not that of a regular file."""


def open_regular(path: Path | str, flags: int = os.O_RDONLY) -> int:
    """Returns a descriptor of a regular file, be it by way of links.

    Args:
      flags: as os.open takes them. A file that is made gets the permissions 0o644.

    Raises:
      NotRegular: the path is not a regular file's; nothing was read or written.
      OSError: as os.open raises it, FileNotFoundError among others.
    """
    try:
        # Opening a pipe would otherwise wait for its other end.
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno in _REFUSALS:
            raise NotRegular(_REFUSALS[error.errno]) from error
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise NotRegular(f"it is {kind}, not a regular file")
    return descriptor


def read_bytes(path: Path | str, at_most: int | None = None) -> bytearray:
    """Returns the content of a regular file, or at most so many bytes of its beginning.

    It raises as `open_regular`, and ENOMEM if the file is larger than the memory.
    """
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            data = bytearray(size if at_most is None else min(size, at_most))
        except (MemoryError, OverflowError) as error:
            raise OSError(errno.ENOMEM, f"its {size:,} bytes do not fit into memory") from error
        del data[file.readinto(data) :]  # type: ignore[attr-defined]
        return data


def open_file(path: Path | str) -> BinaryIO:
    """Returns a regular file, open for reading; it raises as `open_regular`."""
    return os.fdopen(open_regular(path), "rb")


def json_value(text: bytes | bytearray | str) -> Any:
    """Returns the value of a JSON text.

    Raises:
      ValueError: it is no JSON; it is nested more than DEEPEST deep; a number in it is not finite
        or has more than DIGITS digits; or a text in it cannot be encoded as UTF-8.
    """
    try:
        text = text if isinstance(text, str) else bytes(text).decode()
        value = json.loads(text, parse_int=_integer, parse_float=_float, parse_constant=_float)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if isinstance(value, (dict, list)) and text.count("[") + text.count("{") > DEEPEST:
        _check_depth(value)
    if "\\ud" in text.lower():
        json.dumps(value, ensure_ascii=False).encode()
    return value


_TOO_DEEP = f"it is nested more than {DEEPEST} deep"


def _check_depth(value: Any, depth: int = 1) -> None:
    if depth > DEEPEST:
        raise ValueError(_TOO_DEEP)
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)):
            _check_depth(item, depth + 1)


def _integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"{digits[:12]}... is an integer of more than {DIGITS} digits")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:12]} is not a finite number")
    return value
