"""The largest pruning ratio that leaves a network in a sublevel set of its training loss."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, Schema, arrays
from lth_tf.measurements.training_losses import TrainingLosses
from lth_tf.recipes import ArtifactMaker, Mask, Numbers, Prune, Recipe, Score, Weights, require
from lth_tf.recipes.fields import RecipeError


def require_ratios(recipe: Any) -> None:
    """Raises RecipeError unless the `ratios` of a recipe are one or more, rising, within (0, 1)."""
    ratios = recipe.ratios
    fine = len(ratios) > 0 and [*ratios] == sorted({*ratios}) and ratios[0] > 0 and ratios[-1] < 1
    require(fine, recipe, "ratios", "rising, each greater than 0 and less than 1")


@dataclass(frozen=True, eq=False, repr=False)
class PruningLosses(Measurement):
    """Training loss on the lines from a network to itself after pruning, for several ratios.

    Everything that is not pruned stays as it is, batch-norm statistics too.

    Attributes:
      weights, mask: the network.
      task: whose first `train_evaluated` training examples count.
      ratios: the fractions of the remaining weights that are pruned, rising.
      alphas: how many evenly spaced places on each line, from the network on, both ends included.
      score, scope, exclude: as of Prune.
    """

    weights: Weights
    mask: Mask
    task: Recipe
    ratios: tuple[float, ...]
    alphas: int
    score: Score
    scope: Literal["global", "layerwise"]
    exclude: tuple[str, ...]

    def check(self) -> None:
        require(self.alphas >= 2, self, "alphas", "2 or more")
        require_ratios(self)

    def make(self, maker: ArtifactMaker) -> Numbers:
        return {"losses": np.stack([self._line(ratio, maker) for ratio in self.ratios])}

    def _line(self, ratio: float, maker: ArtifactMaker) -> np.ndarray:
        """Returns the training losses on the line to the network pruned by a ratio, [alphas]."""
        how = (ratio, self.score, self.scope, self.exclude)
        mask = Prune(self.weights, self.mask, *how).make(maker)
        state = maker.state(self.weights)
        maker.doing(f"training loss of {self.weights.describe()}, pruned by up to {ratio:g}")
        ends, alphas = (state, state.masked(mask)), np.linspace(0.0, 1.0, self.alphas)
        shares = np.stack([1 - alphas, alphas], axis=1)
        combined = maker.engine.combinations
        curves: Numbers = combined(self.weights, self.task, "train", ends, shares, shares)
        return curves["losses"]

    @property
    def schema(self) -> Schema:
        return {"losses": ("f8", (len(self.ratios), self.alphas))}

    def passes(self) -> float:
        return float(len(self.ratios) * self.alphas)

    def describe(self) -> str:
        return f"pruning ratios of {self.weights.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class PruningRatio(Measurement):
    """The largest ratio after which a network is in the dense one's sublevel set (unmasking 2.2).

    The threshold is the dense network's training loss plus the standard deviation of the losses of
    the batches of its last epoch; on the whole line to the pruned network the loss is below it.

    Attributes:
      swept: the losses of the network pruned by each ratio.
      dense: the same of the dense network, the first of which is its own loss.
      spread: the losses of the batches of the dense network's last epoch.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "pruning_ratio",
        "How much of a network can be pruned within a sublevel set of the training loss.",
        values=measured(
            ("ratios", "list of fractions", "of 1", "Fractions of what remains to prune."),
            ("highest_losses", "list of numbers or null", "nats",
             "For each of them the highest training loss on the line to the pruned network; null "
             "where not finite."),
            ("threshold", "number", "nats", "Below which they are to be."),
            ("largest_ratio", "fraction", "of 1",
             "The largest ratio whose line is below the threshold; 0 if none is."),
        ),
    ))  # fmt: skip

    swept: PruningLosses
    dense: PruningLosses
    spread: TrainingLosses

    def check(self) -> None:
        if (self.swept.task, self.swept.alphas) != (self.dense.task, self.dense.alphas):
            raise RecipeError("PruningRatio.dense is measured otherwise than PruningRatio.swept")

    def make(self, maker: ArtifactMaker) -> Numbers:
        swept, dense = maker.measure(self.swept)["losses"], maker.measure(self.dense)["losses"]
        spread = np.std(maker.measure(self.spread)["losses"], ddof=1, dtype=np.float64)
        highest, threshold = swept.max(axis=1), dense[0, 0] + spread
        below = np.asarray(self.swept.ratios)[highest < threshold]
        numbers = {"highest_losses": highest, "threshold": threshold}
        return arrays(numbers | {"largest_ratio": below.max(initial=0.0)})

    @property
    def schema(self) -> Schema:
        single: Schema = {name: ("f8", ()) for name in ("threshold", "largest_ratio")}
        return {"highest_losses": ("f8", (len(self.swept.ratios),)), **single}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        return super().row({**numbers, "ratios": np.asarray(self.swept.ratios)}, labels)

    def is_finite(self, numbers: Numbers) -> bool:
        # On the way to a pruned network a loss may overflow.
        return bool(np.isfinite(numbers["threshold"]))
