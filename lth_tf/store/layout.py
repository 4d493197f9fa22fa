"""The layout of a store: the paths of its artifacts, which the recipes give.

<store>/runs/ab/<key>/at-000024000.state   weights, statistics and slots at a step
                      recovery.state       the latest state, while the run is under way
                      diverged.state       only in a run whose loss stopped being finite
                      record-000000000-000024000.record   every step's loss and right answers
                      journal.jsonl        when, where and how fast it was trained
<store>/masks/ab/<key>.mask
<store>/measurements/ab/<key>.numbers
<store>/experiments/<configuration key>.json   the recipes that an experiment uses
<store>/leases/  damaged/
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lth_tf.recipes import Recipe, Train
from lth_tf.store import checks, records


class Layout:
    """Paths below the root of a store."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, run: Train) -> Path:
        """Returns the folder of a run."""
        return self.root / run.folder

    def run_folder(self, key: str) -> Path:
        """Returns the folder of the run with a key."""
        return self.root.joinpath("runs", key[:2], key)

    def artifact(self, recipe: Recipe) -> Path:
        """Returns the file of a state, a mask or a measurement."""
        assert recipe.place is not None, recipe
        return self.root / recipe.place

    def holds(self, recipe: Recipe) -> bool:
        """Returns whether a recipe's artifact is there; False for a kind that is not stored.

        A file whose header names another recipe, as in a folder restored to a wrong place, is none.
        """
        if recipe.place:
            return checks.read_header(self.root / recipe.place) is not None
        of_run: Any = recipe
        if of_run.made_by is None or self.recorded_until(of_run.made_by) < of_run.step:
            return False
        # The step that diverged is recorded, and yet there is no record up to the one after it.
        return self.diverged_before(of_run.made_by, of_run.step) is None

    def recovery(self, run: Train) -> Path:
        """Returns the file of a run's latest state while it is under way."""
        return self.run(run) / "recovery.state"

    def diverged(self, run: Train) -> Path:
        """Returns the file that marks a run as diverged."""
        return self.run(run) / "diverged.state"

    def diverged_before(self, run: Train, step: int) -> int | None:
        """Returns the step at which a run diverged, if that is before another step; or None."""
        header = checks.read_header(self.diverged(run))
        return header["step"] if header and header["step"] < step else None

    def journal(self, run: Train) -> Path:
        """Returns the file with the times, places and speed of a run's training."""
        return self.run(run) / "journal.jsonl"

    def recorded_until(self, run: Train) -> int:
        """Returns the first step of a run that its record lacks."""
        return records.recorded_until(self.run(run), run.first_step)

    @property
    def leases(self) -> Path:
        """The folder of the leases."""
        return self.root / "leases"

    @property
    def experiments(self) -> Path:
        """The folder in which experiments register what they use."""
        return self.root / "experiments"

    def steps(self, run: Train) -> list[int]:
        """Returns the steps whose states are kept, rising."""
        steps = map(checks.step_of, self.run(run).glob("at-*.state"))
        return sorted(step for step in steps if step is not None)

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yields every artifact file as (key of its run, mask or measurement, path)."""
        for path in self.root.glob("runs/*/*/*"):
            yield path.parent.name, path
        for pattern in ("masks/*/*.mask", "measurements/*/*.numbers"):
            for path in self.root.glob(pattern):
                yield path.stem, path
