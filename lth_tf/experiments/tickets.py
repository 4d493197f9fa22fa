"""Bases of experiments about tickets: networks under masks that a search has found."""

import dataclasses
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from lth_tf.data import ForgottenSubset, Task
from lth_tf.experiments.experiment import Experiment
from lth_tf.experiments.mask_search import MaskSearch, Replicates, Setting, replicate_noise
from lth_tf.experiments.search import Level, Slots, search_levels, trunk
from lth_tf.log.fields import Axis
from lth_tf.measurements import Forgetting
from lth_tf.recipes import Init, Ones, Recorded, Seed, require, train
from lth_tf.training.hparams import Hparams

# Axes of rows of tickets that are trained in another setting than the search for their masks.
AXES = (
    Axis("searched_with", "-", "Optimizer and batch size of the search for the mask."),
    Axis("search_share", "of 1", "Steps of a level of the search, as a share of the ticket's."),
    Axis("examples", "of 1", "Share of the search's training examples that the ticket has."),
)


def setting_in_words(hparams: Hparams) -> str:
    """Returns optimizer and batch size in words: 'momentum 0.9, batch 100', 'adam, batch 60'."""
    momentum = getattr(hparams.optimizer, "momentum", None)
    name = type(hparams.optimizer).__name__.lower()
    optimizer = name if momentum is None else f"{name} {momentum:g}"
    return f"{optimizer}, batch {hparams.batch_size}"


@dataclass(frozen=True, eq=False, repr=False)
class Tickets(Experiment):
    """Base of experiments about tickets, whose masks may be searched for in another setting.

    Subclasses with the fields rewind_steps, trunk_noise, slots, schedule or replicates have them
    respected by what reads them here.

    Attributes:
      search: how masks are found, and to which level.
    """

    search: MaskSearch

    @property
    def search_setting(self) -> Setting:
        """The task, the hyperparameters and the last step of the search."""
        return self.search.trained_with(self.task, self.hparams, self.steps)

    def levels_from(self: Any, initialization: int, k: int) -> Generator[Level, float | None, None]:
        """Returns the levels of the search that starts from W_k of an initialization."""
        replicates: Any = getattr(self, "replicates", "shared_noise")
        noise = replicate_noise(replicates, self.trunk_noise, initialization)
        search = self.search.of_replicate(replicates, initialization)
        task, hparams, steps = self.search_setting
        rewound = trunk(self.model, task, hparams, initialization, noise, k)
        return search_levels(rewound, self.model, task, hparams, steps, search, self.slots)

    def ticket_task(self, initialization: int) -> Task:
        """Returns the task that tickets of an initialization are trained on.

        If its subset is a ForgottenSubset, examples are chosen by how often the dense run, level 0
        of the search from W_0, forgot them.
        """
        task: Any = self.task
        if not isinstance(task.subset, ForgottenSubset):
            return task
        counted_task, hparams, steps = self.search_setting
        start, ones = Init(self.model, initialization), Ones(self.model)
        run = train(start, ones, counted_task, hparams, self.search.noise_of(0))
        events = Forgetting(Recorded(run, steps))
        return dataclasses.replace(task, subset=task.subset.measured(events))

    def labels_and_axes(self) -> tuple[dict[str, Any], dict[str, float | str]]:
        """Returns the labels and axes that rows of tickets have beside those of all rows.

        There are none if tickets are trained as the search is.
        """
        search = self.search_setting
        if search == (self.task, self.hparams, self.steps):
            return {}, {}
        tasks: tuple[Any, ...] = (self.task, search.task)
        own, searched = (task.subset.fraction if task.subset else 1.0 for task in tasks)
        return {"dataset": search.task.title}, {
            "searched_with": setting_in_words(search.hparams),
            "search_share": float(f"{search.steps / self.steps:.6g}"),
            "examples": float(f"{own / searched:.6g}"),
        }

    def require_plain_search(self) -> None:
        """Raises RecipeError if the search has its own task, hparams or steps, so its own W_k."""
        has_own = (self.search.task, self.search.hparams, self.search.steps) != (None, None, 0)
        allowed = "a search without task, hparams and steps, which SparseTraining takes"
        require(not has_own, self, "search", allowed)

    def require_levels(self, field: str, first: int, last: int, needed: bool = False) -> None:
        """Raises RecipeError unless a field has levels of a range, at least one if needed."""
        levels = getattr(self, field)
        fine = all(first <= level <= last for level in levels) and (len(levels) > 0 or not needed)
        place = "MaskSearch.levels" if last == self.search.levels else "before the last"
        allowed = f"levels from {first} to {last:,} ({place}){', one or more' if needed else ''}"
        require(fine, self, field, allowed)

    def require_rewind_steps(self: Any, end: int) -> None:
        """Raises RecipeError unless the steps k are different and before the end of a training."""
        steps = self.rewind_steps
        fine = 0 < len(steps) == len(set(steps)) and all(0 <= k < end for k in steps)
        allowed = f"different steps from 0 to {end - 1:,}, before the end of training"
        require(fine, self, "rewind_steps", allowed)

    def require_one_clock(self: Any) -> None:
        """Raises RecipeError unless W_k is in the search, on the clock that tickets go on from."""
        search, goes_on = self.search_setting, self.schedule == "absolute"
        self.require_rewind_steps(min(search.steps, self.steps) if goes_on else search.steps)
        own = (self.task, self.hparams) == (search.task, search.hparams)
        allowed = "'restarted', as W_k was trained on the clock of a search of other settings"
        fine = own or not goes_on or not max(self.rewind_steps)
        require(fine, self, "schedule", allowed)


@dataclass(frozen=True, eq=False, repr=False)
class Rewinding(Tickets):
    """Base of experiments that search for masks from W_k and rewind to it.

    These are the fields and their checks; `search.search_levels` does the rewinding.

    Attributes:
      rewind_steps: the steps k to rewind to.
      trunk_noise: seed of u, the SGD noise on the way from W_0 to W_k.
      slots: optimizer slots with which a level starts at step k: 'reset', or 'carried' from W_k.
      replicates: whether all initializations have the same SGD noise, or each its own.
    """

    rewind_steps: tuple[int, ...] = (0,)
    trunk_noise: Seed = 0
    slots: Slots = "reset"
    replicates: Replicates = "shared_noise"

    def check(self) -> None:
        super().check()
        self.require_rewind_steps(self.steps)
        self.require_plain_search()

    def searches(self) -> Iterator[Generator[Level, float | None, None]]:
        """Yields the levels of every search: of each initialization, from each step k."""
        for initialization in self.initializations:
            for k in self.rewind_steps:
                yield self.levels_from(initialization, k)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RewindingAtLevels(Rewinding):
    """Base of experiments with rewinding that measure some levels of each search.

    Attributes:
      FIRST_LEVEL: the lowest of `levels` that is allowed: 0, the dense network, or 1.
      levels: the levels that are measured.
    """

    FIRST_LEVEL: ClassVar[int] = 0

    levels: tuple[int, ...]

    def check(self) -> None:
        super().check()
        self.require_levels("levels", self.FIRST_LEVEL, self.search.levels, needed=True)

    def searched_levels(self) -> Iterator[Level]:
        """Yields every level that is measured."""
        for search in self.searches():
            yield from (level for level in search if level.number in self.levels)
