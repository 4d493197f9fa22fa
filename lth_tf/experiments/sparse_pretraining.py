"""Sparse networks that are trained on a pretext task before their own (early_phase fig. 10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.data import Pretext
from lth_tf.experiments.pretraining import after_pretext
from lth_tf.experiments.replicates import replicate_noise
from lth_tf.experiments.requests import Request
from lth_tf.experiments.rewinding import RewindingAtLevels
from lth_tf.measurements import Evaluate
from lth_tf.recipes import At, Model, require, train
from lth_tf.training.hparams import Hparams

ROTATION = Pretext(rotation=True)
Kind = Literal["imp", "initial_weights", "random_pruning", "random_reinitialization"]


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

    length: int
    epoch: int
    networks: tuple[Kind, ...] = ("imp", "random_reinitialization", "random_pruning")
    pretext: Pretext = ROTATION
    pretraining_noise: int = 0

    def check(self) -> None:
        super().check()
        for name in ("length", "epoch"):
            require(getattr(self, name) >= 1, self, name, "1 or more")
        self.require_different("networks", self.networks, "kinds of sparse network")
        self.require_few_measurements(levels=len(self.levels), networks=len(self.networks))

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        yield from super().trainings()
        yield self.pretext.network(self.model), self.pretext.applied_to(self.task), self.hparams

    def requests(self) -> Iterator[Request]:
        steps = self.length * self.epoch
        for level in self.searched_levels():
            seed = level.end.initial.seed
            noise = replicate_noise(self.replicates, self.pretraining_noise, seed)
            like = Evaluate(level.end, self.task)
            for network in self.networks:
                start, mask = level.networks[network]
                setting = (mask, self.task, self.hparams)
                pretrained = after_pretext(start, self.pretext, *setting, noise, steps)
                end = At(train(pretrained, *setting, level.noise, first_step=0), self.steps)
                labels = level.labels | {"network": f"{network}_after_{self.pretext.name}"}
                measured = Evaluate(end, self.task)
                yield Request(measured, mask, end, labels, settings=level.settings, like=like)
