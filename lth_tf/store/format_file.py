"""The file that marks a folder as a store, and holds its format."""

import json
from pathlib import Path

from lth_tf import untrusted
from lth_tf.store import files
from lth_tf.store.artifacts import FORMAT, newer

_NAME = "format.json"
_MARKER = json.dumps({"store": "lth_tf", "format": FORMAT})
_LONGEST = 1 << 16


def open_root(root: Path) -> None:
    """Checks that `root` is a store which this version can read and write, or makes a new one.

    Raises:
      StoreError: it cannot be made or written, holds something else, or is of a newer format.
    """
    marker = root / _NAME
    try:
        check_root(root)
        root.mkdir(parents=True, exist_ok=True)
        # The marker is looked for again, as another process may be making this very store.
        if not marker.exists():
            files.replace(marker, [f"{_MARKER}\n".encode()])
        _check_marker(marker)
        files.file_system_time(root)
    except (FileExistsError, NotADirectoryError) as error:
        raise files.StoreError(f"cannot make a store at {root}: a file is in the way") from error
    except OSError as error:
        raise files.store_error("write", root, error) from error


def check_root(root: Path) -> None:
    """Checks that this version can read the store at `root`, if there is one; writes nothing.

    Raises:
      StoreError: it is damaged, cannot be read, is of a newer format, or no store can be there.
    """
    marker = root / _NAME
    if file := files.file_in_the_way(marker):
        raise files.StoreError(
            f"cannot make a store at {root}: a file is in the way, {file}; {files.OTHER_FOLDER}"
        )
    try:
        # The marker is looked for again, as another process may be making this very store.
        if not marker.exists() and _has_files(root) and not marker.exists():
            raise files.StoreError(no_marker(root))
        if marker.exists():
            _check_marker(marker)
    except OSError as error:
        raise files.store_error("read", marker, error) from error


def no_marker(root: Path) -> str:
    """Returns the message about a folder with files but without a marker."""
    advice = files.OTHER_FOLDER
    if any((root / name).is_dir() for name in ("runs", "masks", "measurements")):
        advice = (
            "it looks like one that lost it: write "
            f"{_MARKER} into that file, or {files.OTHER_FOLDER}"
        )
    return f"{root} is not a store of lth_tf: it holds files but no {_NAME}; {advice}"


def _has_files(root: Path) -> bool:
    """Returns whether a folder is not empty; hidden files and lost+found do not count."""
    return any(not p.name.startswith(".") and p.name != "lost+found" for p in files.entries(root))


def _check_marker(marker: Path) -> None:
    try:
        content = untrusted.json_value(untrusted.read_bytes(marker, _LONGEST))
        number = content["format"] if content["store"] == "lth_tf" else None
    except (ValueError, TypeError, KeyError, untrusted.NotRegular):
        number = None
    if type(number) is not int or number < 1:
        raise files.StoreError(
            f"{marker} is damaged, or this is not a store of lth_tf: {files.OTHER_FOLDER}, or "
            f"if it was one, write {_MARKER} into that file"
        )
    if number > FORMAT:
        raise newer(marker.parent, number)
