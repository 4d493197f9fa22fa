"""The losses of the last batches of a run, as it trained on them, and their spread."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, Schema
from lth_tf.recipes import ArtifactMaker, Numbers, Recorded, require


@dataclass(frozen=True, eq=False, repr=False)
class TrainingLosses(Measurement):
    """The loss of each of the last batches before a step: augmented, before the batch's update.

    Attributes:
      recorded: the record of a run before the step.
      steps: how many batches, such as the batches of an epoch.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "loss_spread", "The loss of the last batches of a run, as it trained on them.",
        values=measured(
            ("loss_mean", "number", "nats", "Mean of the batches' losses."),
            ("loss_std", "number", "nats", "Their sample standard deviation, n - 1."),
            ("batches", "integer", "-", "How many batches."),
        ),
    ))  # fmt: skip

    recorded: Recorded
    steps: int

    def check(self) -> None:
        most = self.recorded.step - self.recorded.run.first_step
        require(2 <= self.steps <= most, self, "steps", f"from 2 to {most:,}, the run's steps")

    def make(self, maker: ArtifactMaker) -> Numbers:
        return {"losses": maker.record(self.recorded).losses[-self.steps :]}

    @property
    def schema(self) -> Schema:
        return {"losses": ("f4", (self.steps,))}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        losses = numbers["losses"].astype(np.float64)
        mean, std = float(losses.mean()), float(losses.std(ddof=1))
        return {"loss_mean": mean, "loss_std": std, "batches": self.steps}

    def describe(self) -> str:
        return f"losses of the last {self.steps:,} steps of the {self.recorded.describe()}"
