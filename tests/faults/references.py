"""The sweep that every fault is measured against."""

from pathlib import Path

from judging import Reference, artifacts, rows
from sweeping import Bench, calls


def undisturbed(bench: Bench, work: Path) -> Reference:
    """Runs the sweep in peace, by one worker, and reads what it leaves."""
    ended = bench.run(work, workers=1)
    assert (ended.code, ended.stderr) == (0, ""), ended.stderr
    steps = sum(event["last"] - event["first"] for event in ended.events if "trained" in event)
    return Reference(work, artifacts(work / "store"), rows(work), steps, calls(bench))
