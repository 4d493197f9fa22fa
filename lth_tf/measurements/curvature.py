"""The ends of the Hessian's spectrum at one state, by Lanczos' algorithm."""

from dataclasses import dataclass
from typing import ClassVar

from lth_tf import noise
from lth_tf.connectivity import lanczos
from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, arrays
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Recipe, Seed, Weights, require

_PASSES = 5 / 60_000  # over the images, of a product with one example; for estimates of time


@dataclass(frozen=True, eq=False, repr=False)
class Curvature(Measurement):
    """Leading and most negative eigenvalues of the Hessian of the training loss, by Lanczos.

    The loss is the mean cross-entropy, without weight decay and augmentation, of fixed training
    examples; batch norm is in training mode, in float32 whatever the run computes in. The Hessian
    is with regard to all trained weights that the mask keeps (Sagun et al. 2017, Gur-Ari et al.
    2018; early_phase section 2).

    Attributes:
      examples: how many training examples, the first in the order of the files.
      batch: the size of the batches they are taken in. Examples that do not fill a batch are left
        out, unless it is the only one.
      iterations: products of the Hessian with a vector.
      leading: how many of the largest eigenvalues are given.
      seed: of the start vector, unit normal at the address ('lanczos', seed).
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "curvature", "The Hessian of the training loss.",
        values=measured(
            ("largest_eigenvalue", "number", "nats", "Largest eigenvalue of the Hessian."),
            ("smallest_eigenvalue", "number", "nats",
             "Smallest eigenvalue of the Hessian: the most negative one, where some are."),
            ("negative_share", "fraction", "of 1",
             "Share of negative eigenvalues in the sum of all absolute ones, estimated by "
             "quadrature."),
            ("gradient_in_leading", "fraction", "of 1",
             "Share of the squared gradient in the space of the leading eigenvectors."),
            ("leading_eigenvalues", "list of numbers or null", "nats",
             "The largest eigenvalues of the Hessian, rising."),
        ),
    ))  # fmt: skip

    weights: Weights
    mask: Mask
    task: Recipe
    examples: Count = 5000
    batch: Count = 1000
    iterations: int = 80
    leading: Count = 10
    seed: Seed = 0

    def check(self) -> None:
        allowed = f"at least {self.leading}, the number of leading eigenvalues"
        require(self.iterations >= self.leading, self, "iterations", allowed)

    def make(self, maker: ArtifactMaker) -> Numbers:
        state, mask = maker.state(self.weights), maker.mask(self.mask)
        maker.doing(self.describe())
        data = (self.task, state, mask, self.examples, self.batch)
        hessian = maker.engine.hessian(self.weights, *data)
        start = noise.generator("lanczos", self.seed).standard_normal(hessian.size)
        spectrum = lanczos(hessian.product, start * hessian.kept, self.iterations)
        return arrays({
            "largest_eigenvalue": spectrum.values[-1],
            "smallest_eigenvalue": spectrum.values[0],
            "negative_share": spectrum.negative_share,
            "gradient_in_leading": spectrum.share_in_leading(hessian.gradient(), self.leading),
            "leading_eigenvalues": spectrum.values[-self.leading :],
        })  # fmt: skip

    def passes(self) -> float:
        return _PASSES * self.examples * self.iterations

    def describe(self) -> str:
        return f"curvature at {self.weights.describe()}"
