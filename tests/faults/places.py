"""Disks that are full or read-only, clocks that jump, leases that are stale, and company."""

import contextlib
import json
import os
import random
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from binaries import run
from judging import Reference, Verdict, at_the_end, so_far, training, words
from sweeping import Bench, Ended

DAY = 24 * 3600.0


class NoMount(RuntimeError):
    """No file system can be mounted here."""


@contextlib.contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """A small disk of its own.

    Raises:
      NoMount: this process may not mount any.
    """
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        raise NoMount("no file system can be mounted here: it takes root, with CAP_SYS_ADMIN")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    """Changes a disk while it is in use."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def interrupted(bench: Bench, reference: Reference, work: Path, draw: random.Random) -> Ended:
    """Kills all of a sweep somewhere in the middle."""
    at = draw.randint(reference.calls["training"] // 5, reference.calls["training"] // 2)
    ended = bench.run(work, ({"place": "training", "at": at, "victim": "all", "part": 0.5},))
    assert ended.code < 0, ended
    return ended


def used(work: Path) -> int:
    """How much of a disk a workdir takes, in bytes."""
    pages = (-(-path.stat().st_size // 4096) for path in work.rglob("*") if path.is_file())
    return 4096 * sum(pages)


def full(bench: Bench, reference: Reference, work: Path, draw: random.Random) -> Verdict:
    """A disk that gets full: one line, and when there is space again, the same bytes."""
    size = int(used(reference.work) * draw.uniform(0.02, 0.9)) + 64 * 1024
    with disk(work, f"size={size}") as place:
        ended = bench.run(place / "work")
        verdict = words(ended, "no space left")
        lines = [line for line in ended.stderr.splitlines() if not line.startswith("warning: ")]
        if ended.code != 2 or len(lines) != 1 or not lines[0].startswith("error: "):
            verdict.wrong.append(f"exit code {ended.code}: {ended.stderr!r}")
        verdict += so_far(place / "work", reference)
        remount(place, "size=200m")
        again = bench.run(place / "work")
        verdict += to_the_end(again, place / "work", reference)
        return verdict + training([ended, again], reference.steps)


def read_only(bench: Bench, reference: Reference, work: Path, draw: random.Random) -> Verdict:
    """A workdir that cannot be written, empty or in the middle: one line, and it can be read."""
    with disk(work, "size=200m") as place:
        mine = place / "work"
        if draw.random() < 0.7:
            interrupted(bench, reference, mine, draw)
        remount(place, "ro")
        before = _everything(place)
        ended = bench.run(mine)
        verdict = words(ended, "read-only")
        if (ended.code, ended.stderr.count("\n")) != (2, 1):
            verdict.wrong.append(f"exit code {ended.code}: {ended.stderr!r}")
        if mine.is_dir():
            verdict += _readable(mine)
        if _everything(place) != before:
            verdict.wrong.append("something was written")
        remount(place, "rw")
        verdict += to_the_end(bench.run(mine), mine, reference)
    return verdict


def _everything(folder: Path) -> dict[str, tuple]:
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in folder.rglob("*")}


def _readable(work: Path) -> Verdict:
    """Judges the commands that only read."""
    verdict = Verdict()
    for name, *arguments in (
        ("results", f"--workdir={work}"),
        ("store", f"--store={work / 'store'}", "list"),
    ):
        done = run(name, *arguments)
        fine = done.returncode == 0 or (name == "results" and "no rows yet" in done.stderr)
        if not fine:
            verdict.wrong.append(f"lth-{name}: exit code {done.returncode}: {done.stderr}")
        verdict += words(Ended(done.returncode, done.stdout, done.stderr))
    return verdict


def clock(bench: Bench, reference: Reference, work: Path, draw: random.Random) -> Verdict:
    """A clock that jumps by days at every look, and files from the past and from the future."""
    jumps = [draw.uniform(-400, 400) * DAY for _ in range(20)]
    sweeps = []
    if draw.random() < 0.7:
        sweeps.append(interrupted(bench, reference, work, draw))
        for path in sorted(path for path in work.rglob("*") if path.is_file()):
            os.utime(path, times=(time.time() + draw.uniform(-400, 400) * DAY,) * 2)
    sweeps.append(bench.run(work, clock=jumps))
    verdict = to_the_end(sweeps[-1], work, reference)
    return verdict + training(sweeps, reference.steps)


ELSEWHERE = {"host": "elsewhere", "boot": "another", "pid": 4, "started": "7"}
LEASES = ("dead process", "other host", "damaged", "empty", "claimed")


def stale(bench: Bench, reference: Reference, work: Path, draw: random.Random) -> Verdict:
    """Leases whose owners are gone, of every kind, on runs that are still to be trained."""
    sweeps = [interrupted(bench, reference, work, draw)]
    for run_key in _unfinished(work, reference):
        plant(work / "store" / "leases", run_key, draw.choice(LEASES))
    sweeps.append(bench.run(work, patience=0.4))
    verdict = to_the_end(sweeps[-1], work, reference)
    return verdict + training(sweeps, reference.steps)


def _unfinished(work: Path, reference: Reference) -> list[str]:
    ends = {name for name in reference.artifacts if name.endswith("at-000000160.state")}
    return [name.split("/")[2] for name in sorted(ends) if not (work / "store" / name).exists()]


def plant(folder: Path, key: str, kind: str) -> None:
    """Leaves a stale lease on a run; that of a process which was killed may lie there already."""
    path = folder / f"{key}.lease"
    content = json.dumps({**ELSEWHERE, "nonce": secrets.token_hex(16), "beat": f"{3:012d}"})
    if kind == "dead process":
        return
    folder.mkdir(exist_ok=True)
    path.write_text({"damaged": content[: len(content) // 2], "empty": ""}.get(kind, content))
    if kind == "claimed":
        from lth_tf.store import lease_files

        claim = lease_files.claim_path(path, content.encode())
        claim.write_text(json.dumps({**ELSEWHERE, "nonce": secrets.token_hex(16), "beat": "0"}))


def two(bench: Bench, reference: Reference, work: Path, draw: random.Random) -> Verdict:
    """Two sweeps on one store at once, in one workdir or in two; at times one of them is killed."""
    store, works = work / "store", [work / "one", work / draw.choice(("one", "other"))]
    running = [bench.start(place, store=store) for place in works]
    ended = []
    if draw.random() < 0.5:
        moment = draw.randint(1, reference.calls["training"] // 3)
        running[0].wait_until(lambda events: sum("trained" in e for e in events) >= moment)
        running[0].kill("all")
        ended.append(running[0].end())
        running[0] = bench.start(works[0], store=store)
    ended += [one.end() for one in running]
    verdict = Verdict()
    for place, one in zip(works, ended[-2:], strict=True):
        verdict += to_the_end(one, place, reference, store)
    return verdict + training(ended, reference.steps)


def to_the_end(
    ended: Ended, work: Path, reference: Reference, store: Path | None = None
) -> Verdict:
    """Judges a sweep that should have come through."""
    verdict = words(ended)
    if ended.code != 0:
        verdict.wrong.append(f"exit code {ended.code}: {ended.stderr}")
    return verdict + at_the_end(work, reference, store)
