"""Training for a store: from the nearest state there is, by one process at a time."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth_tf import provenance
from lth_tf.recipes import At, Diverged, Recipe, Recorded, Train
from lth_tf.state import State
from lth_tf.store import artifacts, checks, files, journal, leases, records
from lth_tf.store.observer import Observer
from lth_tf.training.batches import Outcomes

if TYPE_CHECKING:  # It loads TensorFlow, which nobody needs to read what is there already.
    from lth_tf.store.store import Store
    from lth_tf.training.trajectory import Trajectory

Make = Callable[[At, State, Any, leases.Lease], State]
log = logging.getLogger(__name__)


class Trainer:
    """Trains runs up to the requested states, and keeps these; made by a Store, with its Args."""

    def __init__(self, store: "Store", observer: Observer, checkpoint_seconds: float) -> None:
        self._store, self._layout, self._observer = store, store.layout, observer
        self._checkpoint_seconds = checkpoint_seconds

    def record(self, recorded: Recorded) -> records.Record:
        """Returns the record of a run's steps before a step, as `Store.record`."""
        run, target = recorded.run, At(recorded.run, recorded.step)
        while True:
            self._check_diverged(target)
            folder, root = self._layout.run(run), self._layout.root
            record = records.read(folder, run.first_step, target.step, root)
            if record.complete:
                return record
            self._train_until(target, self._recorded_again)

    def kept(self, recipe: At) -> State | None:
        """Returns a state that is kept; None if it is not, or had to be set aside."""
        return self._read_state(self._layout.artifact(recipe), recipe.run)

    def _read_state(self, path: Path, run: Train) -> State | None:
        """Returns the state in a file, with the weights that its run does not train."""
        # Every reader of a state computes with it: the network is open, or will be in a moment.
        if not os.path.lexists(path):
            return None
        check = partial(checks.check_state, **self._store.engine.state_shapes(run))
        if (artifact := self._store.read(path, check)) is None:
            return None
        header, arrays = artifact
        state = State.from_arrays(arrays, header["step"], header["updates"])
        if run.trained == "all":
            return state
        start = self._start(run).masked(self._store.mask(run.mask))
        return replace(state, weights={**start.weights, **state.weights})

    def train(self, target: At) -> State:
        """Trains a run up to a state, from the nearest earlier one in the store."""
        return self._train_until(target, self._made_once)

    def _train_until(self, target: At, make: Make) -> State:
        """Trains a run up to a state while no other process does.

        Args:
          make: returns the state, given the target, the run's start, its mask and the lease.
        """
        run = target.run
        self._check_diverged(target)
        self._measure_first(run.task)
        self._store.mask(run.mask)
        start = self._start(run)
        # Read again: the engine is open now, so that it is checked against the network's shapes.
        mask = self._store.mask(run.mask)
        if target.step == run.first_step:
            return start.masked(mask)
        while True:
            on_wait = partial(self._on_wait, target)
            try:
                with leases.acquire(self._layout.leases, run.key, on_wait) as lease:
                    # Half-written files of killed processes.
                    files.remove_leftovers(self._layout.run(run))
                    self._check_diverged(target)
                    state = make(target, start.masked(mask), mask, lease)
            except leases.LeaseLost:
                log.warning("run %s was taken over by another process", run.short_key)
                continue
            self._observer.finished(run, target.step)
            return state

    def _measure_first(self, task: Recipe) -> None:
        """Makes the measurements that a task's subset is chosen by, before any lease is held."""
        for child in task.children:
            if child.MADE:
                self._store.make(child)
            else:
                self._measure_first(child)

    def _on_wait(self, target: At, holder: str) -> None:
        if not self._store.waits:
            raise leases.LeaseHeld
        self._observer.doing(f"waiting for {target.short_key}, which {holder} is making")

    def _made_once(self, target: At, start: State, mask: Any, lease: leases.Lease) -> State:
        """Makes a state unless another process has done so."""
        state = self.kept(target)
        return state or self._advance(target, self._nearest(target) or start, mask, lease)

    def _recorded_again(self, target: At, start: State, mask: Any, lease: leases.Lease) -> State:
        """Takes the steps that a run's record lacks again, from the last state before them."""
        until = self._layout.recorded_until(target.run)
        if until >= target.step:
            return start
        nearest = self._latest_kept(target.run, range(min(until + 1, target.step)))
        return self._advance(target, nearest or start, mask, lease)

    def _start(self, run: Train) -> State:
        """Returns the state at a run's first step, before its mask is applied."""
        state = replace(self._store.state(run.start), step=run.first_step)
        return state if run.slots == "carried" else replace(state, slots={}, updates=0)

    def _nearest(self, target: At) -> State | None:
        """Returns the latest readable state of the target's run up to it, or None."""
        recovery = self._read_state(self._layout.recovery(target.run), target.run)
        if recovery and recovery.step > target.step:
            recovery = None
        first = recovery.step + 1 if recovery else 0
        return self._latest_kept(target.run, range(first, target.step)) or recovery

    def _latest_kept(self, run: Train, steps: range) -> State | None:
        """Returns the latest readable state of a run that is kept at one of some steps, or None."""
        for step in reversed(self._layout.steps(run)):
            if step in steps and (state := self.kept(At(run, step))):
                return state
        return None

    def _check_diverged(self, target: At) -> None:
        mark = self._store.read(self._layout.diverged(target.run))
        if mark and mark[0]["step"] < target.step:
            raise Diverged(target.run, mark[0]["step"])

    def _advance(self, target: At, state: State, mask: Any, lease: leases.Lease) -> State:
        """Trains from a state to the target.

        A target that is not kept stays as the state for recovery, from which the run goes on. That
        of a later step, which the run had reached before, stays where the target is kept.
        """
        run, recovery = target.run, self._layout.recovery(target.run)
        self._warn_of_changes(run)
        trajectory = self._store.engine.trajectory(run, state, mask)
        state = self._train_to(target.step, trajectory, run, lease)
        if target.KEPT:
            # It may be there, if it is only the record that was wanted.
            if not self._layout.holds(target):
                self._write_state(self._layout.artifact(target), run, state)
            if self._recovery_step(run) <= target.step:
                recovery.unlink(missing_ok=True)
        else:
            self._write_state(recovery, run, state)
        return state

    def _recovery_step(self, run: Train) -> int:
        """Returns the step of a run's state for recovery; -1 if there is none."""
        header = checks.read_header(self._layout.recovery(run))
        return header["step"] if header else -1

    def _warn_of_changes(self, run: Train) -> None:
        """Warns that a run goes on with other settings than those it was begun with."""
        entries, environment = self._store.journal(run), self._store.engine.environment
        if entries and (changes := provenance.differences(entries[-1], environment)):
            log.warning(
                "run %s goes on under other settings than before, so that its numbers are those "
                "of neither: %s",
                run.short_key,
                "; ".join(changes),
            )

    def _train_to(
        self, stop: int, trajectory: "Trajectory", run: Train, lease: leases.Lease
    ) -> State:
        """Trains to a step, with a recovery state every checkpoint_seconds on the way."""
        while trajectory.step < stop:
            first, began, outcomes = trajectory.step, time.monotonic(), list[Outcomes]()
            due = began + self._checkpoint_seconds
            while trajectory.step == first or (trajectory.step < stop and time.monotonic() < due):
                started = time.monotonic()
                outcomes.append(trajectory.advance(stop))
                seconds = time.monotonic() - started
                self._observer.trained(run, trajectory.step, outcomes[-1].losses, seconds)
                if trajectory.diverged_at is not None:
                    stop = trajectory.step
            lease.check()
            # First of all, so that there is a record up to every state that is kept.
            records.write(self._layout.run(run), first, outcomes, trajectory.diverged_at)
            self._journal(run, first, trajectory.step, time.monotonic() - began)
            if (diverged_at := trajectory.diverged_at) is not None:
                mark = header(run) | {"step": diverged_at}
                artifacts.write(self._layout.diverged(run), mark, {})
                self._layout.recovery(run).unlink(missing_ok=True)
                raise Diverged(run, diverged_at)
            if self._recovery_step(run) < trajectory.step < stop:
                self._write_state(self._layout.recovery(run), run, trajectory.state())
        return trajectory.state()

    def _write_state(self, path: Path, run: Train, state: State) -> None:
        head = header(run) | {"step": state.step, "updates": state.updates}
        if run.trained != "all":
            state = state.restricted(self._store.engine.head(run.model))
        artifacts.write(path, head, state.to_arrays())

    def _journal(self, run: Train, first: int, last: int, seconds: float) -> None:
        entry = {
            "first_step": first,
            "last_step": last,
            "seconds": round(seconds, 3),
            "program": run.program,
            **self._store.engine.environment,
            "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        journal.append(self._layout.journal(run), entry)


def header(recipe: Recipe) -> dict[str, Any]:
    """Returns the header of a recipe's artifact."""
    return {"key": recipe.key, "recipe": recipe.canonical}
