"""Sparse networks that are trained on a pretext task before their own (early_phase fig. 10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from lth_tf.data import Pretext
from lth_tf.experiments.instability import reinitialization_seed
from lth_tf.experiments.pretraining import pretrained
from lth_tf.experiments.replicates import replicate_noise
from lth_tf.experiments.requests import Request, require_few_measurements
from lth_tf.experiments.rewinding import RewindingAtLevels
from lth_tf.experiments.search import Level, MaskSearch
from lth_tf.measurements import Evaluate
from lth_tf.recipes import At, Init, Mask, Model, Shuffle, Weights, require, train
from lth_tf.training.hparams import Hparams

ROTATION = Pretext(rotation=True)
Kind = Literal["imp", "initial_weights", "random_pruning", "random_reinitialization"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SparsePretraining(RewindingAtLevels):
    """Trains subnetworks on a pretext task, then on their own for T steps (early_phase fig. 10).

    Masks are those of IMP rewound to step k. A mask holds in both phases; of a head for other
    classes nothing is pruned. The kind of network says what was trained: 'imp_after_rotation'.

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
        different = 0 < len(self.networks) == len(set(self.networks))
        require(different, self, "networks", "different kinds of sparse network, one or more")
        require_few_measurements(self, levels=len(self.levels), networks=len(self.networks))

    def trainings(self) -> Iterator[tuple[Model, Any, Hparams]]:
        yield from super().trainings()
        yield self.pretext.network(self.model), self.pretext.applied_to(self.task), self.hparams

    def requests(self) -> Iterator[Request]:
        for initialization, rewound, search, level in self.searched_levels():
            yield from self._of_level(level, rewound, initialization, search)

    def _of_level(
        self, level: Level, rewound: Weights, initialization: int, search: MaskSearch
    ) -> Iterator[Request]:
        noise = replicate_noise(self.replicates, self.pretraining_noise, initialization)
        main = search.noise_of(level.number)
        for name, (start, mask) in self._starts(level.mask, rewound, initialization).items():
            after = pretrained(
                *(start, mask, self.pretext, self.task, self.hparams),
                *(noise, self.length * self.epoch),
            )
            end = At(train(after, mask, self.task, self.hparams, main, first_step=0), self.steps)
            labels = {
                "network": f"{name}_after_{self.pretext.name}",
                "initialization": initialization,
                "noise": [main],
                "rewind_step": rewound.step,
                "level": level.number,
            }
            settings, like = search.settings_of(level.number), Evaluate(level.end, self.task)
            measured = Evaluate(end, self.task)
            yield Request(measured, mask, end, labels, settings=settings, like=like)

    def _starts(
        self, mask: Mask, rewound: Weights, initialization: int
    ) -> dict[str, tuple[Weights, Mask]]:
        """Returns the weights and the mask of every network, by its kind."""
        fresh = Init(self.model, reinitialization_seed(initialization))
        every = {
            "imp": (rewound, mask),
            "initial_weights": (rewound.initial, mask),
            "random_reinitialization": (fresh, mask),
            "random_pruning": (rewound, Shuffle(mask, initialization)),
        }
        return {name: every[name] for name in self.networks}
