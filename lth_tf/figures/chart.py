"""The numbers behind a figure: every point it shows, noted while it is drawn.

So a figure and its table cannot differ. `style` notes what it draws; `as_csv` writes it down.
"""

import csv
import io
import weakref
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth_tf.analysis.table import Spread


class Point(NamedTuple):
    """One mean of a figure.

    Attributes:
      panel: its title; or the label of the axes, where panels have titles by row and column.
      line: as the legend has it.
      x_name, x: the axis at the bottom, and where on it; None of a line across the whole panel.
      y_name: the axis at the side, with its unit.
      mean, std, samples: in that unit; sample standard deviation (n - 1), nan of one sample.
    """

    panel: str
    line: str
    x_name: str
    x: float | None
    y_name: str
    mean: float
    std: float
    samples: int


_Noted = list[tuple[str, float | None, Spread]]
_NOTED: weakref.WeakKeyDictionary[Axes, _Noted] = weakref.WeakKeyDictionary()
_STEPS: weakref.WeakKeyDictionary[Axes, Sequence[int]] = weakref.WeakKeyDictionary()


def note(
    axes: Axes, line: str, places: Sequence[float | None], spreads: Sequence[Spread], scale: float
) -> None:
    """Notes points of a line.

    Args:
      places: on the x axis; None for all of it.
      scale: what values are multiplied by to be in the unit of the y axis; 100 for percent.
    """
    noted = _NOTED.setdefault(axes, [])
    for place, spread in zip(places, spreads, strict=True):
        noted.append((line, place, Spread(scale * spread.mean, scale * spread.std, spread.n)))


def stand_for(axes: Axes, steps: Sequence[int]) -> None:
    """Says that places 0, 1, 2, ... of the x axis, to the nearest, stand for these steps."""
    _STEPS[axes] = steps


def of(figure: Figure) -> list[Point]:
    """All points of a figure, panel by panel, line by line."""
    return [point for axes in figure.axes for point in _of_axes(figure, axes)]


def _of_axes(figure: Figure, axes: Axes) -> Iterable[Point]:
    panel = str(axes.get_label()) or axes.get_title()
    x_name, y_name = _axis_names(figure, axes)
    steps = _STEPS.get(axes)
    for line, place, spread in _NOTED.get(axes, ()):
        x = steps[round(place)] if steps is not None and place is not None else place
        yield Point(panel, line, x_name, x, y_name, *spread)


def _axis_names(figure: Figure, axes: Axes) -> tuple[str, str]:
    """Names of both axes, which stand at the lower and the left edge of the figure only."""
    place = axes.get_subplotspec()
    same = [(other, other.get_subplotspec()) for other in figure.axes]
    below = [o for o, spec in same if place and spec and spec.colspan == place.colspan]
    beside = [o for o, spec in same if place and spec and spec.rowspan == place.rowspan]
    x_names = [o.get_xlabel() for o in below if o.get_xlabel()] or [""]
    y_names = [o.get_ylabel() for o in (axes, *beside) if o.get_ylabel()] or [""]
    return x_names[-1], y_names[0].rpartition("\n")[2]


def as_csv(points: Iterable[tuple[str, Point]]) -> str:
    """Points as CSV, one a line, each behind the name of the network that its figure is of.

    Numbers have all their digits; what is not known is empty.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["network", *Point._fields])
    for network, point in points:
        known = ["" if value is None or value != value else value for value in point]
        writer.writerow([network, *known])
    return out.getvalue()
