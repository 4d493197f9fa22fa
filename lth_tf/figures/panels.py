"""The panels of a chart: their rows, titles and sizes."""

from typing import Any

from lth_tf.analysis.points import where
from lth_tf.analysis.selections import levels
from lth_tf.figures.chart import Panel
from lth_tf.log.schema import Row


def cell(rows: list[Row], name: str, each: Any) -> list[Row]:
    """Returns the rows of a panel, told from others by a field; all of them where it is none."""
    if name in ("", "y"):
        return rows
    if name == "level":
        return levels(rows).get(each, [])
    return where(rows, **{name: each})


def titled(panel: Panel, first: bool) -> Panel:
    """Returns a panel of a grid: titles stand above the first row only."""
    return panel if first else Panel("", *list(vars(panel).values())[1:])


def size(columns: int, grid: bool) -> tuple[float, float]:
    """Returns width and height of a panel, inches, that suit so many beside each other."""
    if grid:
        return 2.7, 2.1
    return (4.6 if columns == 1 else 3.4 if columns == 2 else 2.7), 2.7
