"""kill -9 at random moments of a sweep with two workers."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judging import Reference, Verdict, at_the_end, rows, so_far, training, words
from sweeping import Bench, Ended

# Where a kill is aimed at; the rest comes from outside, at any moment.
AIMED = ("training", "checkpoint", "rename", "log append", "journal", "lease")
VICTIMS = {"self": 6, "sweep": 2, "all": 2}
# So many kills hit one workdir before the sweep is left in peace to come to its end.
LONGEST_CHAIN = 6


@dataclass
class Chain:
    """One workdir, killed again and again.

    Attributes:
      hits: the place and the victim of every kill.
      verdict: what was wrong after any of them, or at the end.
    """

    hits: list[tuple[str, str]] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)


def chain(
    bench: Bench, reference: Reference, work: Path, draw: random.Random, longest: int
) -> Chain:
    """Kills a sweep until it comes to its end or was killed so often, then lets it end."""
    made, sweeps, known = Chain(), list[Ended](), dict[tuple, str]()
    while len(made.hits) < longest:
        ended = _one(bench, reference, work, draw)
        sweeps.append(ended)
        made.hits += [(kill["place"], _victim(kill)) for kill in ended.kills]
        made.verdict += so_far(work, reference, known) if work.is_dir() else Verdict()
        made.verdict += words(ended, *_expected(ended))
        known = rows(work) if work.is_dir() else {}
        if ended.code == 0:
            break
    last = bench.run(work)
    made.verdict += words(last)
    if last.code != 0:
        made.verdict.wrong.append(f"exit code {last.code}: {last.stderr}")
    made.verdict += at_the_end(work, reference)
    made.verdict += training([*sweeps, last], reference.steps)
    return made


def _one(bench: Bench, reference: Reference, work: Path, draw: random.Random) -> Ended:
    """One run, killed at two moments of it, if it comes that far."""
    places = [draw.choice((*AIMED, "anywhere")) for _ in range(2)]
    aimed = tuple(_aim(place, reference.calls, draw) for place in places if place in AIMED)
    running = bench.start(work, aimed)
    for _ in range(places.count("anywhere")):
        moment = draw.randint(1, reference.calls["training"])
        running.wait_until(lambda events, moment=moment: _trained(events) >= moment)
        time.sleep(draw.uniform(0, 0.05))
        if running.process.poll() is None:
            running.kill(draw.choices(("worker", "sweep", "all"), tuple(VICTIMS.values()))[0])
    return running.end()


def _aim(place: str, calls: Counter[str], draw: random.Random) -> dict[str, Any]:
    victim = draw.choices(tuple(VICTIMS), tuple(VICTIMS.values()))[0]
    at = draw.randint(1, max(1, int(0.6 * calls[place])))
    return {"place": place, "at": at, "victim": victim, "part": draw.random()}


def _trained(events: list[dict[str, Any]]) -> int:
    return sum("trained" in event for event in events)


def _victim(kill: dict[str, Any]) -> str:
    """Who died: a worker, the sweep's own process, or all."""
    return kill.get("role", "sweep") if kill["killed"] == "self" else kill["killed"]


def _expected(ended: Ended) -> list[str]:
    """What a sweep must say of its kills, if it lived on: which worker died, and at what."""
    aimed = [kill for kill in ended.kills if kill["place"] in AIMED]  # Others may hit idle ones.
    died = [kill for kill in aimed if _victim(kill) == "worker"]
    return ["warning: a worker died (exit code -9) at "] if died and ended.code == 0 else []
