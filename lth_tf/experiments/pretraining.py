"""Lottery tickets of networks that were trained on a pretext task (early_phase section 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from lth_tf.data import Pretext
from lth_tf.experiments.replicates import Replicates, replicate_noise, replicate_search
from lth_tf.experiments.requests import Experiment, Request, require_plain_search
from lth_tf.experiments.search import Level, MaskSearch, Slots, search_levels
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

    A dense network is trained on a pretext task; every level of IMP is rewound to its weights,
    batch-norm parameters and statistics. Where the pretext task has other classes, the head is that
    of W_0. The kind of network says the pretext task and how long: 'rotation_40_epochs'.

    Attributes:
      search: how masks are found. Its noise had better differ from that of the pretraining.
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
    slots: Slots = "reset"
    replicates: Replicates = "shared_noise"

    def check(self) -> None:
        super().check()
        require_plain_search(self)
        require(self.epoch >= 1, self, "epoch", "a number of steps, 1 or more")
        different = 0 < len(self.lengths) == len(set(self.lengths)) and min(self.lengths) >= 1
        require(different, self, "lengths", "different numbers of epochs, each 1 or more")
        if self.schedule == "absolute":
            most = (self.steps - 1) // self.epoch
            clock = f"where the clock goes on, which ends at {self.steps:,}"
            allowed = f"at most {most:,} epochs {clock}"
            require(max(self.lengths) <= most, self, "lengths", allowed)
        names = [pretext.name for pretext in self.pretexts]
        self.require_different("pretexts", names, "pretext tasks")
        counts = {"pretext_tasks": len(names), "lengths": len(self.lengths)}
        self.require_few_measurements(**counts, levels=self.search.levels + 1)

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        yield from super().trainings()
        for pretext in self.pretexts:
            yield pretext.network(self.model), pretext.applied_to(self.task), self.hparams

    def requests(self) -> Iterator[Request]:
        for initialization in self.initializations:
            untrained = Init(self.model, initialization)
            # The levels without pretraining, whose settings all rows have.
            plain = [Evaluate(level.end, self.task) for level in self._levels(untrained, 0)]
            for pretext, length in product(self.pretexts, self.lengths):
                network = {"network": f"{pretext.name}_{length}_epochs"}
                levels = self._pretrained(untrained, pretext, length)
                for level, like in zip(levels, plain, strict=True):
                    measured, about = Evaluate(level.end, self.task), (level.mask, level.end)
                    labels, settings = level.labels | network, level.settings
                    yield Request(measured, *about, labels, settings=settings, like=like)

    def _pretrained(self, untrained: Init, pretext: Pretext, length: int) -> Iterator[Level]:
        """Returns the levels of IMP from the state after so many epochs on a pretext task."""
        noise = replicate_noise(self.replicates, self.pretraining_noise, untrained.seed)
        setting, steps = (Ones(self.model), self.task, self.hparams), length * self.epoch
        start = after_pretext(untrained, pretext, *setting, noise, steps)
        return self._levels(start, steps if self.schedule == "absolute" else 0)

    def _levels(self, start: Weights, first_step: int) -> Iterator[Level]:
        """Returns the levels of IMP from a state, at which the clock shows the first step."""
        search = replicate_search(self.replicates, self.search, start.initial.seed)
        setting = (self.model, self.task, self.hparams, self.steps)
        return search_levels(start, *setting, search, self.slots, first_step)


def after_pretext(
    start: Weights,
    pretext: Pretext,
    mask: Mask,
    task: Recipe,
    hparams: Recipe,
    noise: int,
    steps: int,
) -> Weights:
    """Returns the state after steps on a pretext task, with the network's own head again.

    The clock begins at 0. Where classes differ, heads are those of the initialization that the
    weights go back to, on the pretext task without a mask.

    Args:
      task, hparams: of the network; the pretext task is made of the former.
      noise: seed of the SGD noise.
    """
    model, task, seed = start.model, pretext.applied_to(task), start.initial.seed
    other = pretext.network(model)
    if other == model:
        return At(train(start, mask, task, hparams, noise, first_step=0), steps)
    dense = mask.is_dense
    begin = Init(other, seed) if isinstance(start, Init) and dense else NewHead(start, other, seed)
    masked = Ones(other) if dense else HeadMask(mask, other)
    run = train(begin, masked, task, hparams, noise, first_step=0)
    return NewHead(At(run, steps), model, seed)
