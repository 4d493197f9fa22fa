"""SNIP: how sensitive the loss is to each connection, before training."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lth_tf.measurements import Gradient
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Recipe, Score, Weights


@dataclass(frozen=True, eq=False, repr=False)
class Snip(Score):
    """|w * dL/dw|: connection sensitivity.

    Source: Lee, Ajanthan and Torr 2019, "SNIP: Single-shot Network Pruning based on Connection
    Sensitivity" (arXiv 1810.02340), algorithm 1.

    It is |dL/dc| at c = 1 of a factor c on each weight. L is the training loss without weight decay
    on the batch that the dense run takes first. Scores are of the dense network, so that every
    level is the result of a single shot to its density.

    Attributes:
      batches: over how many of the run's first batches the gradient is averaged.
    """

    NETWORK: ClassVar[str] = "snip"
    BEFORE_TRAINING: ClassVar[bool] = True

    batches: Count = 1

    def needs(self, weights: Weights, mask: Mask) -> tuple[Recipe, ...]:
        return (Gradient(weights, self.batches),)

    def scores(self, weights: Weights, mask: Mask, maker: ArtifactMaker) -> Numbers:
        state, gradient = maker.state(weights).weights, maker.measure(*self.needs(weights, mask))
        kernels = maker.mask(mask)
        return {name: np.abs(np.float64(state[name]) * gradient[name]) for name in kernels}
