"""Training of tickets that a search has found, which may have been in another setting."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from lth_tf.experiments import tickets
from lth_tf.experiments.of_runs import OF_RUN, OfRun, require_functions
from lth_tf.experiments.requests import Experiment, Request, require_few_measurements
from lth_tf.experiments.search import Level, MaskSearch, search_levels, trunk
from lth_tf.log.fields import Axis
from lth_tf.recipes import At, Mask, Shuffle, Weights, require, train


@dataclass(frozen=True, eq=False, repr=False)
class SparseTraining(Experiment):
    """Trains the tickets of a search for masks (sgd_noise algorithm 1, its last step).

    The search may be shorter than the training of its tickets, or in another setting, or on other
    examples (see MaskSearch); W_k is what it rewinds to, and tickets are trained from it under
    their masks as the experiment says. Where the two are alike they are the same runs, those of
    Imp.

    Attributes:
      search, rewind_steps, trunk_noise, slots: as for Imp.
      levels: the levels whose networks are trained and measured, 0 for the dense one; () for all.
      networks: which of each level: 'imp', the ticket; 'random_pruning', W_k under the mask with
        each layer's entries permuted. The dense network is itself.
      schedule: the clock of tickets: 'absolute', it goes on from k; or 'restarted', it starts again
        at 0, for T steps, which it must where W_k is of a search of other settings.
      functions: what is measured of each run: its 'error' at the end; the 'forgetting' of its
        training examples; its 'convergence' by the error after every epoch.
      epoch: the steps of an epoch, for the convergence. The states after epochs are not kept.
    """

    AXES: ClassVar[tuple[Axis, ...]] = tickets.AXES

    search: MaskSearch
    rewind_steps: tuple[int, ...] = (0,)
    trunk_noise: int = 0
    slots: Literal["reset", "carried"] = "reset"
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
        require_functions(self, self.epoch, "epoch")
        require_few_measurements(
            self,
            levels=len(self.levels) or self.search.levels + 1,
            networks=len(self.networks),
            functions=len(self.functions),
        )

    def requests(self) -> Iterator[Request]:
        search = tickets.search_setting(self)
        for initialization in self.initializations:
            setting = (self.model, tickets.task_of(self, initialization), self.hparams)
            for k in self.rewind_steps:
                rewound = trunk(self.model, *search[:2], initialization, self.trunk_noise, k)
                found = search_levels(rewound, *setting, self.steps, self.search, self.slots)
                for level in found:
                    if not self.levels or level.number in self.levels:
                        yield from self._of_level(level, rewound, initialization, k)

    def _of_level(
        self, level: Level, rewound: Weights, initialization: int, k: int
    ) -> Iterator[Request]:
        networks: dict[str, Mask] = {"dense": level.mask}
        if level.number:
            every = {"imp": level.mask, "random_pruning": Shuffle(level.mask, initialization)}
            networks = {name: every[name] for name in self.networks}
        for network, mask in networks.items():
            yield from self._of_network(network, mask, level, rewound, initialization, k)

    def _of_network(
        self, network: str, mask: Mask, level: Level, start: Weights, initialization: int, k: int
    ) -> Iterator[Request]:
        """Yields a row for each function of a ticket, or of another network at its level."""
        task, noise = tickets.task_of(self, initialization), self.search.noise_of(level.number)
        first = 0 if self.schedule == "restarted" else None
        run = train(start, mask, task, self.hparams, noise, first, self.slots)
        labels = {
            "network": self.search.score.NETWORK if network == "imp" else network,
            "initialization": initialization,
            "noise": [noise],
            "rewind_step": k,
            "level": level.number,
            "schedule": self.schedule,
            **tickets.labels(self),
        }
        axes, settings = tickets.axes(self), self.search.settings_of(level.number)
        for function in self.functions:
            measured = OF_RUN[function](run, self.steps, task, self.epoch)
            yield Request(measured, mask, At(run, self.steps), labels, axes, settings)
