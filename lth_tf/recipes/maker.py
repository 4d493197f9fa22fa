"""The interface that a recipe's artifact is made with; the store implements it."""

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lth_tf.state import State

if TYPE_CHECKING:
    from lth_tf.recipes.bases import Mask, Weights
    from lth_tf.recipes.recipe import Recipe
    from lth_tf.recipes.training import At, Recorded, Train

Numbers = dict[str, np.ndarray]


class Diverged(Exception):
    """A run's loss stopped being finite: a result, not a failure.

    Attributes:
      run: the run.
      step: the first step whose loss was not finite.
    """

    def __init__(self, run: "Train", step: int) -> None:
        super().__init__(f"run {run.short_key} diverged at step {step}")
        self.run, self.step = run, step


class ArtifactMaker(Protocol):
    """A source of everything that an artifact is made from: the store, or a test's stand-in."""

    @property
    def engine(self) -> Any:
        """The lth_tf.training.engine.Engine: data, networks, compiled programs. Loads TensorFlow.

        Ask for it after what it works on, so that nothing is loaded for what can never be made.
        """

    def state(self, weights: "Weights") -> State:
        """Returns the state of some weights."""

    def train(self, weights: "At") -> State:
        """Returns the state of a run at a step, trained if it is not kept."""

    def mask(self, mask: "Mask") -> Numbers:
        """Returns kernel name -> uint8 array, 1 where the weight remains."""

    def measure(self, measurement: "Recipe") -> Numbers:
        """Returns the numbers of a measurement, by name."""

    def record(self, recorded: "Recorded") -> Any:
        """Returns the lth_tf.store.records.Record of a run's steps, all of which are known."""

    def doing(self, description: str) -> None:
        """Shows a description of work that takes no training steps in the progress line."""
