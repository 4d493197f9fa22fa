"""The store: recipe -> artefact, each made exactly once, by whichever process comes first."""

import functools
import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lth_tf.recipes import At, Diverged, Mask, Recipe, Recorded, Train, Weights
from lth_tf.state import State
from lth_tf.store import artefacts, checks, files, journal, leases, marker, records
from lth_tf.store.layout import Layout
from lth_tf.store.watcher import Watcher
from lth_tf.training.batches import Outcomes

if TYPE_CHECKING:  # They load TensorFlow, which nobody needs to read what is there already.
    from lth_tf.training.engine import Engine
    from lth_tf.training.trajectory import Trajectory

Numbers = dict[str, np.ndarray]
Make = Callable[[At, State, Any, leases.Lease], State]
# After this long, a half-written file of another machine is taken to be abandoned.
LEFTOVER_SECONDS = 24 * 3600.0
log = logging.getLogger(__name__)


class Store:
    """Artefacts below one folder, shared by any number of processes.

    Args:
      root: the folder; made if it is not there.
      open_engine: opens the Engine, once something has to be made.
      watcher: who is told of progress.
      checkpoint_seconds: how much training, at most, a killed process loses.
    """

    def __init__(
        self,
        root: Path,
        open_engine: Callable[[], "Engine"],
        watcher: Watcher,
        checkpoint_seconds: float = 60.0,
    ) -> None:
        marker.open_root(root)
        self.layout = Layout(root)
        self._open_engine, self._watcher = open_engine, watcher
        self._checkpoint_seconds = checkpoint_seconds
        self._wanted: dict[str, set[int]] = {}

    @functools.cached_property
    def engine(self) -> "Engine":
        """Data, networks and compiled programs; opened when it is first asked for."""
        engine = self._open_engine()
        engine.measure = self.measure
        return engine

    def doing(self, about: str) -> None:
        """Tells the watcher what takes time without taking steps."""
        self._watcher.doing(about)

    def want(self, recipes: Iterable[Recipe]) -> None:
        """Announces states that will be asked for, so that one pass of a run keeps them all."""
        for recipe in recipes:
            if state := recipe.trained_state:
                self._wanted.setdefault(state.run.key, set()).add(state.step)

    def state(self, weights: Weights) -> State:
        """Returns weights, statistics, slots and step of some weights; trains what is missing.

        Raises:
          Diverged: the run, or one it depends on, diverged at or before this state.
        """
        kept = weights.trained_state and self._kept_state(weights.trained_state)
        return kept or weights.make(self)

    def mask(self, mask: Mask) -> Numbers:
        """Returns kernel name -> uint8 array, 1 where the weight remains."""
        shapes = None
        if "engine" in self.__dict__:  # Otherwise it may be for a table that needs no TensorFlow.
            shapes = self.engine.prunable_shapes(mask.model)
        return self._numbers(mask, partial(checks.check_mask, shapes=shapes))

    def measure(self, measurement: Recipe) -> Numbers:
        """Returns the numbers of a measurement, by name: errors are fractions, losses nats."""
        return self._numbers(measurement, partial(checks.check_numbers, fields=measurement.schema))

    def make(self, recipe: Recipe) -> None:
        """Makes whatever a recipe describes, if it is not there."""
        if isinstance(recipe, Weights):
            self.state(recipe)
        elif isinstance(recipe, Mask):
            self.mask(recipe)
        elif recipe.place is None:
            recipe.make(self)  # type: ignore[attr-defined]
        elif isinstance(recipe, Mask):
            self.mask(recipe)
        else:
            self.measure(recipe)

    def record(self, recorded: Recorded) -> records.Record:
        """Returns the record of a run's steps before one; takes those steps again that it lacks.

        Raises:
          Diverged: the run diverged before that step.
        """
        run, target = recorded.run, At(recorded.run, recorded.step)
        while True:
            self._check_diverged(target)
            folder = self.layout.run(run)
            found = records.read(folder, run.key, run.first_step, target.step, self.layout.root)
            if found.complete:
                return found
            self._train_until(target, self._recorded_again)

    def journal(self, run: Train) -> list[dict[str, Any]]:
        """When, where, with what software and in how many seconds a run was trained so far."""
        return journal.read(self.layout.journal(run))

    def tidy(self, recipes: Iterable[Recipe]) -> None:
        """Removes what killed processes left behind when these recipes were made.

        It is harmless, but nobody else would: who needs one of them finds it there.
        """
        leases.remove_dead(self.layout.leases)
        recipes = list(recipes)
        places = {recipe.place.parent for recipe in recipes if recipe.place}
        for folder in places:
            files.remove_leftovers(self.layout.root / folder, LEFTOVER_SECONDS)
        for run in {state.run for recipe in recipes if (state := recipe.trained_state)}:
            self._drop_recovery(run)

    def _drop_recovery(self, run: Train) -> None:
        """Removes the state for recovery, if a later one is kept and nobody trains the run."""
        path = self.layout.recovery(run)
        if not path.exists() or (lease := leases.try_acquire(self.layout.leases, run.key)) is None:
            return
        with lease:
            found, kept = self._read(path), self.layout.steps(run)
            if found and kept and found[0]["step"] <= kept[-1]:
                path.unlink(missing_ok=True)

    def _numbers(self, recipe: Any, check: checks.Check) -> Numbers:
        path = self.layout.artefact(recipe)
        found = self._read(path, check)
        if found is None:
            # What it is made from comes first, so that no lease is held while another is sought.
            numbers = recipe.make(self)
            artefacts.write(path, _header(recipe), numbers)
            return numbers
        return found[1]

    def _read(self, path: Path, check: checks.Check | None = None) -> tuple[dict, Numbers] | None:
        """An artefact's header and arrays; None if it is not there or had to be set aside."""
        try:
            return checks.read(path, check)
        except FileNotFoundError:
            return None
        except artefacts.Damaged as error:
            moved = files.set_aside(path, self.layout.root)
            log.warning("%s; set aside as %s, it will be made again", error, moved)
            return None

    def _kept_state(self, recipe: At) -> State | None:
        return self._found_state(self.layout.artefact(recipe), recipe.run)

    def _found_state(self, path: Path, run: Train) -> State | None:
        # Whoever reads a state computes with it: the network is open, or will be in a moment.
        if not os.path.lexists(path):
            return None
        check = partial(checks.check_state, **self.engine.state_shapes(run))
        found = self._read(path, check)
        return self._whole(run, _state(found)) if found else None

    def _whole(self, run: Train, kept: State) -> State:
        """Completes a kept state with the weights that its run does not train."""
        if run.trained == "all":
            return kept
        start = self._start(run).masked(self.mask(run.mask))
        return replace(kept, weights={**start.weights, **kept.weights})

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
        self.mask(run.mask)
        start = self._start(run)
        # Once more: since then the network is open, to whose shapes it is held.
        mask = self.mask(run.mask)
        if target.step == run.first_step:
            return start.masked(mask)
        while True:
            try:
                state = self._train_alone(target, start.masked(mask), mask, make)
            except leases.LeaseLost:
                log.warning("run %s was taken over by another process", run.short_key)
                continue
            self._watcher.finished(run, target.step)
            return state

    def _measure_first(self, task: Recipe) -> None:
        """Measures what a task's subset is chosen by, before any lease is held."""
        for child in task.children:
            if child.MADE:
                self.make(child)
            else:
                self._measure_first(child)

    def _train_alone(self, target: At, start: State, mask: Any, make: Make) -> State:
        """Makes a state once no other process trains its run."""
        with leases.acquire(
            self.layout.leases,
            target.run.key,
            on_wait=lambda who: self._watcher.doing(
                f"waiting for {target.short_key}, which {who} is making"
            ),
        ) as lease:
            # What a killed process was writing when it died.
            files.remove_leftovers(self.layout.run(target.run), LEFTOVER_SECONDS)
            self._check_diverged(target)
            return make(target, start, mask, lease)

    def _made_once(self, target: At, start: State, mask: Any, lease: leases.Lease) -> State:
        """Makes a state unless another process has done so."""
        kept = self._kept_state(target)
        return kept or self._advance(target, self._nearest(target) or start, mask, lease)

    def _recorded_again(self, target: At, start: State, mask: Any, lease: leases.Lease) -> State:
        """Takes the steps that a run's record lacks again, from the last state before them."""
        until = self.layout.recorded_until(target.run)
        if until >= target.step:
            return start
        kept = [s for s in self.layout.steps(target.run) if s <= until and s < target.step]
        states = (self._kept_state(At(target.run, step)) for step in reversed(kept))
        nearest = next((state for state in states if state), start)
        return self._advance(target, nearest, mask, lease)

    def _start(self, run: Train) -> State:
        """The state at a run's first step, before its mask is applied."""
        state = self.state(run.start)
        if run.slots == "carried":
            return State(
                run.first_step, state.weights, state.statistics, state.slots, state.updates
            )
        return State(run.first_step, state.weights, state.statistics)

    def _nearest(self, target: At) -> State | None:
        """The latest readable state of the target's run before it."""
        reached = self._found_state(self.layout.recovery(target.run), target.run)
        for step in reversed(self.layout.steps(target.run)):
            if step < target.step and (reached is None or step > reached.step):
                kept = self._kept_state(At(target.run, step))
                if kept:
                    return kept
        return reached if reached and reached.step < target.step else None

    def _check_diverged(self, target: At) -> None:
        marked = self._read(self.layout.diverged(target.run))
        if marked and marked[0]["step"] < target.step:
            raise Diverged(target.run, marked[0]["step"])

    def _advance(self, target: At, state: State, mask: Any, lease: leases.Lease) -> State:
        """Trains from a state to the target, keeping what is wanted on the way."""
        run = target.run
        self._say_changes(run)
        trajectory = self.engine.trajectory(run, state, mask)
        wanted = self._wanted.get(run.key, set()) | {target.step}
        for stop in sorted(step for step in wanted if trajectory.step < step <= target.step):
            state = self._train_to(stop, trajectory, run, lease)
        self.layout.recovery(run).unlink(missing_ok=True)
        return state

    def _say_changes(self, run: Train) -> None:
        """Says that a run goes on with other settings than those it was begun with."""
        if changed := journal.changes(self.layout.journal(run), self.engine.surroundings):
            log.warning(
                "run %s goes on under other settings than before, so that its numbers are those "
                "of neither: %s",
                run.short_key,
                "; ".join(changed),
            )

    def _train_to(
        self, stop: int, trajectory: "Trajectory", run: Train, lease: leases.Lease
    ) -> State:
        """Trains to a step whose state is kept, with a state for recovery every so often."""
        while True:
            first, began, taken = trajectory.step, time.monotonic(), list[Outcomes]()
            due = began + self._checkpoint_seconds
            while trajectory.step == first or (trajectory.step < stop and time.monotonic() < due):
                started = time.monotonic()
                taken.append(trajectory.advance(stop))
                spent = time.monotonic() - started
                self._watcher.trained(run, trajectory.step, taken[-1].losses, spent)
                if trajectory.diverged_at is not None:
                    stop = trajectory.step
            lease.check()
            # First of all: whatever state is kept, there is a record up to it.
            records.write(self.layout.run(run), run.key, first, taken, trajectory.diverged_at)
            self._journal(run, first, trajectory.step, time.monotonic() - began)
            if trajectory.diverged_at is not None:
                self._mark_diverged(run, trajectory.diverged_at)
            state = trajectory.state()
            if state.step == stop:
                self._write_state(self.layout.artefact(At(run, stop)), run, state)
                return state
            self._write_state(self.layout.recovery(run), run, state)

    def _mark_diverged(self, run: Train, step: int) -> NoReturn:
        artefacts.write(self.layout.diverged(run), _header(run) | {"step": step}, {})
        self.layout.recovery(run).unlink(missing_ok=True)
        raise Diverged(run, step)

    def _write_state(self, path: Path, run: Train, state: State) -> None:
        header = _header(run) | {"step": state.step, "updates": state.updates}
        if run.trained != "all":
            state = state.restricted(self.engine.head(run.model))
        artefacts.write(path, header, state.to_arrays())

    def _journal(self, run: Train, first: int, last: int, seconds: float) -> None:
        entry = {
            "first_step": first,
            "last_step": last,
            "seconds": round(seconds, 3),
            "program": run.program,
            **self.engine.surroundings,
            "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        journal.append(self.layout.journal(run), entry)


def _header(recipe: Recipe) -> dict[str, Any]:
    return {"key": recipe.key, "recipe": recipe.canonical}


def _state(found: tuple[dict, Numbers]) -> State:
    header, arrays = found
    return State.from_arrays(arrays, header["step"], header["updates"])
