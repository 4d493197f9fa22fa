"""Recipes of training: initial weights (W_0), runs, their states and their records."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Literal

from lth_tf.recipes.bases import ArtifactMaker, Mask, Model, Weights, require_one_network
from lth_tf.recipes.fields import Seed, Step
from lth_tf.recipes.recipe import Recipe, require
from lth_tf.state import State


@dataclass(frozen=True, eq=False, repr=False)
class Init(Weights):
    """W_0: the initial weights of a model, drawn from a seed. Its step is 0."""

    model: Model
    seed: Seed

    run = None
    step = 0

    @property
    def initial(self) -> "Init":
        return self

    def make(self, maker: ArtifactMaker) -> State:
        return maker.engine.initial(self.model, self.seed)

    def describe(self) -> str:
        return f"initialization {self.seed}"


@dataclass(frozen=True, eq=False, repr=False)
class Train(Recipe):
    """The trajectory A^{s->.}(mask * start, noise). It has no end: `at` names a state on it.

    Attributes:
      start: the weights it starts from, multiplied by the mask.
      mask: the weights that may differ from zero.
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
    mask: Mask
    task: Recipe
    hparams: Recipe
    noise: Seed
    first_step: Annotated[Step, "0 or more"]
    slots: Literal["reset", "carried"]
    trained: Literal["all", "head"] = "all"

    def check(self) -> None:
        require_one_network(self, "start", "mask")

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
        """A name for all that the speed depends on: model, task, hparams, dense or sparse, head."""
        kind = "dense" if self.mask.is_dense else "sparse"
        parts = (self.model.short_key, self.task.short_key, self.hparams.short_key, kind)
        return "-".join((*parts, *(() if self.trained == "all" else (self.trained,))))

    @property
    def folder(self) -> PurePosixPath:
        """The path of its states' folder below the root of a store."""
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
    """W_t: the state of a trajectory when its clock shows `step`.

    Attributes:
      KEPT: whether the store keeps it once the run has passed it.
    """

    HAS_SLOTS: ClassVar[bool] = True
    KEPT: ClassVar[bool] = True

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

    def make(self, maker: ArtifactMaker) -> State:
        return maker.train(self)

    def describe(self) -> str:
        return f"step {self.step:,} of run {self.run.short_key}"


@dataclass(frozen=True, eq=False, repr=False)
class Passed(At):
    """W_t as a state that is measured when the run passes it, and not kept.

    What is to be measured of it later is trained anew.
    """

    KEPT: ClassVar[bool] = False


@dataclass(frozen=True, eq=False, repr=False)
class Recorded(Recipe):
    """The record of a run's steps before one: each batch's loss, and which examples were right.

    Every run leaves one behind. A run that was trained before there were records, or whose record
    is damaged, is trained again.
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

    def obtain(self, maker: ArtifactMaker) -> Any:
        return maker.record(self)

    def describe(self) -> str:
        return f"record of {self.step - self.run.first_step:,} steps of run {self.run.short_key}"


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
