"""Commands and programs as processes that are forked from one in which TensorFlow is loaded.

Loading it takes longer than what most tests do with it. TensorFlow survives a fork as long as
nothing was run on it: the workers of a sweep are forked from the sweep's own process, unless that
built a user's network. What happens while it is loaded (its chatter, its environment variables) is
not seen here, and no sitecustomize is: tests of these start the real commands (tests/binaries.py:
`command`, `run_anew`), and so do those that kill a sweep.
"""

import contextlib
import importlib
import multiprocessing
import os
import runpy
import signal
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any
from unittest import mock

_get_context = multiprocessing.get_context
_CONTEXT = _get_context("forkserver")
_CONTEXT.set_forkserver_preload(["preloaded"])


class Started:
    """A command that was started; its streams go to files, so that it never waits for a reader.

    Args:
      name: of the command: 'imp' for lth-imp; or the path of a program in Python.
      arguments: its flags.
      folder: where it runs.
      environment: its environment variables, of which TensorFlow was loaded without.
    """

    def __init__(
        self, name: str, arguments: list[str], folder: Path, environment: dict[str, str]
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._streams = [Path(self._folder.name, stream) for stream in ("stdout", "stderr")]
        given = (name, arguments, str(folder), [str(path) for path in self._streams], environment)
        self._process = _CONTEXT.Process(target=_run, args=given)
        with mock.patch.dict(os.environ, PYTHONPATH=str(Path(__file__).parent)):
            self._process.start()  # the first one, what they are forked from
        self.pid: int = self._process.pid or 0

    def poll(self) -> int | None:
        """Returns the exit code, negative after a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float) -> int:
        """Returns the exit code once there is one."""
        self._process.join(seconds)
        code = self._process.exitcode
        if code is None:
            self.send_signal(signal.SIGKILL)
            raise TimeoutError(f"it ran for more than {seconds} s")
        return code

    def send_signal(self, number: int) -> None:
        """Sends a signal to it, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def printed(self) -> tuple[str, str]:
        """Returns what it wrote to stdout and to stderr."""
        out, err = (path.read_text() for path in self._streams)
        return out, err


def _run(
    name: str, arguments: list[str], folder: str, streams: list[str], environment: dict[str, str]
) -> None:
    """Runs a command in this process, which is made to look like one of its own."""
    for number, path in enumerate(streams, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), number)
    sys.stdout, sys.stderr = (os.fdopen(n, "w", buffering=1, closefd=False) for n in (1, 2))
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    time.tzset()
    # Else processes that it starts would import pytest.
    sys.modules["__main__"] = types.ModuleType("__main__")
    multiprocessing.get_context = _context_of_workers  # type: ignore[assignment]
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    if name.endswith(".py"):
        sys.path.insert(0, str(Path(name).parent))
        sys.argv = [name, *arguments]
        runpy.run_path(name, run_name="__main__")
    else:
        sys.argv = [str(Path(sys.executable).with_name(f"lth-{name}")), *arguments]
        importlib.import_module(f"lth_tf.cli.{name}").run()


def _context_of_workers(method: str | None = None) -> Any:
    """How a sweep's workers are started: forked, with TensorFlow loaded, if nothing ran on it."""
    from tensorflow.python.eager import context

    ran = context.context()._initialized
    return _get_context("spawn" if ran else "fork")
