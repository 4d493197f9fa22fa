"""A chart: what is in a picture, as data. A figure makes it of rows; render.py draws it.

Table, CSV, the words for those who do not see it and the picture are readers of it, so they cannot
differ.
"""

import csv
import io
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lth_tf.analysis.estimate import Estimate

_MANY_LINES = 8  # of a panel, beyond which they are not put into words one by one


class Look(NamedTuple):
    """The look of a mark: color, marker ('' for none) and line style of Matplotlib."""

    color: Any
    marker: str = ""
    line: str = "-"
    filled: bool = True


class Colors(NamedTuple):
    """The scale that turns numbers into colors: its name with its unit, and its two ends."""

    name: str
    low: float
    high: float


# Of Matplotlib: from dark, where numbers are low, to light.
COLOR_MAP = "viridis"


@dataclass(frozen=True)
class Mark:
    """Base of everything that is drawn in a panel.

    Attributes:
      label: as the legend has it.
    """

    label: str

    def points(self) -> Iterator[tuple[float | None, Estimate]]:
        """Yields its numbers, each behind its place on the x axis, None for all of it.

        It yields none where another mark has them.
        """
        yield from ()

    @abstractmethod
    def draw(self, axes: Any, x: "Scale", y: "Scale") -> None:
        """Draws itself on axes of Matplotlib."""


@dataclass(frozen=True)
class Line(Mark):
    """Base of marks that have several estimates.

    Attributes:
      xs: places on the x axis.
      estimates: the estimates there.
    """

    xs: tuple[float, ...]
    estimates: tuple[Estimate, ...]

    def points(self) -> Iterator[tuple[float | None, Estimate]]:
        yield from zip(self.xs, self.estimates, strict=True)


@dataclass(frozen=True)
class Scale:
    """An axis.

    Attributes:
      name: with its unit.
      kind: 'linear'; 'log'; 'step' and 'whole', linear, of steps of training and of whole numbers;
        'density', logarithmic from dense to sparse; 'steps', the values at even distances, as no
        scale shows 0 and 2,000 well; 'alpha', from 0 to 1.
      values: of 'steps', in order; of 'density', what there is.
    """

    name: str
    kind: str = "linear"
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
      title: above it; '' where rows and columns of panels have titles.
      marks: what is drawn, in order.
      label: what tells it from the other panels, in CSV and words.
      side: at its left edge, above the name of the axis.
      note: in its upper edge.
      color: of the title; None for the usual one.
      y_name: its own, where it is not the chart's.
    """

    title: str
    marks: tuple[Mark, ...]
    label: str = ""
    side: str = ""
    note: str = ""
    color: str | None = None
    y_name: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture.

    Attributes:
      title, notes: what stands above the panels; `notes` a line each.
      panels: row by row; a row may be shorter than the first.
      x, y: the axes, the same for all panels.
      ending: what tells its file from other charts of the figure.
      share_y: whether all panels have the y axis in common.
      from_zero: whether the y axis starts at 0.
      size: of a panel, inches.
      rows: which rows it is of.
      colors: what a bar beside the panels shows; None for no bar.
    """

    title: str
    notes: tuple[str, ...]
    panels: tuple[tuple[Panel, ...], ...]
    x: Scale
    y: Scale
    ending: str = ""
    share_y: bool = True
    from_zero: bool = False
    size: tuple[float, float] = (2.7, 2.5)
    rows: tuple[Any, ...] = field(default=(), repr=False)
    colors: Colors | None = None

    def points(self) -> list["Point"]:
        """Returns all points, panel by panel, mark by mark."""
        found = []
        for panel in (panel for row in self.panels for panel in row):
            name, y_name = panel.label or panel.title, panel.y_name or self.y.name
            for mark in panel.marks:
                for x, each in mark.points():
                    found.append(Point(name, mark.label, self.x.name, x, y_name, *each))
        return found


class NamedChart(NamedTuple):
    """A chart with the name of its file, without ending."""

    name: str
    chart: Chart


class Point(NamedTuple):
    """One number of a chart, as a line of its CSV file.

    Attributes:
      panel, line: where it is.
      x_name, x: the axis at the bottom, and where on it; None of a line across the whole panel.
      y_name: the axis at the side, with its unit.
      mean, std, samples: in that unit; sample standard deviation (n - 1), nan of one sample.
      low, high: the smallest and the largest sample; nan where the point is of none.
    """

    panel: str
    line: str
    x_name: str
    x: float | None
    y_name: str
    mean: float
    std: float
    samples: int
    low: float
    high: float


def each_once(marks: Iterable[tuple[Any, Mark]]) -> tuple[Mark, ...]:
    """Returns marks, each behind a key, without those whose key came before."""
    found: dict[Any, Mark] = {}
    for key, mark in marks:
        found.setdefault(key, mark)
    return tuple(found.values())


def as_csv(points: Iterable[tuple[str, Point]]) -> str:
    """Returns points as CSV, each behind the name of the network that its figure is of.

    Numbers have all their digits; what is not known is empty.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["network", *Point._fields])
    for network, point in points:
        known = ["" if value is None or value != value else value for value in point]
        writer.writerow([network, *known])
    return out.getvalue()


def in_words(points: list[Point]) -> str:
    """Returns a chart in words: each line from its first to its last point.

    Of a panel with many lines, such as the rows of a heat map, the lowest and the highest point.
    """
    lines: dict[tuple[str, str], list[Point]] = {}
    panels: dict[str, list[Point]] = {}
    for point in points:
        lines.setdefault((point.panel, point.line), []).append(point)
        panels.setdefault(point.panel, []).append(point)
    words = []
    for panel, members in panels.items():
        if len({point.line for point in members}) > _MANY_LINES:
            means = [point.mean for point in members]
            words.append(f"{panel}: from {min(means):.4g} to {max(means):.4g}.".lstrip(": "))
            lines = {place: own for place, own in lines.items() if place[0] != panel}
    for (panel, line), members in lines.items():
        first, last = members[0], members[-1]
        where = f"{panel}, {line}" if panel else line
        if first.x is None or len(members) == 1:
            words.append(f"{where}: {first.mean:.4g}.")
        else:
            ends = f"{first.mean:.4g} at {first.x:g} to {last.mean:.4g} at {last.x:g}"
            words.append(f"{where}: {ends}.")
    return " ".join([*words, f"Vertical axis: {points[0].y_name}." if points else ""])
