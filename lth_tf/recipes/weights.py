"""Recipes of weights: initial, trained, and derived from others."""

import dataclasses
import functools
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from lth_tf.recipes.making import Maker
from lth_tf.recipes.recipe import Recipe, RecipeError, Seed, Step, require
from lth_tf.state import Arrays, State


class Model(Recipe):
    """Base of every network architecture; see lth_tf/models.

    Attributes:
      classes: how many logits it has.
      image_shape: height, width, channels of an image.
    """

    classes: int
    image_shape: tuple[int, ...]

    def check_sizes(self, pixels: int = 1) -> None:
        """Raises RecipeError unless it has classes, and images of so many pixels each way."""
        require(self.classes > 1, self, "classes", "2 or more")
        shape = self.image_shape
        fits = len(shape) == 3 and min(shape[:2]) >= pixels and shape[2] >= 1
        allowed = f"height, width, channels; height and width {pixels} or more"
        require(fits, self, "image_shape", allowed)

    @property
    def title(self) -> str:
        """What people call it, such as 'ResNet-20'; for tables and figures."""
        return str(self)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The layers whose outputs end a block, in order, for probes; () where none are named."""
        return ()

    @property
    def prunable(self) -> tuple[str, ...]:
        """The weights that have masks, by name; () for every kernel (lth_tf.models.naming)."""
        return ()

    @property
    def has_auxiliary_head(self) -> bool:
        """Whether it has a second output, logits that serve nothing but the loss of training."""
        return False


class Weights(Recipe):
    """Base of recipes whose artifact is a state: weights, statistics, optimizer slots, step.

    Attributes:
      HAS_SLOTS: whether its states have optimizer slots.
    """

    MADE: ClassVar[bool] = True
    HAS_SLOTS: ClassVar[bool] = False

    # Attributes of every subclass, where they may be fields or properties.
    if TYPE_CHECKING:

        @property
        def model(self) -> Model:
            """The network that they are weights of."""

        @property
        def step(self) -> int:
            """What the clock of their training shows."""

        @property
        def run(self) -> "Train | None":
            """The run that they come from, in whose precision they are evaluated; None if none."""

        @property
        def initial(self) -> "Init":
            """The initial weights that they go back to."""

    @abstractmethod
    def make(self, maker: Maker) -> State:
        """Returns the state; `maker` gives what it is made from."""


@dataclass(frozen=True, eq=False, repr=False)
class Init(Weights):
    """W_0: the initial weights of a model, drawn from a seed. Its step is 0."""

    model: Model
    seed: Seed

    run = None
    step = 0

    def check(self) -> None:
        require(self.seed >= 0, self, "seed", "0 or more")

    @property
    def initial(self) -> "Init":
        return self

    def make(self, maker: Maker) -> State:
        return maker.engine.initial(self.model, self.seed)

    def describe(self) -> str:
        return f"initialization {self.seed}"


@dataclass(frozen=True, eq=False, repr=False)
class Train(Recipe):
    """The trajectory A^{s->.}(mask * start, noise). It has no end: `at` names a state on it.

    Attributes:
      start: the weights it starts from, multiplied by the mask.
      mask: what stays zero throughout.
      task: data, labels and augmentation (lth_tf.data.Task).
      hparams: batch size, optimizer, schedule, decay, precision (lth_tf.training.Hparams).
      noise: seed of the SGD noise u: data order and augmentation.
      first_step: s, the step the clock shows at the start. It addresses the schedule and the
        noise. W_k trained with the schedule restarted (lmc fig. 4) has 0 here; a random
        reinitialization trained for T-k steps (lmc fig. 22) has k.
      slots: optimizer slots at the start: 'reset', as before any update (A maps weights alone), or
        'carried' over from the start state.
      trained: 'all' weights, or the 'head' alone, the layer whose outputs are the logits; the
        states of such a run hold the head and the statistics only.
    """

    MADE: ClassVar[bool] = True
    ADDED: ClassVar[Mapping[str, Any]] = {"trained": "all"}
    UNLISTED: ClassVar[Mapping[str, Any]] = {"slots": "reset", "trained": "all"}

    start: Weights
    mask: "Mask"
    task: Recipe
    hparams: Recipe
    noise: Seed
    first_step: Step
    slots: Literal["reset", "carried"]
    trained: Literal["all", "head"] = "all"

    def check(self) -> None:
        require(self.noise >= 0, self, "noise", "0 or more")
        require(self.first_step >= 0, self, "first_step", "0 or more")
        if self.start.model != self.mask.model:
            raise RecipeError(
                f"Train.mask is of {self.mask.model.title}; it must be of the network of "
                f"Train.start, {self.start.model.title}"
            )

    @functools.cached_property
    def model(self) -> Model:
        """The network that is trained."""
        return self.start.model

    @functools.cached_property
    def initial(self) -> Init:
        """The initial weights that the run goes back to."""
        return self.start.initial

    @property
    def program(self) -> str:
        """What the speed depends on: model, task, hyperparameters, dense or sparse, what learns."""
        kind = "dense" if self.mask.is_dense else "sparse"
        parts = (self.model.short_key, self.task.short_key, self.hparams.short_key, kind)
        return "-".join((*parts, *(() if self.trained == "all" else (self.trained,))))

    @property
    def folder(self) -> PurePosixPath:
        """Where its states lie below the root of a store."""
        return PurePosixPath("runs", self.key[:2], self.key)

    def describe(self) -> str:
        pruned = "dense" if self.mask.is_dense else self.mask.describe()
        trained = "" if self.trained == "all" else f"{self.trained} alone, "
        start = self.start.describe()
        return f"run {self.short_key} from {start}, {pruned}, {trained}noise {self.noise}"

    def __str__(self) -> str:
        return self.describe()


@dataclass(frozen=True, eq=False, repr=False)
class At(Weights):
    """W_t: the state of a trajectory when its clock shows `step`."""

    HAS_SLOTS: ClassVar[bool] = True

    run: Train
    step: Step

    def check(self) -> None:
        first = self.run.first_step
        require(self.step >= first, self, "step", f"at least the run's first step, {first}")

    @property
    def model(self) -> Model:
        return self.run.model

    @property
    def initial(self) -> Init:
        return self.run.initial

    @property
    def place(self) -> PurePosixPath:
        return self.run.folder / f"at-{self.step:09d}.state"

    @property
    def trained_state(self) -> "At":
        return self

    @property
    def made_by(self) -> Train:
        return self.run

    def make(self, maker: Maker) -> State:
        return maker.train(self)

    def describe(self) -> str:
        return f"step {self.step:,} of run {self.run.short_key}"


@dataclass(frozen=True, eq=False, repr=False)
class Recorded(Recipe):
    """The record of a run's steps before one: each batch's loss, and which examples were right.

    Every run leaves it, whatever asks for it. One that was trained before there were records, or
    whose record is damaged, is trained again.
    """

    MADE: ClassVar[bool] = True

    run: Train
    step: Step

    def check(self) -> None:
        first = self.run.first_step
        require(self.step > first, self, "step", f"greater than the run's first step, {first}")

    @property
    def made_by(self) -> Train:
        return self.run

    def make(self, maker: Maker) -> Any:
        """Returns the lth_tf.store.records.Record."""
        return maker.record(self)

    def describe(self) -> str:
        return f"record of {self.step - self.run.first_step:,} steps of run {self.run.short_key}"


@dataclass(frozen=True, eq=False, repr=False)
class Derived(Weights):
    """Base of weights that are made of others on the way and never stored.

    A subclass says in `change` what becomes of the arrays. Clock, network, batch-norm statistics,
    biases and the precision of evaluation are those of `weights`; slots are reset.

    Attributes:
      weights: what they are derived from.
    """

    weights: Weights

    @functools.cached_property
    def model(self) -> Model:
        return self.weights.model

    @property
    def step(self) -> int:
        return self.weights.step

    @property
    def run(self) -> Train | None:
        return self.weights.run

    @functools.cached_property
    def initial(self) -> Init:
        return self.weights.initial

    @functools.cached_property
    def settings(self) -> dict[str, Any]:
        """The settings of what they are derived from, and that they are."""
        return super().settings | {self.recipe_name: True}

    @abstractmethod
    def change(self, state: State, maker: Maker) -> Arrays:
        """Returns the arrays that differ from those of `state`, by name: float32, same shapes."""

    def make(self, maker: Maker) -> State:
        state = maker.state(self.weights)
        arrays = {**state.weights, **self.change(state, maker)}
        return dataclasses.replace(state, weights=arrays, slots={}, updates=0)

    def describe(self) -> str:
        plain = {n: v for n, v in self.fields().items() if not isinstance(v, Recipe)}
        shown = ", ".join(f"{name}={value!r}" for name, value in plain.items())
        return f"{self.recipe_name}({shown}) of {self.weights.describe()}"


class Mask(Recipe):
    """Base of recipes whose artifact is a mask: kernel name -> array of 0 and 1."""

    MADE: ClassVar[bool] = True

    @functools.cached_property
    def model(self) -> Model:
        """The network that it is a mask of: that of the mask it is made from."""
        return next(child.model for child in self.children if isinstance(child, Mask))

    @functools.cached_property
    def level(self) -> int:
        """How many times its network was pruned: as often as that of the mask it is made from."""
        return max((child.level for child in self.children if isinstance(child, Mask)), default=0)

    @property
    def is_dense(self) -> bool:
        """Whether it is known to prune nothing, so that training need not pay for it."""
        return False

    @property
    def place(self) -> PurePosixPath | None:
        return PurePosixPath("masks", self.key[:2], f"{self.key}.mask")

    @abstractmethod
    def make(self, maker: Maker) -> dict[str, Any]:
        """Returns kernel name -> uint8 array; `maker` gives what it is made from."""

    def describe(self) -> str:
        return f"{self.recipe_name.lower()} mask of level {self.level}"


def train(
    start: Weights,
    mask: Mask,
    task: Recipe,
    hparams: Recipe,
    noise: int,
    first_step: int | None = None,
    slots: Literal["reset", "carried"] = "reset",
    trained: Literal["all", "head"] = "all",
) -> Train:
    """Returns the trajectory from `start` under `mask`; its clock goes on from the start's step."""
    first = start.step if first_step is None else first_step
    return Train(start, mask, task, hparams, noise, first, slots, trained)


def at(run: Train, step: int) -> Weights:
    """Returns the state of a run at a step; a dense run's very first state is the start itself.

    Naming that state by its simplest recipe is what lets copies from k = 0 share the trunk.
    """
    same_slots = run.slots == "carried" or not run.start.HAS_SLOTS
    same_clock = step == run.first_step == run.start.step
    if same_clock and same_slots and run.mask.is_dense:
        return run.start
    return At(run, step)
