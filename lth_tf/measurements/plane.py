"""The error in the plane through a network, its projection, and the next level's network.

With A the network, P its projection and B what is trained under the mask, the networks of the plane
are q(x, y) = P + x (B - P) + y (A - P). A - P is where the mask is 0 and B - P where it is 1, so
the two are orthogonal in the prunable weights: the triangle P, B, A has a right angle at P.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lth_tf.log.fields import RowKind, measured, register_kind
from lth_tf.measurements.measurement import Measurement, Schema, arrays
from lth_tf.recipes import ArtifactMaker, Count, Mask, Numbers, Project, Recipe, Weights, require
from lth_tf.state import Arrays


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
        lengths = legs(states[2].weights, states[1].weights, maker.mask(self.mask))
        maker.doing(self.describe())
        x = coordinates(self.points, self.margin, self.edge)
        y = np.full_like(x, x[self.index])
        mixture = (shares(x, y), shares(*nearest_in_triangle(x, y, lengths)))
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
        axis, projection = legs(before, after, maker.mask(self.mask))
        return arrays({
            "errors": [row["errors"] for row in rows],
            "losses": [row["losses"] for row in rows],
            "coordinates": coordinates(self.points, self.margin, self.edge),
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


def coordinates(points: int, margin: int, edge: int) -> np.ndarray:
    """Returns x, and y, of a grid's columns, and rows: (i - margin) / edge, float64 [points].

    0 and 1, where the three networks lie, are exactly among them.
    """
    return (np.arange(points) - margin) / edge


def legs(network: Arrays, solution: Arrays, mask: Arrays) -> tuple[float, float]:
    """Returns the lengths ||B - P|| and ||A - P|| in the prunable weights, which the mask has."""
    across, along = 0.0, 0.0
    for name, kept in mask.items():
        a, b = (np.asarray(w[name], np.float64) for w in (network, solution))
        projected = np.where(kept != 0, a, 0)
        across += float(np.sum((b - projected) ** 2))
        along += float(np.sum((a - projected) ** 2))
    return float(np.sqrt(across)), float(np.sqrt(along))


def shares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Returns how much of P, B and A is in q(x, y): float64 [points, 3], each adding up to 1."""
    return np.stack([1 - x - y, x, y], axis=1)


def nearest_in_triangle(
    x: np.ndarray, y: np.ndarray, lengths: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the points of the triangle P, B, A that are nearest to others of its plane.

    Outside the triangle the prunable weights alone are extrapolated (unmasking app. C); all others
    are taken from these points, so that no variance is negative.

    Args:
      x, y: float [points].
      lengths: of the two legs, as `legs` returns them; distances are of the prunable weights.
    """
    a2, b2 = (length**2 for length in lengths)
    t = np.clip(((1 - x) * a2 + y * b2) / (a2 + b2), 0, 1)
    inside = (x >= 0) & (y >= 0) & (x + y <= 1)
    zero = np.zeros_like(x)
    # The nearest point of each side, [3, 2, points].
    sides = np.array([(np.clip(x, 0, 1), zero), (zero, np.clip(y, 0, 1)), (1 - t, t)])
    distances = a2 * (x - sides[:, 0]) ** 2 + b2 * (y - sides[:, 1]) ** 2
    nearest = sides[np.argmin(distances, axis=0), :, np.arange(len(x))].T
    return np.where(inside, x, nearest[0]), np.where(inside, y, nearest[1])
