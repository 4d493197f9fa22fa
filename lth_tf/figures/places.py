"""The x axes of figures that show settings together: where on them the numbers of a row lie."""

from collections.abc import Callable, Iterable

from lth_tf.analysis.points import value
from lth_tf.log.schema import Row

Places = Iterable[tuple[float, float | None]]
# Name and kind (see chart.Scale), and the pairs of x and y of a row and the name of its number.
Axis = tuple[str, str, Callable[[Row, str], Places]]


def axis(x: str) -> Axis:
    """Returns an axis of this module, or one of an experiment."""
    kind = "whole" if x == "block" else "linear"
    return _AXES.get(x, (x, kind, lambda row, y: [(row["axes"][x], value(row, y))]))


def _line(row: Row, y: str) -> Places:
    return zip(row["alphas"], row[y], strict=True)


def _path(row: Row, y: str) -> Places:
    """Returns the line from a level to the next; no points of a line to any other level."""
    following = row["to_level"] == row["level"] + 1
    return [(row["level"] + a, v) for a, v in _line(row, y)] if following else []


_AXES: dict[str, Axis] = {
    "alphas": ("interpolation α", "alpha", _line),
    "epoch": ("epoch", "linear", lambda row, y: enumerate(row[y], start=1)),
    # Along the lines from each level to the next, one after the other.
    "path": ("level of the search", "whole", _path),
    "density": ("weights left (%)", "density",
                lambda row, y: [(round(100 * row["density"], 4), value(row, y))]),
    "pretrained": ("pretraining (% of the steps)", "steps",
                   lambda row, y: [(100 * value(row, "pretrained"), value(row, y))]),
    "removed": ("examples removed (%)", "linear",
                lambda row, y: [(round(100 * (1 - row["axes"]["examples"]), 4), value(row, y))]),
}  # fmt: skip
