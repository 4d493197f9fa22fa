"""Lottery tickets of networks that were trained on a pretext task (early_phase section 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lth_tf.data import Pretext
from lth_tf.experiments.replicates import Replicates, replicate_noise, replicate_search
from lth_tf.experiments.requests import (
    Experiment,
    Request,
    require_few_measurements,
    require_plain_search,
)
from lth_tf.experiments.search import Level, MaskSearch, search_levels
from lth_tf.measurements import Evaluate
from lth_tf.recipes import (
    At,
    HeadMask,
    Init,
    Mask,
    Model,
    NewHead,
    Ones,
    Recipe,
    Weights,
    require,
    train,
)
from lth_tf.training.hparams import Hparams

PRETEXTS = tuple(Pretext(**fields) for fields in Pretext.NAMES.values())


@dataclass(frozen=True, eq=False, repr=False)
class Pretraining(Experiment):
    """IMP from the state after pretraining, in place of W_0 or W_k (early_phase figs 9, A9 to A12).

    A dense network is trained on a pretext task; its weights, batch-norm parameters and statistics
    are what every level of IMP is rewound to. Where the pretext task has other classes, the head is
    that of W_0. The kind of network says the pretext task and how long: 'rotation_40_epochs'.

    Attributes:
      search: how masks are found. Its noise is best another one than that of the pretraining.
      lengths: of the pretraining, in epochs; all are states of one run.
      epoch: how many steps an epoch has.
      pretexts: the pretext tasks, by name, or each a Pretext.
      schedule: the clock after pretraining: 'restarted', it starts at 0, for T steps, as from an
        initialization (the paper: 'as if the pre-trained state were the original initialization');
        or 'absolute', it goes on, for T less the steps of the pretraining (open_lth).
      pretraining_noise: seed of the SGD noise of the pretraining.
      slots: optimizer slots at the rewind; none come from the pretext task where they are 'reset'.
      replicates: whether all initializations have the same SGD noise, or each its own.
    """

    search: MaskSearch
    lengths: tuple[int, ...]
    epoch: int
    pretexts: tuple[Pretext, ...] = PRETEXTS
    schedule: Literal["restarted", "absolute"] = "restarted"
    pretraining_noise: int = 0
    slots: Literal["reset", "carried"] = "reset"
    replicates: Replicates = "shared_noise"

    def check(self) -> None:
        super().check()
        require_plain_search(self)
        require(self.epoch >= 1, self, "epoch", "a number of steps, 1 or more")
        require_lengths(self, self.lengths)
        if self.schedule == "absolute":
            most = (self.steps - 1) // self.epoch
            allowed = (
                f"at most {most:,} epochs where the clock goes on, which ends at {self.steps:,}"
            )
            require(max(self.lengths) <= most, self, "lengths", allowed)
        different = 0 < len(self.pretexts) == len({pretext.name for pretext in self.pretexts})
        require(different, self, "pretexts", "different pretext tasks, one or more")
        require_few_measurements(
            self,
            pretext_tasks=len(self.pretexts),
            lengths=len(self.lengths),
            levels=self.search.levels + 1,
        )

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        yield from super().trainings()
        for pretext in self.pretexts:
            yield pretext.network(self.model), pretext.applied_to(self.task), self.hparams

    def requests(self) -> Iterator[Request]:
        for initialization in self.initializations:
            search = replicate_search(self.replicates, self.search, initialization)
            untrained = Init(self.model, initialization)
            # What levels are without pretraining, for their settings.
            plain = list(self._levels(untrained, search, 0))
            for pretext in self.pretexts:
                for length in self.lengths:
                    steps = length * self.epoch
                    start = self._pretrained(untrained, pretext, steps)
                    first = steps if self.schedule == "absolute" else 0
                    labels = {
                        "network": f"{pretext.name}_{length}_epochs",
                        "initialization": initialization,
                        "rewind_step": first,
                    }
                    for level, like in zip(self._levels(start, search, first), plain, strict=True):
                        yield self._row(level, like, labels, search)

    def _pretrained(self, untrained: Init, pretext: Pretext, steps: int) -> Weights:
        noise = replicate_noise(self.replicates, self.pretraining_noise, untrained.seed)
        setting = (Ones(self.model), pretext, self.task, self.hparams)
        return pretrained(untrained, *setting, noise, steps)

    def _levels(self, start: Weights, search: MaskSearch, first: int) -> Iterator[Level]:
        setting = (self.model, self.task, self.hparams, self.steps)
        return search_levels(start, *setting, search, self.slots, first)

    def _row(
        self, level: Level, like: Level, labels: dict[str, Any], search: MaskSearch
    ) -> Request:
        measured, other = (Evaluate(each.end, self.task) for each in (level, like))
        labels = {**labels, "noise": [search.noise_of(level.number)], "level": level.number}
        settings = search.settings_of(level.number)
        return Request(measured, level.mask, level.end, labels, settings=settings, like=other)


def require_lengths(experiment: Recipe, lengths: tuple[int, ...]) -> None:
    """Raises RecipeError unless all lengths of a pretraining are different and 1 epoch or more."""
    fine = 0 < len(lengths) == len(set(lengths)) and min(lengths) >= 1
    require(fine, experiment, "lengths", "different numbers of epochs, each 1 or more")


def pretrained(
    start: Weights,
    mask: Mask,
    pretext: Pretext,
    task: Recipe,
    hparams: Recipe,
    noise: int,
    steps: int,
) -> Weights:
    """Returns the state after a network was trained on a pretext task, with its own head again.

    Where classes differ, heads are those of the initialization that the weights go back to, on the
    pretext task without a mask.

    Args:
      start: what is trained on the pretext task, from a clock that shows 0.
      mask: what stays zero.
      task, hparams: of the network; the pretext task is made of the former.
      noise: seed of the SGD noise.
      steps: how many.
    """
    model, seed = start.model, start.initial.seed
    other = pretext.network(model)
    if other == model:
        return At(train(start, mask, pretext.applied_to(task), hparams, noise, first_step=0), steps)
    if isinstance(start, Init) and mask.is_dense:
        begin: Weights = Init(other, seed)
    else:
        begin = NewHead(start, other, seed)
    masked = Ones(other) if mask.is_dense else HeadMask(mask, other)
    run = train(begin, masked, pretext.applied_to(task), hparams, noise, first_step=0)
    return NewHead(At(run, steps), model, seed)
