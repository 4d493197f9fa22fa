"""Speed of convergence of a run (sgd_noise eq. 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.log.fields import Field, RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, Schema, number
from lth_tf.recipes import ArtifactMaker, Numbers, require


@dataclass(frozen=True, eq=False, repr=False)
class Convergence(Measurement):
    """The share of a run's whole fall in error that its epochs have reached on average (eq. 4).

    It is the mean over the epochs of (E_0 - E_epoch) / (E_0 - E_T), where E is the test error: at
    the start, after the epoch, and at the end. A run that has fallen all the way after one epoch
    has 1; one that was better on the way than at its end may have more.

    Attributes:
      errors: evaluations of the start, after every epoch, and last of the end.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "convergence", "How fast a run converges.",
        values=(
            Field("convergence", "number", "-",
                  "Mean over the epochs of the share of the whole fall in test error that is "
                  "reached (sgd_noise eq. 4); null where the error did not change.",
                  null="allowed"),
            *measured(
                ("errors_by_epoch", "list of fractions", "of 1",
                 "Test error of what training starts from, and after each epoch."),
            ),
        ),
    ))  # fmt: skip

    errors: tuple[Measurement, ...]

    def check(self) -> None:
        require(len(self.errors) >= 2, self, "errors", "two evaluations or more")

    def make(self, maker: ArtifactMaker) -> Numbers:
        tests = [maker.measure(evaluation) for evaluation in self.errors]
        errors, losses = (
            np.asarray([each[name][0] for each in tests], np.float64)
            for name in ("test_errors", "test_losses")
        )
        # Logits that are not numbers give every example the first class: no error of a network.
        return {"errors": np.where(np.isnan(losses), np.nan, errors)}

    @property
    def schema(self) -> Schema:
        return {"errors": ("f8", (len(self.errors),))}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        errors = numbers["errors"]
        return {"convergence": number(convergence(errors)), "errors_by_epoch": errors.tolist()}

    def describe(self) -> str:
        return f"convergence to {self.errors[-1].weights_measured[0].describe()}"


def convergence(errors: np.ndarray) -> float:
    """Returns equation 4 of errors at the start, after each epoch and at the end; NaN if 0 / 0."""
    fall = errors[0] - errors[-1]
    return float(np.mean((errors[0] - errors[1:]) / fall)) if fall else float("nan")
