"""Upkeep of a store: sets damaged files aside, and removes those that nobody needs."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lth_tf import untrusted
from lth_tf.store import artifacts, checks, files, journal, leases
from lth_tf.store.inspect import Inventory, age_seconds, is_state, size_bytes, state_key
from lth_tf.store.layout import Layout

# A killed process that is started again within this time resumes from its recovery state.
RESUME_SECONDS = 24 * 3600.0


class Target(NamedTuple):
    """A file that may be removed, the reason and its size in bytes.

    Attributes:
      run: the key of the run it belongs to, whose lease protects it; None for other files.
    """

    path: Path
    reason: str
    run: str | None
    size: int


def collectable(inventory: Inventory) -> list[Target]:
    """Returns files that no registered experiment uses, leftovers of crashes, and damaged files.

    Files of a run that is being trained are never among them.
    """
    targets = [
        *_unused(inventory),
        *_untouched_for_a_day(
            inventory.layout.root.rglob(".*.tmp"), "left by a process that was killed", None
        ),
        *_targets(filter(_is_no_folder, inventory.layout.root.glob("damaged/*")), "damaged", None),
    ]
    return list({target.path: target for target in targets}.values())


def _is_no_folder(path: Path) -> bool:  # A folder in damaged/ is the user's, and left alone.
    return path.is_symlink() or not path.is_dir()


def _unused(inventory: Inventory) -> Iterator[Target]:
    for key, paths in inventory.paths.items():
        run = key if paths[0].parent.name == key else None
        if run and inventory.trainer(run):
            continue
        if key not in inventory.registered:
            yield from _targets(paths, "no experiment uses it", run)
            continue
        states = (path for path in paths if is_state(path) and not _is_used(inventory, path))
        yield from _targets(states, "no experiment uses this step", run)
        recovery = (path for path in paths if path.name == "recovery.state")
        yield from _untouched_for_a_day(
            recovery, "last written in a run that nobody has gone on with", run
        )


def _is_used(inventory: Inventory, path: Path) -> bool:
    """Returns whether an experiment uses a state, or the state cannot be read."""
    header = checks.read_header(path)
    return header is None or state_key(header) in inventory.registered


def _untouched_for_a_day(paths: Iterable[Path], reason: str, run: str | None) -> Iterator[Target]:
    untouched = (path for path in paths if RESUME_SECONDS < age_seconds(path) < float("inf"))
    return _targets(untouched, f"{reason}, a day or more ago", run)


def _targets(paths: Iterable[Path], reason: str, run: str | None) -> Iterator[Target]:
    return (Target(path, reason, run, size_bytes([path])) for path in paths)


def remove(layout: Layout, targets: Iterable[Target]) -> list[Target]:
    """Removes files, those of a run only while holding its lease.

    Returns:
      The files that were kept, as another process holds the lease of their run.

    Raises:
      StoreError: a file cannot be removed.
    """
    by_run: dict[str | None, list[Target]] = {}
    for target in targets:
        by_run.setdefault(target.run, []).append(target)
    for target in by_run.pop(None, []):
        _unlink(target.path)
    kept: list[Target] = []
    for run, of_run in by_run.items():
        assert run is not None
        lease = leases.try_acquire(layout.leases, run)
        if lease is None:
            kept += of_run
            continue
        with lease:
            for target in of_run:
                _unlink(target.path)
            with contextlib.suppress(OSError):  # The folder is gone, or not empty.
                layout.run_folder(run).rmdir()
    return kept


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise files.store_error("remove", path, error) from error


def forget(layout: Layout, configuration: str) -> None:
    """Unregisters an experiment by its configuration's key, so that its files can be removed."""
    _unlink(layout.experiments / f"{configuration}.json")


def damaged(inventory: Inventory) -> Iterator[tuple[artifacts.Damaged, Path | None]]:
    """Sets every damaged artifact aside, except for those of runs that are being trained.

    One that is readable, but of another recipe than its path says, is damaged, too (see `checks`).

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
                if error := _error_of(path):
                    yield error, files.set_aside(path, inventory.layout.root)


def _error_of(path: Path) -> artifacts.Damaged | None:
    try:
        if path.suffix == ".jsonl":
            untrusted.open_file(path).close()
            journal.read(path)  # read() reports damaged entries itself.
        else:
            checks.read(path)
    except FileNotFoundError:
        pass
    except untrusted.NotRegular as error:
        return artifacts.Damaged(path, str(error))
    except artifacts.Damaged as error:
        return error
    return None
