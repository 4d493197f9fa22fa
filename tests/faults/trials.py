"""Every fault with the way to try it once, and how often the table has it tried."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import damage
import kills
import places
from judging import Reference, Verdict
from sweeping import Bench

Attempt = Callable[[Bench, Reference, Path, random.Random], Verdict]


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
      name: what happens, for people.
      attempt: lets it happen once.
      tries: how often, for the table.
    """

    name: str
    attempt: Attempt
    tries: int


@dataclass
class Trials:
    """Tries of every fault but kills, each in a workdir of its own."""

    bench: Bench
    reference: Reference
    folder: Path
    _bases: dict[int, Path] = field(default_factory=dict)

    def run(self, fault: Fault, seed: int) -> Verdict:
        """One try, which the seed decides."""
        self.folder.mkdir(parents=True, exist_ok=True)
        work = self.folder / f"{fault.name.replace(' ', '_').replace(',', '')}-{seed}"
        draw = random.Random(f"{fault.name} {seed}")
        if fault.attempt in (_flipped, _cut):
            # Of a sweep that is through, and of two that were killed in the middle.
            base = self.reference.work if seed % 3 == 0 else self._base(seed % 3)
            return fault.attempt(self.bench, self.reference, base, work, draw)  # type: ignore
        return fault.attempt(self.bench, self.reference, work, draw)

    def _base(self, number: int) -> Path:
        if number not in self._bases:
            self._bases[number] = self.folder / f"interrupted-{number}"
            draw = random.Random(number)
            places.interrupted(self.bench, self.reference, self._bases[number], draw)
        return self._bases[number]


_flipped, _cut = partial(damage.attempt, damage.flip), partial(damage.attempt, damage.cut)
FAULTS = (
    Fault("bits flipped, in a third of the files of every kind", _flipped, 10),
    Fault("files cut short, a third of every kind", _cut, 10),
    Fault("bits flipped in format.json", partial(damage.marker, damage.flip), 20),
    Fault("format.json cut short", partial(damage.marker, damage.cut), 20),
    Fault("disk full", places.full, 8),
    Fault("workdir read-only", places.read_only, 4),
    Fault("clock that jumps by up to 400 days", places.clock, 4),
    Fault("stale leases", places.stale, 6),
    Fault("two sweeps on one store", places.two, 6),
)


def chains(
    bench: Bench,
    reference: Reference,
    folder: Path,
    seed: int,
    wanted: int,
    longest: int = kills.LONGEST_CHAIN,
) -> list[kills.Chain]:
    """Chains of kills, as many as it takes to have so many of them, none much longer than that."""
    found: list[kills.Chain] = []
    folder.mkdir(parents=True, exist_ok=True)
    while sum(len(chain.hits) for chain in found) < wanted:
        work, draw = folder / f"killed-{seed}", random.Random(f"kill {seed}")
        found.append(kills.chain(bench, reference, work, draw, longest))
        seed += 1
    return found
