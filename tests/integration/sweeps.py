"""Small sweeps, and what there is to see of them: in their stores, their logs, while they run."""

import json
import subprocess
import time
from collections import Counter
from pathlib import Path

from binaries import SECONDS, bind, files

from lth_tf.log import log
from lth_tf.store import journal

SMALL = (
    *("STEPS=40", "Lenet.widths=(8,)", "Hparams.xla='off'", "MaskSearch.levels=2"),
    *("Instability.levels=(2,)", "Instability.alphas=3"),
)
# Of IMP alone, and long enough to be disturbed.
LONG = tuple(b.replace("STEPS=40", "STEPS=1200") for b in SMALL if "Instability" not in b)


def flags(work: Path, data: str, *bindings: str) -> list[str]:
    """The flags of a sweep: of IMP at four points, or with instability, if bound, at two."""
    both = any("Instability" in binding for binding in bindings)
    kinds, seeds = (("imp", "instability"), "(0,)") if both else (("imp",), "(0,), (1,)")
    axes = (f"INITIALIZATIONS=[{seeds}]", "REWIND_STEPS=[(0,), (5,)]")
    return [
        *(f"--gin_file=demo/{name}.gin" for name in kinds),
        *bind("Hparams.threads=1", *bindings),
        *(f"--over={axis}" for axis in axes),
        *(f"--workdir={work}", f"--data_dir={data}"),
    ]


def artifacts(store: Path) -> dict[str, bytes]:
    """Every state, mask and measurement of a store, byte for byte."""
    endings = (".state", ".mask", ".numbers")
    return {name: data for name, data in files(store).items() if name.endswith(endings)}


def rows(work: Path) -> list[str]:
    """Every row of a log without what two runs cannot have in common, sorted."""
    found, report = log.read(work)
    assert report.skipped == []
    own = ("written", "run_seconds")
    return sorted(json.dumps({k: v for k, v in r.items() if k not in own}) for r in found)


def trained(store: Path) -> Counter[str]:
    """How often every step of every run was taken."""
    steps = Counter[str]()
    for path in (store / "runs").glob("*/*/journal.jsonl"):
        for entry in journal.read(path):
            taken = range(entry["first_step"], entry["last_step"])
            steps.update(f"{path.parent.name} {step}" for step in taken)
    return steps


def holders(store: Path) -> list[int]:
    """The processes that are training something right now."""
    found = []
    for path in (store / "leases").glob("*.lease"):
        try:
            found.append(json.loads(path.read_text())["pid"])
        except (OSError, ValueError):
            continue
    return found


def wait_for(condition, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
