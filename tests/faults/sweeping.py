"""The sweep that the faults are tried on: its flags, a run of it, and what is left afterwards."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from binaries import SECONDS, bind, command, environment

HERE = Path(__file__).resolve().parent
# Steps between two states; what a killed worker may have to train again.
PIECE = 40
WORKERS = 2
BINDINGS = (
    *("Hparams.threads=1", "Hparams.xla='off'", "Lenet.widths=(8,)", "STEPS=160"),
    *("REWIND_STEPS=(20,)", "MaskSearch.levels=2", "Instability.levels=(2,)"),
    "Instability.alphas=3",
)
AXIS = "INITIALIZATIONS=[(0,), (1,)]"


@dataclass
class Ended:
    """A sweep that came to its end, one way or another.

    Attributes:
      code: exit code; negative for the signal that killed it.
      stdout, stderr: what it said.
      events: what happened in its processes, in order.
    """

    code: int
    stdout: str
    stderr: str
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def kills(self) -> list[dict[str, Any]]:
        """The kills that were carried out."""
        return [event for event in self.events if "killed" in event]


def flags(work: Path, data: str, store: Path | None = None, workers: int = WORKERS) -> list[str]:
    """The flags of the sweep: IMP and instability of two initializations."""
    return [
        *("--gin_file=demo/imp.gin", "--gin_file=demo/instability.gin", f"--workers={workers}"),
        *bind(*BINDINGS),
        *(f"--over={AXIS}", f"--workdir={work}", f"--data_dir={data}"),
        *([f"--store={store}"] if store else []),
    ]


@dataclass
class Bench:
    """Where sweeps are tried.

    Attributes:
      folder: takes the plans and what they say; workdirs may lie elsewhere.
      data: folder of the datasets.
    """

    folder: Path
    data: str
    _number: int = 0

    def __post_init__(self) -> None:
        path = self.folder / "path"
        path.mkdir(parents=True, exist_ok=True)
        (path / "sitecustomize.py").write_text("import injection\n\ninjection.install()\n")

    def start(
        self,
        work: Path,
        kills: tuple = (),
        store: Path | None = None,
        workers: int = WORKERS,
        **plan: Any,
    ) -> "Running":
        """Starts the sweep, with processes that are disturbed as planned."""
        self._number += 1
        file = self.folder / f"plan{self._number}.json"
        events = self.folder / f"events{self._number}"
        document = {"events": str(events), "piece": PIECE, "kills": kills, **plan}
        file.write_text(json.dumps(document))
        search = f"{self.folder / 'path'}{os.pathsep}{HERE}"
        process = subprocess.Popen(
            command("sweep", *flags(work, self.data, store, workers)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(PYTHONPATH=search, FAULT_PLAN=str(file)),
            start_new_session=True,
        )
        return Running(process, events)

    def run(self, work: Path, kills: tuple = (), **more: Any) -> Ended:
        """Runs the sweep to its end; arguments as of `start`."""
        return self.start(work, kills, **more).end()


@dataclass
class Running:
    """A sweep under way."""

    process: subprocess.Popen
    events: Path

    def end(self) -> Ended:
        """Waits until all of its processes are gone, orphaned workers too."""
        stdout, stderr = self.process.communicate(timeout=SECONDS)
        return Ended(self.process.returncode, stdout, stderr, read_events(self.events))

    def processes(self, role: str) -> list[int]:
        """The processes of a role that have begun, the latest last."""
        return [e["pid"] for e in read_events(self.events) if e.get("begins") == role]

    def kill(self, victim: str) -> None:
        """Kills from outside: the latest 'worker', the 'sweep', or 'all' of its processes."""
        pid = self.process.pid
        if victim == "worker":
            pid = (self.processes("worker") or [pid])[-1]
        with open(self.events, "a") as file:
            file.write(json.dumps({"pid": pid, "killed": victim, "place": "anywhere"}) + "\n")
        (os.killpg if victim == "all" else os.kill)(pid, signal.SIGKILL)

    def wait_until(self, happened: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Waits for something in the events; returns as well when the sweep has ended."""
        while self.process.poll() is None and not happened(read_events(self.events)):
            try:
                self.process.wait(0.005)
            except subprocess.TimeoutExpired:
                continue


def read_events(path: Path) -> list[dict[str, Any]]:
    """The events that were written down whole."""
    if not path.exists():
        return []
    lines = path.read_text().split("\n")[:-1]
    return [json.loads(line) for line in lines]


def calls(bench: Bench) -> Counter[str]:
    """How often each place was reached in the latest run."""
    path = bench.folder / f"plan{bench._number}.counts"
    return Counter(path.read_text().splitlines())
