"""Runs commands in the process of the tests, where TensorFlow is loaded already.

A command's own main, its flags and its way to exit are those of the real binary; what differs is
that nothing has to start. test_bad_input.py holds some runs against the real binaries.
"""

import contextlib
import importlib
import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from absl import flags

from lth_tf.cli import devices


def run(
    name: str, *arguments: object, folder: Path | None = None, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; arguments and result as those of binaries.run.

    Args:
      arguments: its flags.
      folder: where it runs.
      changes: environment variables; TFDS_DATA_DIR is read once in a process: give --data_dir.
    """
    argv = [f"lth-{name}", *map(str, arguments)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        _as_in_a_process_of_its_own(argv, folder, changes),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            importlib.import_module(f"lth_tf.cli.{name}").run()
        except SystemExit as exit_:
            code = exit_.code or 0  # type: ignore[assignment]
    return subprocess.CompletedProcess(argv, code, out.getvalue(), err.getvalue())


def succeed(name: str, *arguments: object, **changes: str) -> str:
    """Runs a command that must succeed without a word on stderr; returns what it printed."""
    done = run(name, *arguments, **changes)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@contextlib.contextmanager
def _as_in_a_process_of_its_own(
    argv: list[str], folder: Path | None, changes: dict[str, str]
) -> Iterator[None]:
    """Leaves everything that belongs to a whole process as it was found."""
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.object(sys, "path", list(sys.path)),
        mock.patch.dict(os.environ, changes),
        contextlib.chdir(folder or Path.cwd()),
        _loggers_as_they_were(),
        _no_flags_left(),
        _signals_as_they_were(),
    ):
        _forget_devices()
        yield


def _forget_devices() -> None:
    """Lets the next command open an engine of its own, as a process does once."""
    for each in vars(devices).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


@contextlib.contextmanager
def _loggers_as_they_were() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("lth_tf", "absl", None)]
    before = [(logger.level, list(logger.handlers), logger.propagate) for logger in loggers]
    try:
        yield
    finally:
        for logger, (level, handlers, propagate) in zip(loggers, before, strict=True):
            logger.level, logger.handlers, logger.propagate = level, handlers, propagate
            logger.manager._clear_cache()  # type: ignore[attr-defined]


@contextlib.contextmanager
def _signals_as_they_were() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _no_flags_left() -> Iterator[None]:
    """Removes the flags that a command defined; those of libraries are defined on import only."""
    try:
        yield
    finally:
        by_module = flags.FLAGS.flags_by_module_dict().items()
        for flag in [f for module, own in by_module if module.startswith("lth_tf") for f in own]:
            delattr(flags.FLAGS, flag.name)
        flags.FLAGS.unparse_flags()
