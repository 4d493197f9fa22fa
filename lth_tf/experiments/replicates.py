"""Whether replicates differ in their initial weights alone, or in their SGD noise too."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Literal

from lth_tf import noise as addressed
from lth_tf.experiments.search import Level, MaskSearch, search_levels, trunk
from lth_tf.recipes import Weights

Replicates = Literal["shared_noise", "own_noise"]


def noise_of(replicates: Replicates, noise: int, initialization: int) -> int:
    """Returns the seed of the SGD noise that one replicate has for a seed of an experiment's.

    Args:
      replicates: 'shared_noise', all have that very seed; or 'own_noise', each has its own, below
        2**31, drawn at the address ('replicate', noise, initialization).
      noise: the experiment's seed.
      initialization: the seed of W_0, which tells replicates apart.
    """
    if replicates == "shared_noise":
        return noise
    return int(addressed.generator("replicate", noise, initialization).integers(2**31))


def search_of(replicates: Replicates, search: MaskSearch, initialization: int) -> MaskSearch:
    """Returns the search for masks of one replicate, under the noise that `noise_of` says."""
    noise = noise_of(replicates, search.noise, initialization)
    return dataclasses.replace(search, noise=noise)


def searches(experiment: Any) -> Iterator[tuple[int, int, Weights, MaskSearch]]:
    """Yields initialization, step k, W_k and search of every search for masks of an experiment."""
    setting = (experiment.model, experiment.task, experiment.hparams)
    for initialization in experiment.initializations:
        noise = noise_of(experiment.replicates, experiment.trunk_noise, initialization)
        search = search_of(experiment.replicates, experiment.search, initialization)
        for k in experiment.rewind_steps:
            yield initialization, k, trunk(*setting, initialization, noise, k), search


def searched_levels(experiment: Any) -> Iterator[tuple[int, Weights, MaskSearch, Level]]:
    """Yields initialization, W_k, search and level, of the levels that an experiment is about."""
    setting = (experiment.model, experiment.task, experiment.hparams, experiment.steps)
    for initialization, _, rewound, search in searches(experiment):
        for level in search_levels(rewound, *setting, search, experiment.slots):
            if level.number in experiment.levels:
                yield initialization, rewound, search, level
