"""Replicates: whether they differ in their initial weights alone, or in their SGD noise too."""

import dataclasses
from typing import Literal

from lth_tf import noise as addressed
from lth_tf.experiments.search import MaskSearch

Replicates = Literal["shared_noise", "own_noise"]


def replicate_noise(replicates: Replicates, noise: int, initialization: int) -> int:
    """Returns the seed of the SGD noise of the replicate of one initialization.

    With 'shared_noise' it is `noise`, the experiment's; with 'own_noise' each replicate has its
    own, below 2**31, drawn at the address ('replicate', noise, initialization).
    """
    if replicates == "shared_noise":
        return noise
    return int(addressed.generator("replicate", noise, initialization).integers(2**31))


def replicate_search(replicates: Replicates, search: MaskSearch, initialization: int) -> MaskSearch:
    """Returns the search for masks of one replicate, under its `replicate_noise`."""
    noise = replicate_noise(replicates, search.noise, initialization)
    return dataclasses.replace(search, noise=noise)
