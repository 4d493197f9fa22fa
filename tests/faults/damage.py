"""Files of the store and of the log that are cut short, or of which bits are flipped."""

import random
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from binaries import run
from judging import ENDINGS, Reference, Verdict, artifacts, rows, training, words
from sweeping import Bench, Ended

KINDS = {
    "state": "store/runs/*/*/at-*.state",
    "recovery state": "store/runs/*/*/recovery.state",
    "mask": "store/masks/*/*.mask",
    "measurement": "store/measurements/*/*.numbers",
    "journal": "store/runs/*/*/journal.jsonl",
    "registry": "store/experiments/*.json",
    "log": "results/*.tfrecord",
    "configuration": "configurations/*.gin",
}
Damage = Callable[[bytes, random.Random], bytes]
# Of the files of a kind, the share that is damaged.
SHARE = 0.3


def flip(data: bytes, draw: random.Random) -> bytes:
    """One bit to three bits are others."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, 3)):
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def cut(data: bytes, draw: random.Random) -> bytes:
    """The end is missing, or all of it."""
    return data[: draw.randrange(len(data))]


def apply(damage: Damage, work: Path, draw: random.Random) -> dict[str, list[Path]]:
    """Damages some files of every kind; returns which."""
    hit: dict[str, list[Path]] = {}
    for kind, pattern in KINDS.items():
        found = sorted(path for path in work.glob(pattern) if path.stat().st_size)
        hit[kind] = draw.sample(found, -(-int(SHARE * 100) * len(found) // 100))
        for path in hit[kind]:
            path.write_bytes(damage(path.read_bytes(), draw))
    return hit


def forget(work: Path, draw: random.Random) -> None:
    """Removes most measurements, and at times the log, so that much is asked for again."""
    for path in sorted(work.glob(KINDS["measurement"])):
        if draw.random() < 0.7:
            path.unlink()
    if draw.random() < 0.5:
        shutil.rmtree(work / "results", ignore_errors=True)


def attempt(
    damage: Damage,
    bench: Bench,
    reference: Reference,
    base: Path,
    work: Path,
    draw: random.Random,
) -> Verdict:
    """Damages a copy of a workdir, lets the sweep go on, and has what nobody read looked for.

    Args:
      base: the workdir of a sweep that is through, or that was killed.
    """
    shutil.copytree(base, work)
    forget(work, draw)
    hit = apply(damage, work, draw)
    left = {path: path.read_bytes() for paths in hit.values() for path in paths}
    ended = bench.run(work)
    verdict = words(ended, *_named(hit["log"], damage)) + _exit(ended)
    verdict += rows_of(work, reference)
    unread = _unread(work, reference, left, verdict)
    verified = run("store", f"--store={work / 'store'}", "verify")
    verdict += words(Ended(verified.returncode, verified.stdout, verified.stderr))
    said = ended.stderr + verified.stdout
    gone = [path for kind in hit for path in hit[kind] if path.suffix in ENDINGS]
    verdict.silent += [f"not named: {path}" for path in gone if str(path) not in said]
    verdict += _without(work, reference, unread)
    again = bench.run(work)
    verdict += _exit(again) + rows_of(work, reference) + _without(work, reference, unread)
    return verdict + training([ended, again])


def _named(logs: Iterable[Path], damage: Damage) -> list[str]:
    """The files of the log that must be named: each of which something was lost, if not all."""
    return [path.name for path in logs if damage is flip]


def _exit(ended: Ended) -> Verdict:
    return Verdict(wrong=[f"exit code {ended.code}: {ended.stderr}"] if ended.code else [])


def rows_of(work: Path, reference: Reference) -> Verdict:
    """Judges the log alone: every row, each with the same numbers."""
    found = rows(work)
    return Verdict(
        lost=[f"row {key}" for key in reference.rows.keys() - found.keys()],
        wrong=[f"row {key}" for key, row in found.items() if reference.rows.get(key) != row],
    )


def _unread(
    work: Path, reference: Reference, left: dict[Path, bytes], verdict: Verdict
) -> set[str]:
    """The damaged artifacts that the sweep had no need of; others that differ are wrong."""
    unread = set()
    for name, data in artifacts(work / "store").items():
        if data != reference.artifacts.get(name):
            if left.get(work / "store" / name) == data:
                unread.add(name)
            else:
                verdict.wrong.append(name)
    return unread


def _without(work: Path, reference: Reference, unread: set[str]) -> Verdict:
    """Judges the store after the damaged files that nobody needed were set aside."""
    found = artifacts(work / "store")
    return Verdict(
        lost=[name for name in reference.artifacts.keys() - found.keys() - unread],
        wrong=[name for name in found if found[name] != reference.artifacts.get(name)],
    )


def marker(
    damage: Damage, bench: Bench, reference: Reference, work: Path, draw: random.Random
) -> Verdict:
    """Damages format.json: one line that says so, nothing is written, and then it goes on."""
    shutil.copytree(reference.work, work)
    path = work / "store" / "format.json"
    sound = path.read_bytes()
    path.write_bytes(damage(sound, draw))
    ended = bench.run(work)
    verdict = words(ended)
    if ended.code == 2:
        verdict += words(ended, str(path))
    elif ended.code != 0 or ended.stderr:
        verdict.wrong.append(f"exit code {ended.code}: {ended.stderr}")
    path.write_bytes(sound)
    return verdict + rows_of(work, reference) + _without(work, reference, set())
