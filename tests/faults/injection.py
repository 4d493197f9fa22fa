"""Runs inside the processes of a sweep: writes down what they train, and kills them as planned.

The package knows nothing of it. A `sitecustomize` in front of the search path calls `install`,
which replaces functions of the standard library, and of the package at its seams, in the sweep's
own process and in its workers. What it does is read from the plan that FAULT_PLAN names:

  events     file that takes a line of JSON for every piece that was trained, every state that was
             kept, and every kill
  piece      steps trained at a time; a state is kept after each
  kills      [{place, at, victim, part}, ...]: at the at-th call of a place, counted over all
             processes together, the victim ('self', 'sweep' or 'all') is killed with SIGKILL;
             part, from 0 to 1, says how much of what was being written reaches the disk
  patience   seconds without a heartbeat after which a lease is taken over
  clock      seconds by which the clock is off, one after the other, a new one at every look
"""

import datetime
import fcntl
import json
import os
import signal
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

ROLES = {"lth-sweep": "sweep", "--multiprocessing-fork": "worker"}
# How long a call of the training loop takes here, about.
_CALL_SECONDS = 0.02


def install() -> None:
    """Prepares this process, if it belongs to a sweep that is to be disturbed."""
    names = {Path(argument).name for argument in sys.orig_argv}
    role = next((ROLES[name] for name in ROLES if name in names), None)
    if role and "FAULT_PLAN" in os.environ:
        Injection(role, Path(os.environ["FAULT_PLAN"]))


class Injection:
    """What is done to one process.

    Args:
      role: 'sweep' for the sweep's own process, 'worker' for one of its workers.
      plan: the file that says what to do.
    """

    def __init__(self, role: str, plan: Path) -> None:
        self._role, self._counts = role, plan.with_suffix(".counts")
        self._plan = json.loads(plan.read_text())
        self._say(begins=role)
        self._watch_training()
        self._watch_calls()
        if patience := self._plan.get("patience"):
            self._shorten_patience(patience)
        if self._plan.get("clock"):
            self._disturb_clock(self._plan["clock"])

    def _say(self, **event: Any) -> None:
        line = json.dumps({"pid": os.getpid(), **event}).encode() + b"\n"
        descriptor = os.open(self._plan["events"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._write(descriptor, line)
        os.close(descriptor)

    _write = staticmethod(os.write)  # as it is before it is replaced

    def _reached(self, place: str) -> dict[str, Any] | None:
        """Counts a call of a place; returns the kill that is due at it, if any."""
        with open(self._counts, "a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            number = sum(line == f"{place}\n" for line in file) + 1
            file.write(f"{place}\n")
        due = (k for k in self._plan["kills"] if (k["place"], k["at"]) == (place, number))
        return next(due, None)

    def _kill(self, kill: dict[str, Any]) -> None:
        self._say(killed=kill["victim"], place=kill["place"], role=self._role)
        if kill["victim"] == "all":
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os.kill(os.getppid() if self._spares_me(kill) else os.getpid(), signal.SIGKILL)

    def _spares_me(self, kill: dict[str, Any]) -> bool:
        """Whether another process is killed, and this one goes on with what it is writing."""
        return kill["victim"] == "sweep" and self._role == "worker"

    def _watch_training(self) -> None:
        from lth_tf.store.trainer import Trainer

        train_to, write_state, injection = Trainer._train_to, Trainer._write_state, self

        def observed(trainer: Any, stop: int, trajectory: Any, run: Any, lease: Any) -> Any:
            trainer._checkpoint_seconds = 0.0
            return train_to(trainer, stop, _Observed(trajectory, run.key, injection), run, lease)

        def kept(trainer: Any, path: Path, run: Any, state: Any) -> None:
            write_state(trainer, path, run, state)
            injection._say(kept=run.key, step=state.step)

        Trainer._train_to, Trainer._write_state = observed, kept  # type: ignore[method-assign]

    def advance(self, trajectory: Any, run: str, stop: int) -> Any:
        """Trains one piece; a kill that is due comes at a moment in the middle of it."""
        kill, first = self._reached("training"), trajectory.step
        if kill:
            threading.Timer(kill["part"] * _CALL_SECONDS, self._kill, [kill]).start()
        outcomes = trajectory.advance(min(stop, first + self._plan["piece"]))
        self._say(trained=run, first=first, last=trajectory.step)
        return outcomes

    def _watch_calls(self) -> None:
        """Puts a watch on every way in which something reaches the disk."""
        self._around("replace", lambda a, b, **_: "rename" if ".png" not in str(b) else None)
        self._around("link", lambda *_, **__: "lease")
        self._before("fsync", _synced_place)
        self._before("write", lambda fd, *_: "journal" if _name(fd) == "journal.jsonl" else None)

    def _around(self, name: str, place_of: Any) -> None:
        """Kills right before or right after a call, by the kill's part."""
        original = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            place = place_of(*arguments, **options)
            kill = place and self._reached(place)
            if kill and kill["part"] < 0.5:
                self._kill(kill)
            value = original(*arguments, **options)
            if kill:
                self._kill(kill)
            return value

        setattr(os, name, call)

    def _before(self, name: str, place_of: Any) -> None:
        """Kills when a part of what is written has reached the disk."""
        original = getattr(os, name)

        def call(descriptor: int, *data: bytes) -> Any:
            place = place_of(descriptor, *data)
            if place and (kill := self._reached(place)):
                if not self._spares_me(kill):
                    part = kill["part"]
                    for whole in data:
                        original(descriptor, whole[: int(len(whole) * part)])
                    if not data:
                        _tear(descriptor, part)
                self._kill(kill)
            return original(descriptor, *data)

        setattr(os, name, call)

    def _shorten_patience(self, seconds: float) -> None:
        from lth_tf.store import leases

        leases.acquire.__defaults__ = (None, seconds / 4, seconds)

    def _disturb_clock(self, jumps: list[float]) -> None:
        from lth_tf.log import log

        right, calls = time.time, iter(range(sys.maxsize))
        time.time = lambda: right() + jumps[next(calls) % len(jumps)]

        class Clock(datetime.datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return cls.fromtimestamp(time.time(), tz)

        log.datetime = types.SimpleNamespace(UTC=datetime.UTC, datetime=Clock)  # type: ignore


class _Observed:
    """A trajectory that is trained in small pieces, each of which is written down."""

    def __init__(self, trajectory: Any, run: str, injection: Injection) -> None:
        self._trajectory, self._key, self._injection = trajectory, run, injection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trajectory, name)

    def advance(self, stop: int) -> Any:
        return self._injection.advance(self._trajectory, self._key, stop)


def _name(descriptor: int) -> str:
    """The name of the file that is open."""
    try:
        return os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))
    except OSError:
        return ""


def _synced_place(descriptor: int) -> str | None:
    name = _name(descriptor)
    if name.endswith(".tfrecord"):
        return "log append"
    kept = ".state." in name or ".record." in name
    return "checkpoint" if name.startswith(".") and kept else None


def _tear(descriptor: int, part: float) -> None:
    """Leaves only a part of a file: of a log, only a part of its last record."""
    name, size = f"/proc/self/fd/{descriptor}", os.fstat(descriptor).st_size
    start = _last_record(Path(name).read_bytes()) if _name(descriptor)[0] != "." else 0
    os.truncate(name, start + int((size - start) * part))


def _last_record(data: bytes) -> int:
    """Where the last record of a log begins."""
    start = offset = 0
    while offset < len(data):
        start = offset
        offset += 16 + int.from_bytes(data[offset : offset + 8], "little")
    return start
