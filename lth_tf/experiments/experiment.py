"""Requests of experiments: a measurement, its network's mask and weights, labels of its row."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lth_tf.data import Facts, ForgottenSubset
from lth_tf.experiments.choices import Chain
from lth_tf.experiments.mask_search import MaskSearch
from lth_tf.log.fields import Axis, register_steps_by_initialization
from lth_tf.measurements import Measurement, require_two_samples
from lth_tf.recipes import Count, Mask, Model, Recipe, RecipeError, Seeds, Weights, require
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
    steps: Count
    initializations: Seeds

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.STEPS_BY_INITIALIZATION:
            register_steps_by_initialization(cls.__name__.lower())

    def check(self) -> None:
        require(len(self.initializations) > 0, self, "initializations", "one seed or more")
        if isinstance(getattr(self.task, "subset", None), ForgottenSubset):
            counts = self.mask_search is not None and self.mask_search.task is not None
            allowed = "another subset, unless MaskSearch.task is what its examples are counted on"
            require(counts, self.task, "subset", allowed)

    @property
    def mask_search(self) -> MaskSearch | None:
        """The search for masks, which is a field of that name, if it has one."""
        search = getattr(self, "search", None)
        return search if isinstance(search, MaskSearch) else None

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        """Yields the model, task and hparams of all that it trains, which must fit together."""
        yield self.model, self.task, self.hparams
        if search := self.mask_search:
            yield self.model, *search.trained_with(self.task, self.hparams, self.steps)[:2]

    def check_bound(self, facts: Facts, network: Callable[[], Any]) -> None:
        """Raises UserError if its data or its network do not fit it, before anything is trained.

        Args:
          facts: those of its task's data.
          network: builds the network (lth_tf.models.network.Network), with TensorFlow.
        """
        search = self.mask_search
        if search and search.exclude:
            prunable = network().prunable
            if unknown := ", ".join(sorted({*search.exclude} - {*prunable})):
                allowed = f"names among {', '.join(prunable)}"
                raise RecipeError(f"MaskSearch.exclude has {unknown}; it must be {allowed}")

    def requests(self) -> Iterator[Request]:
        """Returns every row of an experiment in which nothing is decided on the way, in order.

        Listing them trains nothing. An experiment with decisions has `chains` instead.
        """
        raise RecipeError(f"{type(self).__name__} has neither a method requests nor chains")

    def chains(self) -> Iterable[Chain]:
        """Returns generators of requests and choices, each independent of the others' choices."""
        return (self.requests(),)

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
