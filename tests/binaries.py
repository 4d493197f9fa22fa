"""Runs the real binaries as a user does: the console commands, in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from forked import Started

REPOSITORY = Path(__file__).resolve().parents[1]
# Plenty: nothing here measures time, and machines may be busy.
SECONDS = 900

# Bindings that shrink the demo's files to a second of training.
SMALL = (
    "STEPS=20",
    "INITIALIZATIONS=(0,)",
    "REWIND_STEPS=(0,5)",
    "Lenet.widths=(8,)",
    "MaskSearch.levels=2",
    "Hparams.xla='off'",
)
# What says at its process's end whether TensorFlow was loaded in it.
PROBE = """
import atexit, os, sys
atexit.register(lambda: open(os.environ["PROBE"], "a").write(str("tensorflow" in sys.modules)))
"""


def command(name: str, *arguments: object) -> list[str]:
    """The command line of a binary: 'imp' for lth-imp, installed beside this Python."""
    return [str(Path(sys.executable).with_name(f"lth-{name}")), *map(str, arguments)]


def bind(*bindings: str) -> list[str]:
    """The flags that make bindings."""
    return [f"--gin_bindings={binding}" for binding in bindings]


def environment(**changes: str) -> dict[str, str]:
    """The environment of a binary: no GPU, and none of the settings that pytest's own has."""
    dropped = ("TF_CPP_MIN_LOG_LEVEL", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "CUDA_VISIBLE_DEVICES": "-1", **changes}


def run(
    name: str, *arguments: object, folder: Path | None = None, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end, in a process of its own that finds TensorFlow loaded.

    Args:
      name: of the command, or the path of a program in Python.
      arguments: its flags.
      folder: where it runs.
      changes: environment variables.
    """
    line = [*map(str, arguments)]
    started = start(name, *line, folder=folder, **changes)
    code = started.wait(SECONDS)
    return subprocess.CompletedProcess([name, *line], code, *started.printed())


def run_anew(
    name: str, *arguments: object, folder: Path | None = None, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command as `run` does, but starts Python and loads everything as users' shells do."""
    return subprocess.run(
        command(name, *arguments),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(**changes),
        timeout=SECONDS,
    )


def probing(folder: Path) -> dict[str, str]:
    """The environment of processes of which `has_loaded_tensorflow` is to be asked."""
    (folder / "sitecustomize.py").write_text(PROBE)
    return {"PYTHONPATH": str(folder), "PROBE": str(folder / "probe")}


def has_loaded_tensorflow(folder: Path) -> bool:
    """Whether any process that ended meanwhile had TensorFlow loaded."""
    return "True" in (folder / "probe").read_text()


def start(name: str, *arguments: object, folder: Path | None = None, **changes: str) -> Started:
    """Starts a command in a process of its own; arguments as of `run`."""
    return Started(name, [*map(str, arguments)], folder or Path.cwd(), environment(**changes))


def succeed(name: str, *arguments: object, folder: Path | None = None, **changes: str) -> str:
    """Runs a binary that must succeed without a word on stderr; returns what it printed."""
    return _said(run(name, *arguments, folder=folder, **changes))


def succeed_anew(name: str, *arguments: object, **changes: str) -> str:
    """Runs a binary as `run_anew` does, which must succeed as in `succeed`."""
    return _said(run_anew(name, *arguments, **changes))


def _said(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def succeed_program(name: str, *arguments: object, **changes: str) -> None:
    """Runs a program of the tests, by its path below tests/, that must succeed.

    What is to be set before TensorFlow runs, such as logical devices, takes a process of its own.
    """
    tests = REPOSITORY / "tests"
    done = run(str(tests / name), *arguments, **{"PYTHONPATH": str(tests)} | changes)
    assert done.returncode == 0, done.stderr[-3000:]


def in_one_process(commands: list[list[str]]) -> None:
    """Runs experiments that must succeed in one process, one after the other.

    Args:
      commands: of each, the binary's name and its flags.
    """
    succeed_program("integration/in_one_process.py", json.dumps(commands))


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path there."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
