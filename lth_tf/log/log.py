"""The results log: rows in TFRecord files, one writer per file, flushed row by row.

`<workdir>/results/rows-<time>-<host>-<process>-<random>.tfrecord`: each record is a row as UTF-8
JSON. Any number of processes can share a workdir, and one that is killed leaves the rows that it
had written.
"""

import contextlib
import datetime
import functools
import io
import json
import os
import re
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from lth_tf import provenance, untrusted
from lth_tf.log.schema import SCHEMA_VERSION, LogError, Row, now, upgraded
from lth_tf.log.tfrecord import Damage, frame, payloads
from lth_tf.log.validation import validate

_FOLDER = "results"


def identity(row: Row) -> tuple[str, ...]:
    """Returns the identity of a row: experiment, configuration, network, measurement's key, axes.

    The same measurement asked for by two experiments is two rows, and so it is where it is of two
    kinds of network, which may have the same weights.
    """
    axes = json.dumps(row.get("axes", {}), sort_keys=True)
    return row["experiment"], row["configuration"], row["network"], row["key"], axes


class ResultsLog(contextlib.AbstractContextManager["ResultsLog"]):
    """Writer of rows; a context manager. Its file appears with its first row."""

    def __init__(self, workdir: str | os.PathLike[str]) -> None:
        self._workdir = Path(workdir)
        self._file: io.BufferedWriter | None = None

    def write(self, row: Row) -> bool:
        """Writes one row, safe on disk when this returns.

        A row that is in the log already (see `identity`) is not written again, so that running
        an experiment a second time leaves the log as it is.

        Args:
          row: as the schema has it; `schema` and `written` are added where they lack.

        Returns:
          Whether the row was new.

        Raises:
          LogError: the row is not as the schema has it; nothing is written.
          OSError: the disk is full or the workdir cannot be written. The next row then goes to
            a new file, behind no torn record.
        """
        row = {"schema": SCHEMA_VERSION, "written": now(), **row}
        validate(row)
        if self.holds(identity(row)):
            return False
        self._append(frame(json.dumps(row, allow_nan=False).encode()))
        self._known.add(identity(row))
        return True

    def holds(self, row: tuple[str, ...]) -> bool:
        """Returns whether the log has a row of that identity, read at first or written since."""
        return row in self._known

    def close(self) -> None:
        """Closes the file, if any row was written."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __exit__(self, *_: object) -> None:
        self.close()

    @functools.cached_property
    def _known(self) -> set[tuple[str, ...]]:
        if not (self._workdir / _FOLDER).is_dir():
            return set()
        return {identity(row) for row in read(self._workdir)[0]}

    def _append(self, record: bytes) -> None:
        if self._file is None:
            self._file = _new_file(self._workdir / _FOLDER)
        try:
            self._file.write(record)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
            raise


def _new_file(folder: Path) -> io.BufferedWriter:
    """Opens a file that no other writer has; names sort by time."""
    folder.mkdir(parents=True, exist_ok=True)
    time = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    host = re.sub(r"[^A-Za-z0-9_.]", "_", socket.gethostname())
    name = f"rows-{time}-{host}-{os.getpid()}-{secrets.token_hex(4)}.tfrecord"
    file = open(folder / name, "xb")  # noqa: SIM115 - kept open over many rows
    with contextlib.suppress(OSError):  # The new name itself survives a power cut, where it can.
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return file


@dataclass
class ReadReport:
    """A report on reading a log.

    Attributes:
      skipped: (file name, the skipped part and the reason) in the order of reading.
      mixture: a line about rows of several kinds of machine, if there are any.
    """

    skipped: list[tuple[str, str]] = field(default_factory=list)
    mixture: str | None = None

    def lines(self) -> list[str]:
        """Returns warnings, one printable line each; none when all is well."""
        skipped = [f"{name}: skipped {part}" for name, part in self.skipped]
        return skipped + ([self.mixture] if self.mixture else [])


def read(workdir: str | os.PathLike[str]) -> tuple[list[Row], ReadReport]:
    """Reads every row of a workdir's log, in the order of file names, then of writing.

    Skipped and reported: a torn last record, damaged records, rows of a newer schema, rows that
    are not as the schema has them, rows that are there already (see `identity`; the first is
    kept), and paths that are not those of regular files.

    Returns:
      The rows, and the report on them. A workdir without a log has no rows.

    Raises:
      LogError: the workdir does not exist.
      OSError: a file cannot be read.
    """
    if not Path(workdir).is_dir():
        raise LogError(f"workdir={workdir}: there is no such folder")
    report, by_identity = ReadReport(), dict[tuple[str, ...], Row]()
    for path in sorted((Path(workdir) / _FOLDER).glob("*.tfrecord")):
        rows = _read_file(path, report)
        before = len(by_identity)
        for row in rows:
            by_identity.setdefault(identity(row), row)
        if repeated := len(rows) - (len(by_identity) - before):
            report.skipped.append((path.name, f"{repeated} rows that are there already"))
    # The `settings` of a row are the experiment's. A run that a search never came to was computed
    # nowhere.
    computed = (
        {"device": row["device"], "software": row["software"]}
        for row in by_identity.values()
        if row["status"] == "done" or row["software"]
    )
    report.mixture = provenance.mixture(computed, "rows")
    return list(by_identity.values()), report


def _read_file(path: Path, report: ReadReport) -> list[Row]:
    """Returns the good rows of one file; adds the rest of it to the report."""
    rows = []
    try:
        data = untrusted.read_bytes(path)
    except (untrusted.NotRegular, FileNotFoundError) as error:
        gone = isinstance(error, FileNotFoundError)
        problem = "it is gone, or a link that leads nowhere" if gone else error
        report.skipped.append((path.name, f"all of it: {problem}"))
        return []
    for item in payloads(data):
        try:
            if isinstance(item, Damage):
                raise LogError(f"{item.problem} at byte {item.offset}")
            rows.append(_decode(item))
        except LogError as error:
            report.skipped.append((path.name, str(error)))
    return rows


def _decode(payload: bytes) -> Row:
    """Returns the row in a record; LogError if this program knows none like it."""
    try:
        row = untrusted.json_value(payload)
    except ValueError as error:
        raise LogError(f"a record that is not JSON ({error})") from error
    version = row.get("schema") if isinstance(row, dict) else None
    if type(version) is not int or version < 1:
        raise LogError("a record that is not a row")
    if version > SCHEMA_VERSION:
        raise LogError(f"a row of schema {version}; this program knows {SCHEMA_VERSION}")
    row = upgraded(row)
    validate(row)
    return row
