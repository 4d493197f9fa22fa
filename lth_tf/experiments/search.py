"""Searches for masks: iterative magnitude pruning (lmc algorithm 2), pruning before training."""

from collections.abc import Generator, Mapping
from typing import Any, Literal, NamedTuple

from lth_tf import noise as addressed
from lth_tf.experiments.experiment import Request
from lth_tf.experiments.mask_search import MaskSearch
from lth_tf.measurements import Measurement
from lth_tf.recipes import Mask, Model, Recipe, Weights
from lth_tf.recipes.masks import Ones, Prune, Shuffle
from lth_tf.recipes.training import At, Init, Train, at, train
from lth_tf.training.hparams import Hparams

Slots = Literal["reset", "carried"]


def labels_of(run: Train, network: str, level: int) -> dict[str, Any]:
    """Returns the labels of a row about a run that goes on from step k, the first on its clock."""
    return {
        "network": network,
        "initialization": run.initial.seed,
        "noise": [run.noise],
        "rewind_step": run.first_step,
        "level": level,
    }


class Level(NamedTuple):
    """One level of a search: the mask m, and m * W_k trained under it to the search's end.

    Attributes:
      number: how many times its network was pruned; 0 for the dense one.
    """

    number: int
    mask: Mask
    end: At
    search: MaskSearch

    @property
    def rewound(self) -> Weights:
        """W_k, which every level starts from."""
        return self.end.run.start

    @property
    def noise(self) -> int:
        """The seed of the SGD noise of its training."""
        return self.end.run.noise

    @property
    def labels(self) -> dict[str, Any]:
        """The labels of a row about its network."""
        network = self.search.score.NETWORK if self.number else "dense"
        return labels_of(self.end.run, network, self.number)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of its network that no recipe shows."""
        return self.search.settings_of(self.number)

    def request(
        self,
        measurement: Measurement,
        labels: Mapping[str, Any] | None = None,
        end: Weights | None = None,
        mask: Mask | None = None,
        **more: Any,
    ) -> Request:
        """Returns the request of a row about its network, or about others of its density.

        Args:
          labels: those that the row has besides its network's, or in their place.
          end, mask: of the network, where it is another.
          more: other attributes of the Request.
        """
        more = {"settings": self.settings} | more
        own = {**self.labels, **(labels or {})}
        return Request(measurement, mask or self.mask, end or self.end, own, **more)

    @property
    def networks(self) -> dict[str, tuple[Weights, Mask]]:
        """The weights W and the mask m of sparse networks m * W of its density, by their kind.

        'imp' is the ticket; 'initial_weights' has W_0; 'random_pruning' has the entries of each
        layer's mask permuted; 'random_reinitialization' has new initial weights.
        """
        initial, mask = self.end.initial, self.mask
        fresh = Init(initial.model, reinitialization_seed(initial.seed))
        return {
            "imp": (self.rewound, mask),
            "initial_weights": (initial, mask),
            "random_pruning": (self.rewound, Shuffle(mask, initial.seed)),
            "random_reinitialization": (fresh, mask),
        }


def reinitialization_seed(initialization: int) -> int:
    """Returns the seed of the fresh weights that replace an initialization's, below 2**31."""
    return int(addressed.generator("random reinitialization", initialization).integers(2**31))


def trunk(
    model: Model, task: Recipe, hparams: Recipe, initialization: int, noise: int, step: int
) -> Weights:
    """Returns W_k, trained densely from W_0 to step k under noise u (algorithm 2, line 3)."""
    return at(train(Init(model, initialization), Ones(model), task, hparams, noise), step)


def search_levels(
    rewound: Weights,
    model: Model,
    task: Recipe,
    hparams: Hparams,
    steps: int,
    search: MaskSearch,
    slots: Slots,
    first_step: int | None = None,
) -> Generator[Level, float | None, None]:
    """Yields levels 0 (dense) to N of a search: algorithm 2 of lmc, lines 2 to 6.

    A score that needs no training, such as SNIP's, ranks W_k in place of the trained weights. W_k
    is then a state of the dense run, whose batches the score may use.

    The fraction to prune next may be sent in answer to a level; it is `search.fraction` otherwise.

    Args:
      rewound: W_k, which every level starts from again.
      task, hparams, steps: of the tickets, T steps; of the search, where it has none of its own.
      slots: optimizer slots at the rewind.
      first_step: the clock at W_k; None if it goes on from there.
    """
    task, hparams, steps = search.trained_with(task, hparams, steps)
    how = (search.score, search.scope, search.exclude)
    mask: Mask = Ones(model)  # line 2
    dense = train(rewound, mask, task, hparams, search.noise, first_step, slots)
    for number in range(search.levels + 1):  # lines 4 to 6
        noise = search.noise_of(number)
        end = At(train(rewound, mask, task, hparams, noise, first_step, slots), steps)
        fraction = (yield Level(number, mask, end, search)) or search.fraction
        ranked = At(dense, dense.first_step) if search.score.BEFORE_TRAINING else end
        mask = Prune(ranked, mask, fraction, *how)
