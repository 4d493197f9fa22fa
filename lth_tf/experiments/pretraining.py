"""Lottery tickets of networks that are trained on a pretext task first (early_phase sec. 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar, Literal

from lth_tf.data import Pretext
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.mask_search import Replicates, replicate_noise
from lth_tf.experiments.search import Level, Slots, search_levels
from lth_tf.experiments.tickets import RewindingAtLevels, Tickets
from lth_tf.measurements import Evaluate
from lth_tf.recipes import HeadMask, Mask, Model, NewHead, Ones, Recipe, Weights, require
from lth_tf.recipes.fields import Count, Seed
from lth_tf.recipes.training import At, Init, train
from lth_tf.training.hparams import Hparams

Kind = Literal["imp", "initial_weights", "random_pruning", "random_reinitialization"]
PRETEXTS = tuple(Pretext(**fields) for fields in Pretext.NAMES.values())


@dataclass(frozen=True, eq=False, repr=False)
class Pretraining(Tickets):
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

    lengths: tuple[int, ...]
    epoch: Count
    pretexts: tuple[Pretext, ...] = PRETEXTS
    schedule: Literal["restarted", "absolute"] = "restarted"
    pretraining_noise: Seed = 0
    slots: Slots = "reset"
    replicates: Replicates = "shared_noise"

    def check(self) -> None:
        super().check()
        self.require_plain_search()
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
                labels = {"network": f"{pretext.name}_{length}_epochs"}
                levels = self._pretrained(untrained, pretext, length)
                for level, like in zip(levels, plain, strict=True):
                    yield level.request(Evaluate(level.end, self.task), labels, like=like)

    def _pretrained(self, untrained: Init, pretext: Pretext, length: int) -> Iterator[Level]:
        """Returns the levels of IMP from the state after so many epochs on a pretext task."""
        noise = replicate_noise(self.replicates, self.pretraining_noise, untrained.seed)
        setting, steps = (Ones(self.model), self.task, self.hparams), length * self.epoch
        start = after_pretext(untrained, pretext, *setting, noise, steps)
        return self._levels(start, steps if self.schedule == "absolute" else 0)

    def _levels(self, start: Weights, first_step: int) -> Iterator[Level]:
        """Returns the levels of IMP from a state, at which the clock shows the first step."""
        search = self.search.of_replicate(self.replicates, start.initial.seed)
        setting = (self.model, self.task, self.hparams, self.steps)
        return search_levels(start, *setting, search, self.slots, first_step)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SparsePretraining(RewindingAtLevels):
    """Trains subnetworks on a pretext task, then on their own for T steps (early_phase fig. 10).

    Masks are found by IMP rewound to step k. A mask holds in both phases; nothing of a head for
    other classes is pruned. The kind of network names the subnetwork: 'imp_after_rotation'.

    Attributes:
      length: of the pretraining, in epochs.
      epoch: how many steps an epoch has.
      networks: 'imp', m * W_k; 'initial_weights', m * W_0; 'random_pruning', W_k under m with each
        layer's entries permuted; 'random_reinitialization', new initial weights under m.
      pretext: the pretext task, by name or a Pretext.
      pretraining_noise: seed of the SGD noise of the pretraining.
    """

    FIRST_LEVEL: ClassVar[int] = 1

    length: Count
    epoch: Count
    networks: tuple[Kind, ...] = ("imp", "random_reinitialization", "random_pruning")
    pretext: Pretext = Pretext(rotation=True)
    pretraining_noise: Seed = 0

    def check(self) -> None:
        super().check()
        self.require_different("networks", self.networks, "kinds of sparse network")
        self.require_few_measurements(levels=len(self.levels), networks=len(self.networks))

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        yield from super().trainings()
        yield self.pretext.network(self.model), self.pretext.applied_to(self.task), self.hparams

    def requests(self) -> Iterator[Request]:
        steps, settings = self.length * self.epoch, {"SparsePretraining.length": self.length}
        for level in self.searched_levels():
            seed = level.end.initial.seed
            noise = replicate_noise(self.replicates, self.pretraining_noise, seed)
            like = Evaluate(level.end, self.task)
            for network in self.networks:
                start, mask = level.networks[network]
                setting = (mask, self.task, self.hparams)
                pretrained = after_pretext(start, self.pretext, *setting, noise, steps)
                end = At(train(pretrained, *setting, level.noise, first_step=0), self.steps)
                labels = {"network": f"{network}_after_{self.pretext.name}"}
                how = {"settings": settings | level.settings, "like": like}
                yield level.request(Evaluate(end, self.task), labels, end, mask, **how)


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
