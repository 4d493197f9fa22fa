"""What experiments ask for: a measurement, the mask its network carries, and how to label it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lth_tf.recipes import (
    At,
    Compare,
    Distance,
    Evaluate,
    Interpolate,
    Mask,
    Model,
    Recipe,
    RecipeError,
    Weights,
    require,
)
from lth_tf.training.hparams import Hparams


@dataclass(frozen=True)
class Request:
    """One row to be: a measurement, the mask of its network, and the row's labels.

    Attributes:
      measurement: what to measure.
      mask: the mask of the measured network, for its density.
      end: the trained state it is measured on (one of the two, for an instability).
      labels: network, initialization, noise, rewind_step and level of the row; of a distance,
        what it is `between`; of a comparison, the network it is `against`.

    Raises:
      RecipeError: two copies are to be compared that are of the same sample of SGD noise.
    """

    measurement: Evaluate | Interpolate | Distance | Compare
    mask: Mask
    end: At
    labels: dict[str, Any]

    def __post_init__(self) -> None:
        one = self.measurement
        if isinstance(one, Interpolate):
            _require_two_samples(one.first, one.second)
        if isinstance(one, Distance) and self.labels["between"] == "end_to_end":
            _require_two_samples(one.first, one.second)
        if isinstance(one, Compare):
            _require_two_samples(one.first.weights, one.second.weights)


@dataclass(frozen=True, eq=False, repr=False)
class Experiment(Recipe):
    """Base of every experiment: a recipe that lists what it wants measured.

    Attributes:
      model: the network.
      task: data, labels and augmentation.
      hparams: batch size, optimizer, schedule and the rest.
      steps: T, the last step on the clock.
      initializations: seeds of W_0; each is one replicate.
    """

    model: Model
    task: Recipe
    hparams: Hparams
    steps: int
    initializations: tuple[int, ...]

    def check(self) -> None:
        require(self.steps >= 1, self, "steps", "1 or more")
        require(len(self.initializations) > 0, self, "initializations", "one seed or more")
        require_distinct_seeds(self, "initializations")

    def requests(self) -> Iterator[Request]:
        """Every row the experiment consists of, in order; listing them trains nothing."""
        raise NotImplementedError(f"{type(self).__name__} lists no requests")


def _require_two_samples(first: Weights, second: Weights) -> None:
    """Raises RecipeError if two networks went from the same state under the same SGD noise.

    Whatever they then differ in, it is not what an instability measures (lmc algorithm 1).
    """
    if not isinstance(first, At) or not isinstance(second, At):
        return
    one, other = first.run, second.run
    if one.start == other.start and one.noise == other.noise:
        raise RecipeError(
            f"runs {one.short_key} and {other.short_key} are of the same SGD noise, "
            f"{one.noise}, from the same state: an instability compares two samples of the noise"
        )


def require_distinct_seeds(experiment: Recipe, field: str) -> None:
    """Raises RecipeError unless a field holds different seeds, each 0 or more."""
    seeds = getattr(experiment, field)
    distinct = len(set(seeds)) == len(seeds) and all(seed >= 0 for seed in seeds)
    require(distinct, experiment, field, "different integers, each 0 or more")


# Of one experiment; those of the papers have some 10,000. A sweep of experiments may have more.
MOST_MEASUREMENTS = 100_000


def require_few_measurements(experiment: Recipe, **counts: int) -> None:
    """Raises RecipeError if an experiment asks for more measurements than can be meant.

    Args:
      counts: what is multiplied, by the names that the message gives it.
    """
    number = math.prod(counts.values())
    if number > MOST_MEASUREMENTS:
        factors = " x ".join(
            f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items()
        )
        raise RecipeError(
            f"{type(experiment).__name__} asks for {number:,} measurements ({factors}); "
            f"it must be at most {MOST_MEASUREMENTS:,}"
        )


def require_rewind_steps(experiment: Any) -> None:
    """Raises RecipeError unless every rewinding step lies before the end of training."""
    allowed = f"different steps from 0 to {experiment.steps - 1:,}, before the end of training"
    steps = experiment.rewind_steps
    fine = len(steps) > 0 and all(0 <= k < experiment.steps for k in steps)
    require(fine and len(set(steps)) == len(steps), experiment, "rewind_steps", allowed)
