"""SynFlow: how much of the flow through a network passes each weight, without any data."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lth_tf import pruning
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Prune, Score, Weights


@dataclass(frozen=True, eq=False, repr=False)
class SynFlow(Score):
    """|w| * dR/d|w|: synaptic flow.

    Source: Tanaka, Kunin, Yamins and Ganguli 2020, "Pruning neural networks without any data by
    iteratively conserving synaptic flow" (arXiv 2006.05467), algorithm 1.

    R is the sum of the logits of an image of ones in the network of absolute weights; there is no
    data and no loss in it. Scores are computed anew after each of many iterations, whose densities
    fall exponentially, as published: a level that prunes the fraction f is reached over densities
    (1 - f)^(i / n). Level after level that is one schedule, of n iterations a level.

    Attributes:
      iterations: n, how many a level takes; in the paper all pruning takes 100.
    """

    NETWORK: ClassVar[str] = "synflow"
    BEFORE_TRAINING: ClassVar[bool] = True

    iterations: Count = 100

    def prune(self, how: Prune, maker: ArtifactMaker) -> Numbers:
        def scores(mask: Numbers) -> Numbers:
            return self._flow(how.weights, mask, maker)

        where = (how.fraction, how.scope, how.exclude)
        return pruning.prune_iteratively(maker.mask(how.mask), scores, self.iterations, *where)

    def scores(self, weights: Weights, mask: Mask, maker: ArtifactMaker) -> Numbers:
        return self._flow(weights, maker.mask(mask), maker)

    def _flow(self, weights: Weights, mask: Numbers, maker: ArtifactMaker) -> Numbers:
        state = maker.state(weights)
        slopes = maker.engine.synaptic_flow(weights.model, state, mask)
        kept = {n: np.abs(np.float64(state.weights[n])) * m for n, m in mask.items()}
        return {name: kept[name] * slopes[name] for name in mask}
