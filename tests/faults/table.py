"""Tries every fault many times and writes the table of docs/faults.md.

PYTHONPATH=tests .venv/bin/python tests/faults/table.py --results=runs/faults.json --write

It takes about half an hour. What was tried is kept in --results: with --seconds it stops after
about so long, and the same command goes on from there; --write replaces the table in the page.
"""

import argparse
import json
import os
import platform
import re
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import kills
import trials
from references import undisturbed
from sweeping import Bench

from lth_tf.data import digits

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
KILLS = 100
KINDS = ("lost", "wrong", "twice", "silent")


def options() -> argparse.Namespace:
    """The flags of this program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="file of what was tried")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after these")
    parser.add_argument("--write", action="store_true", help="write the table into the page")
    return parser.parse_args()


def load(path: Path) -> list[dict[str, Any]]:
    """What was tried so far: a document for every try."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def remaining(done: list[dict[str, Any]]) -> Any:
    """What is left to try, as (fault, seed); chains of kills as (None, seed)."""
    tried = {(one["fault"], one["seed"]) for one in done}
    if sum(len(one["hits"]) for one in done) < KILLS:
        yield None, sum(one["fault"] == "kill -9" for one in done)
    for seed in range(max(fault.tries for fault in trials.FAULTS)):
        for fault in trials.FAULTS:
            if seed < fault.tries and (fault.name, seed) not in tried:
                yield fault, seed


def attempt(fault: trials.Fault | None, seed: int, folder: Path, run: trials.Trials) -> dict:
    """One try as a document."""
    if fault is not None:
        verdict, hits = run.run(fault, seed), []
    else:
        (chain,) = trials.chains(run.bench, run.reference, folder, seed, wanted=1)
        verdict, hits = chain.verdict, chain.hits
    name = fault.name if fault else "kill -9"
    return {"fault": name, "seed": seed, "hits": hits, **vars(verdict)}


def work(results: Path, seconds: float) -> None:
    """Tries what is left, until it is all done or the time is up."""
    deadline = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        digits.prepare(str(folder / "data"))
        bench = Bench(folder / "bench", str(folder / "data"))
        run = trials.Trials(bench, undisturbed(bench, folder / "reference"), folder / "trials")
        while time.monotonic() < deadline:
            following = next(remaining(load(results)), None)
            if following is None:
                break
            done = attempt(*following, folder, run)
            with open(results, "a") as file:
                file.write(json.dumps(done) + "\n")
            print(done["fault"], done["seed"], {k: done[k] for k in KINDS if done[k]}, flush=True)


def table(done: list[dict[str, Any]]) -> str:
    """The tries as tables in Markdown."""
    lines = ["| fault | tries | lost | wrong | trained twice | not said |", "|---|" + "--:|" * 5]
    for name in ("kill -9", *(fault.name for fault in trials.FAULTS)):
        mine = [one for one in done if one["fault"] == name]
        tries = sum(len(one["hits"]) for one in mine) if name == "kill -9" else len(mine)
        cells = [str(sum(len(one[kind]) for one in mine)) for kind in KINDS]
        lines.append(f"| {' | '.join((name, str(tries), *cells))} |")
    return "\n".join((*lines, "", *_kills(done)))


def _kills(done: list[dict[str, Any]]) -> list[str]:
    """Where the kills hit, and whom."""
    hits = Counter(tuple(hit) for one in done for hit in one["hits"])
    victims = ("worker", "sweep", "all")
    lines = ["| killed during | a worker | the sweep's own process | all |", "|---|--:|--:|--:|"]
    for place in (*kills.AIMED, "anywhere"):
        cells = [str(hits[place, victim]) for victim in victims]
        lines.append(f"| {' | '.join((place, *cells))} |")
    return lines


def write(done: list[dict[str, Any]]) -> None:
    """Replaces the table in the page."""
    machine = f"{os.cpu_count()} cores, Linux {platform.release()}, Python"
    about = f"{machine} {platform.python_version()}; {time.strftime('%Y-%m-%d', time.gmtime())}."
    text = f"<!-- table -->\n{table(done)}\n\n{about}\n<!-- end of table -->"
    place = re.compile(r"<!-- table -->.*<!-- end of table -->", re.DOTALL)
    PAGE.write_text(place.sub(lambda _: text, PAGE.read_text()))


def main() -> None:
    """Tries, then writes."""
    flags = options()
    flags.results.parent.mkdir(parents=True, exist_ok=True)
    work(flags.results, flags.seconds)
    if flags.write:
        write(load(flags.results))


if __name__ == "__main__":
    main()
