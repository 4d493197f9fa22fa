"""Error and loss of the heads of one network, such as linear probes, in one pass over the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from lth_tf.log.fields import RowKind
from lth_tf.measurements.evaluate import Evaluate, row_of
from lth_tf.measurements.measurement import CURVES, Evaluation, Measurement, Schema
from lth_tf.recipes import ArtifactMaker, Numbers, require
from lth_tf.recipes.fields import COORDINATE


@dataclass(frozen=True, eq=False, repr=False)
class EvaluateHeads(Evaluation):
    """Error and loss of every head of one state on the train and the test split of a task."""

    def make(self, maker: ArtifactMaker) -> Numbers:
        state = maker.state(self.weights)
        maker.doing(self.describe())
        return maker.engine.heads(self.weights, self.task, state)

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (self.weights.model.heads,)) for name in CURVES}

    def describe(self) -> str:
        return f"evaluating the heads of {self.weights.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class EvaluateHead(Measurement):
    """Error and loss of one head, counted from 0, whose rows are those of `Evaluate`."""

    ROW: ClassVar[RowKind | None] = Evaluate.ROW

    heads: EvaluateHeads
    head: Annotated[int, COORDINATE]

    def check(self) -> None:
        count = self.heads.weights.model.heads
        require(0 <= self.head < count, self, "head", f"from 0 to {count - 1}")

    def make(self, maker: ArtifactMaker) -> Numbers:
        numbers = maker.measure(self.heads)
        return {name: numbers[name][self.head : self.head + 1] for name in CURVES}

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (1,)) for name in CURVES}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        return row_of(numbers)
