"""Requests of experiments: a measurement, its network's mask and weights, labels of its row."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lth_tf.experiments.choices import Chain
from lth_tf.experiments.search import MaskSearch
from lth_tf.experiments.tickets import require_countable
from lth_tf.log.fields import Axis, register_steps_by_initialization
from lth_tf.measurements import Measurement, require_two_samples
from lth_tf.recipes import Mask, Model, Recipe, RecipeError, Weights, require
from lth_tf.training.hparams import Hparams


@dataclass(frozen=True)
class Request:
    """One row to be: a measurement, the mask of its network, and the row's labels.

    Attributes:
      measurement: what to measure.
      mask: the mask of the measured network, for its density.
      end: the weights it is measured on (one of the two, for an instability).
      labels: network, initialization, noise, rewind_step and level of the row; and the labels of
        its kind, such as the `barrier` of an instability.
      axes: where the row lies on the experiment's axes, by name.
      settings: more that decides the number, which the measurement's recipe does not show.
      decided: settings that the experiment decides on the way, so that they tell no row from
        another: those of these names, wherever in the recipe.
      like: a measurement whose settings the row has in place of its own, where the kind of network
        says in what else the two differ, as the kind of a perturbation does: so that the rows of
        all kinds of network are of one setting.

    Raises:
      RecipeError: two copies are to be compared that are of the same sample of SGD noise.
    """

    measurement: Measurement
    mask: Mask
    end: Weights
    labels: Mapping[str, Any]
    axes: Mapping[str, float | str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    decided: tuple[str, ...] = ()
    like: Measurement | None = None

    @property
    def row_settings(self) -> dict[str, Any]:
        """The settings of the row."""
        found = (self.like or self.measurement).settings
        shown = {name: each for name, each in found.items() if not name.endswith(self.decided)}
        return {**shown, **self.settings}

    def __post_init__(self) -> None:
        if samples := self.measurement.samples(self.labels):
            require_two_samples(*samples)


@dataclass(frozen=True, eq=False, repr=False)
class Experiment(Recipe):
    """Base of every experiment: a recipe that lists what it wants measured.

    Attributes:
      AXES: what it varies from row to row besides what every row has, such as a scale of noise.
      STEPS_BY_INITIALIZATION: whether it finds the steps k of each initialization by themselves.
      model: the network.
      task: data, labels and augmentation.
      hparams: batch size, optimizer, schedule and the rest.
      steps: T, the last step on the clock.
      initializations: seeds of W_0; each is one replicate.
    """

    AXES: ClassVar[tuple[Axis, ...]] = ()
    STEPS_BY_INITIALIZATION: ClassVar[bool] = False

    model: Model
    task: Recipe
    hparams: Hparams
    steps: int
    initializations: tuple[int, ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.STEPS_BY_INITIALIZATION:
            register_steps_by_initialization(cls.__name__.lower())

    def check(self) -> None:
        require(self.steps >= 1, self, "steps", "1 or more")
        require(len(self.initializations) > 0, self, "initializations", "one seed or more")
        require_distinct_seeds(self, "initializations")
        require_countable(self)

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        """Yields the model, task and hparams of all that it trains, so that they are held together.

        Before anything is trained its tasks are bound to their data, wherever they are.
        """
        yield self.model, self.task, self.hparams
        search = getattr(self, "search", None)
        if isinstance(search, MaskSearch):
            yield self.model, *search.trained_with(self.task, self.hparams, self.steps)[:2]

    def requests(self) -> Iterator[Request]:
        """Returns every row of an experiment in which nothing is decided on the way, in order.

        Listing them trains nothing. An experiment with decisions has `chains` instead.
        """
        raise RecipeError(f"{type(self).__name__} has neither a method requests nor chains")

    def chains(self) -> Iterable[Chain]:
        """Returns generators of requests and choices, each independent of what others decide."""
        return (self.requests(),)


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
      counts: what there is for each initialization and, where it rewinds, each step k, by the names
        that the message gives it.
    """
    replicated = [n for n in ("initializations", "rewind_steps") if hasattr(experiment, n)]
    counts = {name: len(getattr(experiment, name)) for name in replicated} | counts
    number = math.prod(counts.values())
    if number > MOST_MEASUREMENTS:
        factors = " x ".join(
            f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items()
        )
        raise RecipeError(
            f"{type(experiment).__name__} asks for {number:,} measurements ({factors}); "
            f"it must be at most {MOST_MEASUREMENTS:,}"
        )


def require_levels(experiment: Any, first: int) -> None:
    """Raises RecipeError unless there are levels, all of the search and none before `first`."""
    levels, last = experiment.levels, experiment.search.levels
    allowed = f"levels from {first} to {last} (MaskSearch.levels), one or more"
    inside = len(levels) > 0 and all(first <= level <= last for level in levels)
    require(inside, experiment, "levels", allowed)


def require_plain_search(experiment: Any) -> None:
    """Raises RecipeError if the search has a setting of its own, in which W_k would not be."""
    search = experiment.search
    own = (search.task, search.hparams, search.steps) != (None, None, 0)
    allowed = "a search without task, hparams and steps, which SparseTraining takes"
    require(not own, experiment, "search", allowed)


def require_rewind_steps(experiment: Any) -> None:
    """Raises RecipeError unless every rewinding step lies before the end of training."""
    allowed = f"different steps from 0 to {experiment.steps - 1:,}, before the end of training"
    steps = experiment.rewind_steps
    fine = len(steps) > 0 and all(0 <= k < experiment.steps for k in steps)
    require(fine and len(set(steps)) == len(steps), experiment, "rewind_steps", allowed)
