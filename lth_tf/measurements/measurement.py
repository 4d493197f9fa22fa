"""The base of every measurement: a recipe of numbers, and of the fields of its row in the log."""

import functools
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

import numpy as np

from lth_tf.log.fields import Field, RowKind
from lth_tf.recipes import ArtifactMaker, Numbers, Recipe, RecipeError, Weights

SPLITS = ("train", "test")
CURVES = ("train_errors", "test_errors", "train_losses", "test_losses")
Schema = Mapping[str, tuple[str, tuple[int | str, ...]]]


class Measurement(Recipe):
    """Base of recipes whose artifact is numbers measured on weights.

    A kind of your own is a subclass with a row kind and the method `make`, and with a method `row`
    where its numbers are not named as the fields are.

    Attributes:
      ROW: the fields of its rows; None if it serves other measurements only.
    """

    MADE: ClassVar[bool] = True
    ROW: ClassVar[RowKind | None] = None

    @property
    def place(self) -> PurePosixPath:
        return PurePosixPath("measurements", self.key[:2], f"{self.key}.numbers")

    @abstractmethod
    def make(self, maker: ArtifactMaker) -> Numbers:
        """Returns arrays of numbers, by name; `maker` gives states, masks and other numbers."""

    def obtain(self, maker: ArtifactMaker) -> Numbers:
        return maker.measure(self)

    @property
    def schema(self) -> Schema | None:
        """The dtype and shape of every array; None for any, where a method `row` reads them."""
        own = type(self).row is not Measurement.row
        return None if own or self.ROW is None else layout(self.ROW.values)

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the fields `ROW.values` of its row: the numbers of those names.

        Its labels, those of ROW among them, may decide how; 'barrier' is one.
        """
        if self.ROW is None:
            raise TypeError(f"{type(self).__name__} has no rows")
        names = [field.name for field in self.ROW.values]
        return {name: number(numbers[name]) for name in names if name in numbers}

    def is_finite(self, numbers: Numbers) -> bool:
        """Returns whether the numbers are a result; if not, the row says the network diverged."""
        return all(np.isfinite(array).all() for array in numbers.values())

    def passes(self) -> float:
        """Returns the number of passes over the evaluated images, for estimates of time."""
        return 0.0

    def samples(self, labels: Mapping[str, Any]) -> tuple[Weights, Weights] | None:
        """Returns the two networks that must be of two samples of SGD noise; None if none must."""
        return None

    @functools.cached_property
    def weights_measured(self) -> tuple[Weights, ...]:
        """The weights that it is measured on, nearest first."""
        weights: list[Weights] = []
        for child in self.children:
            if isinstance(child, Weights):
                weights.append(child)
            elif isinstance(child, Measurement):
                weights += child.weights_measured
        return tuple(weights)


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(Measurement):
    """Base of measurements of one pass over the examples that a task evaluates."""

    weights: Weights
    task: Recipe

    def passes(self) -> float:
        return 1.0

    def describe(self) -> str:
        return f"evaluating {self.weights.describe()}"


def require_two_samples(first: Weights, second: Weights) -> None:
    """Raises RecipeError if two networks went from the same state under the same SGD noise.

    An instability measures the effect of the noise alone (lmc algorithm 1).
    """
    one, other = first.run, second.run
    if one and other and (one.start, one.noise) == (other.start, other.noise):
        raise RecipeError(
            f"runs {one.short_key} and {other.short_key} are of the same SGD noise, {one.noise}, "
            "from the same state: an instability compares two samples of the noise"
        )


def layout(fields: Iterable[Field]) -> Schema:
    """Returns the dtype and shape of the numbers of fields: one each, or a list or rows each."""

    def shape(field: Field) -> tuple[str, ...]:
        if field.type.startswith("rows of"):
            return (field.name, f"columns of {field.name}")
        return (field.name,) if field.type.startswith("list of") else ()

    return {
        field.name: ("i8" if "integer" in field.type else "f8", shape(field)) for field in fields
    }


def arrays(numbers: Mapping[str, Any]) -> Numbers:
    """Returns numbers, by name, as arrays."""
    return {name: np.asarray(value) for name, value in numbers.items()}


def number(x: Any) -> Any:
    """Returns a number, or an array as lists, for JSON; None in place of each not finite number."""
    array = np.asarray(x)
    if array.ndim:
        return [number(item) for item in array]
    return array.item() if np.isfinite(array) else None
