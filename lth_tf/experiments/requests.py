"""Requests of experiments: a measurement, its network's mask and weights, labels of its row."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lth_tf.data import ForgottenSubset
from lth_tf.experiments.choices import Chain
from lth_tf.experiments.search import MaskSearch
from lth_tf.log.fields import Axis, register_steps_by_initialization
from lth_tf.measurements import Measurement, require_two_samples
from lth_tf.recipes import Mask, Model, Recipe, RecipeError, Weights, require
from lth_tf.training.hparams import Hparams


@dataclass(frozen=True)
class Request:
    """A request of a row: a measurement, the mask of its network, and the row's labels.

    Attributes:
      measurement: the measurement.
      mask: the mask of the measured network, for its density.
      end: the weights it is measured on (one of the two, for an instability).
      labels: network, initialization, noise, rewind_step and level of the row; and the labels of
        its kind, such as the `barrier` of an instability.
      axes: where the row lies on the experiment's axes, by name.
      settings: settings that decide the number and that the measurement's recipe does not show.
      decided: names of settings that the experiment decides on the way, wherever in the recipe:
        the row does not list them, as they distinguish no row from another.
      like: a measurement whose settings the row lists in place of its own, where the kind of
        network says how the two differ, so that rows of all kinds of network are of one setting.

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
        own = (self.like or self.measurement).settings
        fixed = {name: value for name, value in own.items() if not name.endswith(self.decided)}
        return {**fixed, **self.settings}

    def __post_init__(self) -> None:
        if samples := self.measurement.samples(self.labels):
            require_two_samples(*samples)


# The limit of one experiment; those of the papers have some 10,000, and sweeps may have more.
MOST_MEASUREMENTS = 100_000


@dataclass(frozen=True, eq=False, repr=False)
class Experiment(Recipe):
    """Base of every experiment: a recipe that lists requests of measurements.

    Attributes:
      AXES: the axes on which its rows lie beyond the fields of every row, such as a scale of noise.
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
        self.require_distinct_seeds("initializations")
        self._require_counted()

    def _require_counted(self) -> None:
        """Raises RecipeError unless a search has the runs whose forgetting a subset counts."""
        if isinstance(getattr(self.task, "subset", None), ForgottenSubset):
            search = getattr(self, "search", None)
            counted = isinstance(search, MaskSearch) and search.task is not None
            allowed = "another subset, unless MaskSearch.task is what its examples are counted on"
            require(counted, self.task, "subset", allowed)

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        """Yields the model, task and hparams of all that it trains, which must fit together."""
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
        """Returns generators of requests and choices, each independent of the others' choices."""
        return (self.requests(),)

    def require_distinct_seeds(self, field: str) -> None:
        """Raises RecipeError unless a field holds different seeds, each 0 or more."""
        seeds = getattr(self, field)
        distinct = len(set(seeds)) == len(seeds) and all(seed >= 0 for seed in seeds)
        require(distinct, self, field, "different integers, each 0 or more")

    def require_different(self, field: str, values: Collection[Any], items: str) -> None:
        """Raises RecipeError unless the values of a field are one or more, all different.

        The message calls them `items`, such as 'functions'.
        """
        different = 0 < len(values) == len(set(values))
        require(different, self, field, f"different {items}, one or more")

    def require_few_measurements(self, **counts: int) -> None:
        """Raises RecipeError if it asks for more measurements than can be meant.

        Args:
          counts: the factors of their number for each initialization and, where it rewinds, each
            step k, by the names that the message gives them.
        """
        replicated = [n for n in ("initializations", "rewind_steps") if hasattr(self, n)]
        counts = {name: len(getattr(self, name)) for name in replicated} | counts
        number = math.prod(counts.values())
        if number > MOST_MEASUREMENTS:
            factors = " x ".join(f"{count:,} {n.replace('_', ' ')}" for n, count in counts.items())
            raise RecipeError(
                f"{type(self).__name__} asks for {number:,} measurements ({factors}); "
                f"it must be at most {MOST_MEASUREMENTS:,}"
            )


def require_plain_search(experiment: Any) -> None:
    """Raises RecipeError if the search has a setting of its own, in which W_k would not be."""
    search = experiment.search
    own = (search.task, search.hparams, search.steps) != (None, None, 0)
    allowed = "a search without task, hparams and steps, which SparseTraining takes"
    require(not own, experiment, "search", allowed)


def require_sparse_levels(experiment: Any, networks: Collection[str]) -> None:
    """Raises RecipeError unless levels are of sparse networks, and some if there are networks."""
    levels, last = experiment.levels, experiment.search.levels
    fine = all(1 <= level <= last for level in levels) and (len(levels) > 0 or not networks)
    require(fine, experiment, "levels", f"levels from 1 to {last} (MaskSearch.levels)")


def require_rewind_steps(experiment: Any, end: int) -> None:
    """Raises RecipeError unless the steps k are different and before the end of a training."""
    steps = experiment.rewind_steps
    fine = 0 < len(steps) == len(set(steps)) and all(0 <= k < end for k in steps)
    allowed = f"different steps from 0 to {end - 1:,}, before the end of training"
    require(fine, experiment, "rewind_steps", allowed)
