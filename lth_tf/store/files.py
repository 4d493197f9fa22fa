"""Atomic writing of files, and the removal of temporary ones that were never finished."""

import contextlib
import errno
import os
import re
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

from lth_tf.errors import UserError
from lth_tf.store.processes import machine_id, start_time

_TEMPORARY = re.compile(r"\.(?P<machine>[0-9a-f]{12})\.(?P<pid>\d+)\.[0-9a-f]{16}\.tmp$")
_DAY_SECONDS = 24 * 3600.0
OTHER_FOLDER = "choose another folder (--workdir, --store)"
_ADVICE = {
    errno.ENOSPC: f"no space left on that disk: free some or {OTHER_FOLDER}",
    errno.EDQUOT: f"your disk quota is used up: free some space or {OTHER_FOLDER}",
    errno.EACCES: f"permission denied: change its permissions or {OTHER_FOLDER}",
    errno.EPERM: f"permission denied: change its permissions or {OTHER_FOLDER}",
    errno.EROFS: f"that file system is read-only: {OTHER_FOLDER}",
}


class StoreError(UserError, RuntimeError):
    """The store cannot be used: one line for the user."""


def store_error(verb: str, path: Path | str, error: OSError) -> StoreError:
    """Returns the StoreError that says in plain words why a path could not be read or written."""
    reason = _ADVICE.get(error.errno or 0, error.strerror or str(error))
    if isinstance(error, NotADirectoryError) and (file := file_in_the_way(Path(path))):
        reason = f"{file} is a file, not a folder"
    return StoreError(f"cannot {verb} {path}: {reason}")


def file_in_the_way(path: Path) -> Path | None:
    """Returns the file among a path's parents, which should all be folders; None without one."""
    return next((p for p in path.parents if os.path.lexists(p) and not p.is_dir()), None)


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
        raise store_error("write", path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    _sync_folder(path.parent)


def set_aside(path: Path, root: Path) -> Path | None:
    """Moves a damaged file to <root>/damaged/<name>.<UTC>.<random>; nothing is ever deleted.

    Returns:
      Its new path, or None if it was gone already (another process was faster).

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
        raise store_error("move", path, error) from error
    return target


def remove_leftovers(folder: Path) -> None:
    """Removes the temporary files in a folder (not below it) whose writers are gone.

    A writer of this machine is gone when its process is; one of another machine is taken to be
    when its file has not changed for a day on the file system's own clock.
    """
    temporary = [(p, m) for p in entries(folder) if (m := _TEMPORARY.search(p.name))]
    now = file_system_time(folder) if temporary else 0.0
    for path, match in temporary:
        with contextlib.suppress(OSError):
            if match["machine"] == machine_id():
                gone = start_time(int(match["pid"])) is None
            else:
                gone = now - path.stat().st_mtime > _DAY_SECONDS
            if gone:
                path.unlink()


def temporary_name(path: Path) -> Path:
    """Returns a new name beside `path` that tells `remove_leftovers` which process writes it."""
    return path.with_name(f".{path.name}.{machine_id()}.{os.getpid()}.{secrets.token_hex(8)}.tmp")


def _sync_folder(folder: Path) -> None:
    # If this fails, a power cut may undo the rename: the artifact is then computed again.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def entries(folder: Path) -> list[Path]:
    """Returns the entries of a folder, hidden ones too; none if there is no such folder."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def file_system_time(folder: Path) -> float:
    """Returns the time on a folder's file system, seconds; OSError if it cannot be written."""
    probe = temporary_name(folder / "probe")
    try:
        probe.write_bytes(b"?")
        return probe.stat().st_mtime
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
