"""Training of tickets that a search has found, which may have been in another setting."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from lth_tf.experiments import tickets
from lth_tf.experiments.of_runs import OfRun, measurement_of, require_functions
from lth_tf.experiments.requests import Experiment, Request
from lth_tf.experiments.search import Level, MaskSearch, Slots, search_levels, trunk
from lth_tf.log.fields import Axis
from lth_tf.recipes import At, Recipe, require, train


@dataclass(frozen=True, eq=False, repr=False)
class SparseTraining(Experiment):
    """Trains the tickets of a search for masks (sgd_noise algorithm 1, its last step).

    The search may be shorter than the training of its tickets, or in another setting, or on other
    examples (see MaskSearch). Tickets are trained under their masks from W_k, which the search
    rewinds to, as the experiment says. Where both have one setting, their runs are those of Imp.

    Attributes:
      search, rewind_steps, trunk_noise, slots: as for Imp.
      levels: the levels whose networks are trained and measured, 0 for the dense one; () for all.
      networks: which of each level: 'imp', the ticket; 'random_pruning', W_k under the mask with
        each layer's entries permuted. The dense network is itself.
      schedule: the clock of tickets: 'absolute', it goes on from k; or 'restarted', it starts again
        at 0, for T steps, which it must where W_k is of a search of other settings.
      functions: the measurements of each run: its 'error' at the end; the 'forgetting' of its
        training examples; its 'convergence' by the error after every epoch.
      epoch: the steps of an epoch, for the convergence. The states after epochs are not kept.
    """

    AXES: ClassVar[tuple[Axis, ...]] = tickets.AXES

    search: MaskSearch
    rewind_steps: tuple[int, ...] = (0,)
    trunk_noise: int = 0
    slots: Slots = "reset"
    levels: tuple[int, ...] = ()
    networks: tuple[Literal["imp", "random_pruning"], ...] = ("imp",)
    schedule: Literal["absolute", "restarted"] = "absolute"
    functions: tuple[OfRun, ...] = ("error",)
    epoch: int = 0

    def check(self) -> None:
        super().check()
        require(self.trunk_noise >= 0, self, "trunk_noise", "0 or more")
        inside = all(0 <= level <= self.search.levels for level in self.levels)
        require(inside, self, "levels", f"levels from 0 to {self.search.levels:,}")
        require(len(self.networks) > 0, self, "networks", "one kind of network or more")
        tickets.require_one_clock(self)
        require_functions(self)
        self.require_few_measurements(
            levels=len(self.levels) or self.search.levels + 1,
            networks=len(self.networks),
            functions=len(self.functions),
        )

    def requests(self) -> Iterator[Request]:
        setting = (self.model, *tickets.search_setting(self)[:2])
        for initialization in self.initializations:
            task = tickets.task_of(self, initialization)
            trained = (self.model, task, self.hparams, self.steps)
            for k in self.rewind_steps:
                rewound = trunk(*setting, initialization, self.trunk_noise, k)
                for level in search_levels(rewound, *trained, self.search, self.slots):
                    if not self.levels or level.number in self.levels:
                        yield from self._of_level(level, task)

    def _of_level(self, level: Level, task: Recipe) -> Iterator[Request]:
        """Yields a row for each function of every network of a level."""
        first_step = 0 if self.schedule == "restarted" else None
        more, axes = tickets.labels_and_axes(self)
        for network in dict.fromkeys(self.networks) if level.number else ("imp",):
            start, mask = level.networks[network]
            labels = level.labels | {"schedule": self.schedule, **more}
            if network != "imp":
                labels["network"] = network
            setting = (mask, task, self.hparams, level.noise)
            run = train(start, *setting, first_step, self.slots)
            for function in self.functions:
                measured = measurement_of(function, run, self.steps, task, self.epoch)
                end = At(run, self.steps)
                yield Request(measured, mask, end, labels, axes, level.settings)
