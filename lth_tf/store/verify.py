"""Verification of all files in a store, so that damaged ones are found before they are needed."""

from collections.abc import Iterator
from pathlib import Path

from lth_tf import untrusted
from lth_tf.store import artifacts, checks, files, journal, leases
from lth_tf.store.inspect import Inventory


def damaged(inventory: Inventory) -> Iterator[tuple[artifacts.Damaged, Path | None]]:
    """Sets every damaged artifact aside, except for those of runs that are being trained.

    An artifact is damaged, too, if it is sound but lies in the place of another (see `checks`).

    Yields:
      The error about a file, and its new path; None if another process took it away.

    Raises:
      StoreError: a file cannot be read or moved, or a newer version wrote it.
    """
    for key, paths in inventory.paths.items():
        lease = leases.try_acquire(inventory.layout.leases, key)
        if lease is None:
            continue
        with lease:
            for path in (path for path in paths if not path.name.startswith(".")):
                if error := _damage(path):
                    yield error, files.set_aside(path, inventory.layout.root)


def _damage(path: Path) -> artifacts.Damaged | None:
    try:
        if path.suffix == ".jsonl":
            untrusted.open_file(path).close()
            journal.read(path)  # It reports its damaged entries itself.
        else:
            checks.read(path)
    except FileNotFoundError:
        pass
    except untrusted.NotRegular as error:
        return artifacts.Damaged(path, str(error))
    except artifacts.Damaged as error:
        return error
    return None
