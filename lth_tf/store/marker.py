"""The file that makes a folder a store, and says of which format it is."""

import json
from pathlib import Path

from lth_tf.store import files
from lth_tf.store.artefacts import FORMAT, newer


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
            raise files.StoreError(
                f"{root} is not a store of lth_tf: it holds files but no {marker.name}; "
                "choose another --workdir"
            )
        if not marker.exists():
            files.replace(marker, [f"{_marker(FORMAT)}\n".encode()])
        _check_marker(marker)
        files.clock(root)
    except (FileExistsError, NotADirectoryError) as error:
        raise files.StoreError(f"cannot make a store at {root}: a file is in the way") from error
    except OSError as error:
        raise files.cannot("write", root, error) from error


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
        raise files.cannot("read", marker, error) from error


def _strangers(root: Path) -> bool:
    """Whether a folder holds anything; hidden files and a new disk's lost+found do not count."""
    return any(not p.name.startswith(".") and p.name != "lost+found" for p in files.entries(root))


def _marker(number: int) -> str:
    return json.dumps({"store": "lth_tf", "format": number})


def _check_marker(marker: Path) -> None:
    try:
        content = json.loads(marker.read_bytes())
        known = content["store"] == "lth_tf" and type(content["format"]) is int
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise files.StoreError(
            f"{marker} is damaged, or this is not a store of lth_tf: choose another --workdir, or "
            f"if it was one, write {_marker(FORMAT)} into that file"
        )
    if content["format"] > FORMAT:
        raise newer(marker.parent, content["format"])
