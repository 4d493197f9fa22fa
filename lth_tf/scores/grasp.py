"""GraSP: which weights the gradient flow after pruning can do without, before training."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lth_tf.measurements import HessianGradient
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Positive, Recipe, Score, Weights


@dataclass(frozen=True, eq=False, repr=False)
class Grasp(Score):
    """w * (H g): gradient signal preservation.

    Source: Wang, Zhang and Grosse 2020, "Picking Winning Tickets Before Training by Preserving
    Gradient Flow" (arXiv 2002.07376), algorithms 1 and 2.

    The paper's S = -w * (H g) is how much the squared norm of the gradient grows, to first order,
    when w is removed; weights with the largest S go, which here are the lowest. Scores are signed.
    They are of the dense network, so that every level is the result of a single shot to its
    density, as published.

    Attributes:
      batches: over how many of the run's first batches g and H are averaged. The paper draws ten
        examples of each class instead.
      temperature: the divisor of logits before the loss, as in the authors' code.
    """

    NETWORK: ClassVar[str] = "grasp"
    BEFORE_TRAINING: ClassVar[bool] = True

    batches: Count = 1
    temperature: Positive = 200.0

    def needs(self, weights: Weights, mask: Mask) -> tuple[Recipe, ...]:
        return (HessianGradient(weights, self.batches, self.temperature),)

    def scores(self, weights: Weights, mask: Mask, maker: ArtifactMaker) -> Numbers:
        state, product = maker.state(weights).weights, maker.measure(*self.needs(weights, mask))
        return {name: np.float64(state[name]) * product[name] for name in maker.mask(mask)}
