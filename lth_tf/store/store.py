"""The store: recipe -> artifact, each made exactly once, by whichever process comes first."""

import functools
import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lth_tf.recipes import At, Mask, Recipe, RecipeError, Recorded, Train, Weights
from lth_tf.state import State
from lth_tf.store import artifacts, checks, files, format_file, journal, leases, records
from lth_tf.store.layout import Layout
from lth_tf.store.observer import Observer
from lth_tf.store.trainer import Trainer, header

if TYPE_CHECKING:  # They load TensorFlow, which nobody needs to read what is there already.
    from lth_tf.training.engine import Engine

Numbers = dict[str, np.ndarray]
log = logging.getLogger(__name__)


class Store:
    """Artifacts below one folder, shared by any number of processes.

    Args:
      root: the folder; made if it is not there.
      open_engine: opens the Engine, once something has to be made.
      observer: is told of progress.
      checkpoint_seconds: the training that a killed process loses at most.

    Attributes:
      waits: whether it waits for another process that trains a run which it needs; if it does not,
        LeaseHeld is raised.
    """

    def __init__(
        self,
        root: Path,
        open_engine: Callable[[], "Engine"],
        observer: Observer,
        checkpoint_seconds: float = 60.0,
    ) -> None:
        format_file.open_root(root)
        self.layout, self.waits = Layout(root), True
        self._open_engine, self._observer = open_engine, observer
        self._trainer = Trainer(self, observer, checkpoint_seconds)

    @functools.cached_property
    def engine(self) -> "Engine":
        """Data, networks and compiled programs; opened when it is first asked for."""
        engine = self._open_engine()
        engine.measure = self.measure
        return engine

    def doing(self, description: str) -> None:
        """Tells the observer of work that takes no training steps."""
        self._observer.doing(description)

    def state(self, weights: Weights) -> State:
        """Returns the state of some weights, trained or made if it is not in the store.

        Raises:
          Diverged: the run, or one it depends on, diverged at or before this state.
        """
        kept = weights.trained_state and self._trainer.kept(weights.trained_state)
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
        """Makes a recipe's artifact, if it is not there."""
        recipe.obtain(self)

    def train(self, target: At) -> State:
        """Returns the state of a run at a step, trained from the nearest earlier one there is."""
        return self._trainer.train(target)

    def record(self, recorded: Recorded) -> records.Record:
        """Returns the record of a run's steps before one; takes those steps again that it lacks.

        Raises:
          Diverged: the run diverged before that step.
        """
        return self._trainer.record(recorded)

    def journal(self, run: Train) -> list[dict[str, Any]]:
        """Returns the entries of a run's journal: times, places, software and speed."""
        return journal.read(self.layout.journal(run))

    def tidy(self, recipes: Iterable[Recipe]) -> None:
        """Removes leftovers of killed processes that were making these recipes.

        They are harmless, but nothing else removes them once the recipes are made.
        """
        recipes = list(recipes)
        places = {recipe.place.parent for recipe in recipes if recipe.place}
        for folder in places:
            files.remove_leftovers(self.layout.root / folder)
        for run in {state.run for recipe in recipes if (state := recipe.trained_state)}:
            self._drop_recovery(run)

    def _drop_recovery(self, run: Train) -> None:
        """Removes the state for recovery, if a later one is kept and nobody trains the run."""
        path = self.layout.recovery(run)
        if not path.exists() or (lease := leases.try_acquire(self.layout.leases, run.key)) is None:
            return
        with lease:
            recovery, steps = self.read(path), self.layout.steps(run)
            if recovery and steps and recovery[0]["step"] <= steps[-1]:
                path.unlink(missing_ok=True)

    def _numbers(self, recipe: Any, check: checks.Check) -> Numbers:
        path = self.layout.artifact(recipe)
        stored = self.read(path, check)
        if stored is None:
            # Its parts are made first, so that no lease is held while another is waited for.
            numbers = recipe.make(self)
            if recipe.schema:
                numbers = _held_to_schema(recipe, numbers, check)
            artifacts.write(path, header(recipe), numbers)
            return numbers
        return stored[1]

    def read(self, path: Path, check: checks.Check | None = None) -> tuple[dict, Numbers] | None:
        """Returns an artifact's header and arrays; None if it is gone or had to be set aside."""
        try:
            return checks.read(path, check)
        except FileNotFoundError:
            return None
        except artifacts.Damaged as error:
            moved = files.set_aside(path, self.layout.root)
            log.warning("%s; set aside as %s, it will be made again", error, moved)
            return None


def _held_to_schema(recipe: Recipe, numbers: Numbers, check: checks.Check) -> Numbers:
    """Returns a measurement's numbers as readers of their file will want them.

    Raises:
      RecipeError: they are others than the schema says, as a user's own kind may have them.
    """
    assert recipe.schema is not None
    numbers = checks.conformed(numbers, recipe.schema)
    try:
        check(numbers)
    except checks.Mismatch as error:
        name = type(recipe).__name__
        raise RecipeError(f"{name}.make returns other numbers than {name} has: {error}") from None
    return numbers
