"""The error in the plane through a network, its projection and the next level's network."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.connectivity import planes
from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, Schema, arrays
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Project, Recipe, Weights, require


@dataclass(frozen=True, eq=False, repr=False)
class PlaneRow(Measurement):
    """One row of a plane's grid, from 0, so that many workers make a large plane, bit by bit."""

    weights: Weights
    mask: Mask
    solution: Weights
    task: Recipe
    points: int
    margin: int
    edge: int
    index: int

    def make(self, maker: ArtifactMaker) -> Numbers:
        projection = Project(self.weights, self.mask)
        states = [maker.state(w) for w in (projection, self.solution, self.weights)]
        lengths = planes.legs(states[2].weights, states[1].weights, maker.mask(self.mask))
        maker.doing(self.describe())
        x = planes.coordinates(self.points, self.margin, self.edge)
        y = np.full_like(x, x[self.index])
        mixture = (planes.shares(x, y), planes.shares(*planes.nearest_in_triangle(x, y, lengths)))
        return maker.engine.combinations(self.weights, self.task, "test", states, *mixture)

    @property
    def schema(self) -> Schema:
        return {name: ("f8", (self.points,)) for name in ("errors", "losses")}

    def passes(self) -> float:
        return float(self.points)

    def describe(self) -> str:
        return (
            f"row {self.index + 1} of {self.points} of the plane through {self.weights.describe()}"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Plane(Measurement):
    """Test error in the plane of a step of pruning (unmasking figs 3, 7 and 8).

    Prunable weights alone are extrapolated: all others are those of the nearest point of the
    triangle P, B, A (unmasking app. C).

    Attributes:
      weights: A, the solution of a level.
      mask: of the next level.
      solution: B, that level's.
      points: columns and rows of the grid.
      margin, edge: x of column i is (i - margin) / edge, and y of row i; P, B and A are points.
    """

    ROW: ClassVar[RowKind | None] = register_kind(RowKind(
        "plane", "Test error in the plane of a step of pruning.",
        values=measured(
            ("coordinates", "list of numbers or null", "-",
             "x of every column and y of every row: the projection of the network is at (0, 0), "
             "what was trained next at (1, 0), the network itself at (0, 1)."),
            ("plane_errors", "rows of fractions", "of 1", "Test error, row by row."),
            ("axis_distance", "number", "weight",
             "Euclidean distance in the prunable weights from (0, 0) to (1, 0)."),
            ("projection_distance", "number", "weight",
             "The same from (0, 0) to (0, 1): how far the projection moves the network."),
        ),
        samples=2,
    ))  # fmt: skip

    weights: Weights
    mask: Mask
    solution: Weights
    task: Recipe
    points: int = 51
    margin: int = 10
    edge: Count = 30

    def check(self) -> None:
        require(self.points >= 3, self, "points", "3 or more")
        most = self.points - 1 - self.edge
        require(0 <= self.margin <= most, self, "margin", f"from 0 to points - 1 - edge, {most}")

    @functools.cached_property
    def rows(self) -> tuple[PlaneRow, ...]:
        """The rows of its grid, from the first."""
        return tuple(PlaneRow(**self.fields(), index=index) for index in range(self.points))

    @functools.cached_property
    def children(self) -> tuple[Recipe, ...]:
        """The recipes among the fields, and its rows."""
        return (self.weights, self.mask, self.solution, self.task, *self.rows)

    def make(self, maker: ArtifactMaker) -> Numbers:
        rows = [maker.measure(row) for row in self.rows]
        before, after = maker.state(self.weights).weights, maker.state(self.solution).weights
        axis, projection = planes.legs(before, after, maker.mask(self.mask))
        return arrays({
            "errors": [row["errors"] for row in rows],
            "losses": [row["losses"] for row in rows],
            "coordinates": planes.coordinates(self.points, self.margin, self.edge),
            "axis_distance": axis,
            "projection_distance": projection,
        })  # fmt: skip

    @property
    def schema(self) -> Schema:
        grid: Schema = {name: ("f8", (self.points, self.points)) for name in ("errors", "losses")}
        legs: Schema = {name: ("f8", ()) for name in ("axis_distance", "projection_distance")}
        return {**grid, "coordinates": ("f8", (self.points,)), **legs}

    def row(self, numbers: Numbers, labels: Mapping[str, Any]) -> dict[str, Any]:
        return super().row({**numbers, "plane_errors": numbers["errors"]}, labels)

    def is_finite(self, numbers: Numbers) -> bool:
        # Beyond the three networks a loss may overflow.
        last = self.margin + self.edge
        nodes = [(self.margin, self.margin), (self.margin, last), (last, self.margin)]
        return all(np.isfinite(numbers["losses"][node]) for node in nodes)
