"""A chart: what is in a picture, as data. A figure makes it of rows; render.py draws it.

Table, CSV, the words for those who do not see it and the picture are readers of it, so they cannot
differ.
"""

import csv
import io
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
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
    """Base of everything that is drawn in a panel; its label is that of the legend."""

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
class Scale:
    """An axis, whose name has its unit.

    Attributes:
      kind: 'linear'; 'log'; 'step' and 'whole', linear, of steps of training and of whole numbers;
        'density', logarithmic from dense to sparse; 'steps', the values at even distances, as no
        scale shows 0 and 2,000 well; 'alpha', from 0 to 1.
      values: all of 'steps', in order, or of 'density'.
    """

    name: str
    kind: str = "linear"
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Panel:
    """A panel.

    Attributes:
      marks: in the order in which they are drawn.
      label: its name in CSV and words, where that is not the title.
      side: a text at its left edge, above the name of the axis.
      note: a text in its upper edge.
      color: of the title; None for the usual one.
      y_name: of its axis, where that is not the chart's.
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
      title, notes: the lines above the panels.
      panels: row by row; the last row may be shorter than the first.
      x, y: the axes, the same for all panels.
      ending: of the name of its file, which tells it from other charts of the figure.
      share_y: whether all panels have the y axis in common.
      from_zero: whether the y axis starts at 0.
      size: of a panel, inches.
      rows: rows of the log that it is of.
      colors: the scale of the bar beside the panels; None for no bar.
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
        """Returns all points, panel by panel, mark by mark; of numbers that colors show, too."""
        y_name = self.colors.name if self.colors else self.y.name
        return [
            Point(panel.label or panel.title, mark.label, self.x.name, x,
                  panel.y_name or y_name, *estimate)
            for row in self.panels for panel in row for mark in panel.marks
            for x, estimate in mark.points()
        ]  # fmt: skip


class NamedChart(NamedTuple):
    """A chart with the name of its file, without ending."""

    name: str
    chart: Chart


class Point(NamedTuple):
    """A number of a chart, as a line of its CSV file: an Estimate, in the unit of the y axis.

    Attributes:
      x: None of a line across the whole panel.
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


def each_once(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Returns marks without those whose label and numbers an earlier one has.

    So the rows that several variants have in common, such as those of dense networks, are one mark.
    """
    distinct: dict[tuple[str, str], Mark] = {}
    for mark in marks:
        distinct.setdefault((mark.label, repr([*mark.points()])), mark)
    return tuple(distinct.values())


def in_rows(panels: Sequence[Panel], columns: int) -> tuple[tuple[Panel, ...], ...]:
    """Returns panels in rows of so many; the last may be shorter."""
    return tuple(tuple(panels[i : i + columns]) for i in range(0, len(panels), columns))


def as_csv(points: Iterable[tuple[str, Point]]) -> str:
    """Returns points as CSV, each behind the name of the network that its figure is of.

    Numbers have all their digits; a number that is not known is empty.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["network", *Point._fields])
    for network, point in points:
        writer.writerow([network, *("" if x is None or x != x else x for x in point)])
    return out.getvalue()


def in_words(points: list[Point]) -> str:
    """Returns a chart in words: each line from its first to its last point.

    Of a panel with many lines, such as the rows of a heat map, the lowest and the highest point.
    Points whose number is not known are left out.
    """
    panels: dict[str, dict[str, list[Point]]] = {}
    for point in points:
        if point.mean == point.mean:
            panels.setdefault(point.panel, {}).setdefault(point.line, []).append(point)
    extremes, ends = [], []
    for panel, lines in panels.items():
        if len(lines) > _MANY_LINES:
            means = [point.mean for members in lines.values() for point in members]
            text = f"{panel}: from {min(means):.4g} to {max(means):.4g}."
            extremes.append(text.lstrip(": "))
            continue
        for line, (first, *others) in lines.items():
            text = f"{panel}, {line}" if panel else line
            text += f": {first.mean:.4g}"
            if others and first.x is not None:
                text += f" at {first.x:g} to {others[-1].mean:.4g} at {others[-1].x:g}"
            ends.append(f"{text}.")
    axis = f"Vertical axis: {points[0].y_name}." if points else ""
    return " ".join([*extremes, *ends, axis])
