"""What a fault did: files and rows against those of a sweep that was left in peace."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweeping import PIECE, Ended

from lth_tf.log import log
from lth_tf.log.log import identity

ENDINGS = (".state", ".mask", ".numbers")
# Of a row: when it was written, and how long, where and with what its run was trained.
PROVENANCE = ("written", "run_seconds", "software", "device")


@dataclass
class Verdict:
    """What one try of a fault came to; what is not empty is a defect.

    Attributes:
      lost: artifacts and rows that are not there.
      wrong: artifacts and rows that differ, and files that should not be there.
      twice: steps that were trained more than once although nothing had lost them.
      silent: what nobody was told, or was told in a way that nobody can read.
    """

    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(*(mine + others for mine, others in zip(self, other, strict=True)))

    def __iter__(self) -> Iterator[list[str]]:
        return iter(vars(self).values())

    @property
    def defects(self) -> list[str]:
        """All of them, a line each."""
        return [f"{kind}: {what}" for kind, found in vars(self).items() for what in found]


@dataclass(frozen=True)
class Reference:
    """What the sweep leaves when nothing happens to it.

    Attributes:
      work: its workdir.
      artifacts: every state, mask and measurement, by its path in the store.
      rows: every row of the log, by identity.
      steps: how many steps it trained.
      calls: how often each place was reached where it can be killed.
    """

    work: Path
    artifacts: dict[str, bytes]
    rows: dict[tuple, str]
    steps: int
    calls: Counter[str]


def artifacts(store: Path) -> dict[str, bytes]:
    """Every state that a recipe names, every mask and measurement, byte for byte."""
    paths = (p for p in store.rglob("*") if p.suffix in ENDINGS and "damaged" not in p.parts)
    kept = (path for path in paths if path.name != "recovery.state")
    return {str(path.relative_to(store)): path.read_bytes() for path in kept}


def rows(work: Path) -> dict[tuple, str]:
    """Every row of the log without its provenance, by what makes it the same one."""
    found, _ = log.read(work)
    return {identity(row): _numbers(row) for row in found}


def _numbers(row: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in row.items() if k not in PROVENANCE}, sort_keys=True)


def so_far(work: Path, reference: Reference, before: Iterable[tuple] = ()) -> Verdict:
    """Judges a sweep that is not at its end: all that is there must be right, no row may go.

    Args:
      before: the identities of the rows that were there earlier.
    """
    verdict = Verdict()
    for name, data in artifacts(work / "store").items():
        if reference.artifacts.get(name) != data:
            verdict.wrong.append(name)
    found = rows(work) if work.is_dir() else {}
    verdict.wrong += [f"row {k}" for k, row in found.items() if reference.rows.get(k) != row]
    verdict.lost += [f"row {key}" for key in before if key not in found]
    return verdict


def at_the_end(work: Path, reference: Reference, store: Path | None = None) -> Verdict:
    """Judges a sweep that said it was through: everything is there, nothing is left behind."""
    store = store or work / "store"
    verdict = Verdict()
    for kind, found, expected in (
        ("artifact", artifacts(store), reference.artifacts),
        ("row", rows(work), reference.rows),
    ):
        verdict.lost += [f"{kind} {name}" for name in expected.keys() - found.keys()]
        verdict.wrong += [f"{kind} {n}" for n in found if found[n] != expected.get(n)]
    left = [*store.glob("leases/*.lease*"), *store.glob("runs/*/*/recovery.state")]
    left += (work / "logs").glob("*")
    verdict.wrong += [f"left behind: {path.relative_to(work)}" for path in left]
    return verdict


def training(sweeps: Iterable[Ended], steps: int | None = None) -> Verdict:
    """Judges what was trained: each step once, but for what a dead process had not kept yet.

    Args:
      sweeps: all that worked on one store, in order.
      steps: how many different ones there should be, if that is known.
    """
    taken, lost = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    verdict = Verdict()
    for sweep in sweeps:
        for pid, pieces in _by_process(sweep.events).items():
            taken.update(step for piece in pieces for step in piece)
            in_flight = _in_flight(sweep.events, pid)
            lost.update(in_flight)
            if len(in_flight) > PIECE:
                verdict.twice.append(f"process {pid} lost {len(in_flight)} steps")
    more = [step for step, times in taken.items() if times - lost[step] > 1]
    if more:
        verdict.twice.append(f"{len(more)} steps such as step {more[0][1]} of {more[0][0][:10]}")
    if steps is not None and len(taken) < steps:
        verdict.lost.append(f"{steps - len(taken)} steps were never trained")
    return verdict


def _by_process(events: Iterable[dict[str, Any]]) -> dict[int, list[list[tuple[str, int]]]]:
    """The steps that every process took, piece by piece."""
    pieces: dict[int, list[list[tuple[str, int]]]] = {}
    for event in events:
        if run := event.get("trained"):
            steps = [(run, step) for step in range(event["first"], event["last"])]
            pieces.setdefault(event["pid"], []).append(steps)
    return pieces


def _in_flight(events: Iterable[dict[str, Any]], pid: int) -> list[tuple[str, int]]:
    """The steps that a process took and did not live to keep."""
    steps: list[tuple[str, int]] = []
    for event in (event for event in events if event["pid"] == pid):
        if run := event.get("trained"):
            steps += [(run, step) for step in range(event["first"], event["last"])]
        elif run := event.get("kept"):
            steps = [step for step in steps if step[0] != run or step[1] >= event["step"]]
    return steps


def words(ended: Ended, *needed: str) -> Verdict:
    """Judges what a sweep said: lines that a person can read, and these words among them."""
    verdict = Verdict()
    for line in ended.stderr.splitlines():
        if not line.startswith(READABLE) and not is_about_a_log(line):
            verdict.silent.append(f"unreadable: {line}")
    said = ended.stdout + ended.stderr
    verdict.silent += [f"nothing was said of {word!r}" for word in needed if word not in said]
    return verdict


READABLE = ("warning: ", "error: ", "failed: ", "skipped: ", "stopped; ")


def is_about_a_log(line: str) -> bool:
    """Whether a line says what was skipped in a file of the log."""
    return line.startswith("rows-") and ".tfrecord: " in line
