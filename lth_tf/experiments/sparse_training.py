"""Training of tickets that a search has found, which may have been in another setting."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from lth_tf.experiments import tickets
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.search import Level, Slots
from lth_tf.experiments.training import OfRun, measurement_of, require_functions
from lth_tf.log.fields import Axis
from lth_tf.recipes import At, Natural, Recipe, Seed, require, train


@dataclass(frozen=True, eq=False, repr=False)
class SparseTraining(tickets.Tickets):
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

    rewind_steps: tuple[int, ...] = (0,)
    trunk_noise: Seed = 0
    slots: Slots = "reset"
    levels: tuple[int, ...] = ()
    networks: tuple[Literal["imp", "random_pruning"], ...] = ("imp",)
    schedule: Literal["absolute", "restarted"] = "absolute"
    functions: tuple[OfRun, ...] = ("error",)
    epoch: Natural = 0

    def check(self) -> None:
        super().check()
        self.require_levels("levels", 0, self.search.levels)
        require(len(self.networks) > 0, self, "networks", "one kind of network or more")
        self.require_one_clock()
        require_functions(self)
        self.require_few_measurements(
            levels=len(self.levels) or self.search.levels + 1,
            networks=len(self.networks),
            functions=len(self.functions),
        )

    def requests(self) -> Iterator[Request]:
        for initialization in self.initializations:
            task = self.ticket_task(initialization)
            for k in self.rewind_steps:
                for level in self.levels_from(initialization, k):
                    if not self.levels or level.number in self.levels:
                        yield from self._of_level(level, task)

    def _of_level(self, level: Level, task: Recipe) -> Iterator[Request]:
        """Yields a row for each function of every network of a level."""
        first_step = 0 if self.schedule == "restarted" else None
        more, axes = self.labels_and_axes()
        for network in dict.fromkeys(self.networks) if level.number else ("imp",):
            start, mask = level.networks[network]
            own = {} if network == "imp" else {"network": network}
            labels = {"schedule": self.schedule, **more, **own}
            setting = (mask, task, self.hparams, level.noise)
            run = train(start, *setting, first_step, self.slots)
            for function in self.functions:
                measured = measurement_of(function, run, self.steps, task, self.epoch)
                yield level.request(measured, labels, At(run, self.steps), mask, axes=axes)
