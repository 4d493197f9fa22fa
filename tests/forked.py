"""Commands as processes of their own that are forked from one in which TensorFlow is loaded.

Loading it takes longer than what most tests do with it. TensorFlow survives a fork as long as
nothing was run on it. What happens while it is loaded (its chatter, its environment variables) is
not seen here: tests of that start the real commands (tests/binaries.py: `command`).
"""

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import types
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tensorflow", "lth_tf.lab.lab", "lth_tf.training.engine"])


class Started:
    """A command that was started; its streams go to files, so that it never waits for a reader.

    Args:
      name: of the command: 'imp' for lth-imp.
      arguments: its flags.
      folder: where it runs.
      environment: its environment variables.
    """

    def __init__(
        self, name: str, arguments: list[str], folder: Path, environment: dict[str, str]
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._streams = [Path(self._folder.name, stream) for stream in ("stdout", "stderr")]
        given = (name, arguments, str(folder), [str(path) for path in self._streams], environment)
        self._process = _CONTEXT.Process(target=_run, args=given)
        self._process.start()
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
    sys.argv = [str(Path(sys.executable).with_name(f"lth-{name}")), *arguments]
    # Else processes that it starts would import pytest.
    sys.modules["__main__"] = types.ModuleType("__main__")
    importlib.import_module(f"lth_tf.cli.{name}").run()
