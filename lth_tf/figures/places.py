"""Where the values of a row lie on the x axis of a figure that shows settings together."""

from collections.abc import Callable

from lth_tf.analysis.points import value
from lth_tf.log.schema import Row


def _line(row: Row, y: str) -> list[tuple[float, float]]:
    return list(zip(row["alphas"], row[y], strict=True))


def _path(row: Row, y: str) -> list[tuple[float, float]]:
    """Returns the line from a level to the next; no points of a line to any other level."""
    following = row["to_level"] == row["level"] + 1
    return [(row["level"] + a, v) for a, v in _line(row, y)] if following else []


# Where the values of a row lie on the x axis, and what they are.
Places = Callable[[Row, str], list[tuple[float, float]]]
PLACES: dict[str, Places] = {
    "alphas": _line,
    "epoch": lambda row, y: list(enumerate(row[y], start=1)),
    # Along the lines from each level to the next, one after the other.
    "path": _path,
    "density": lambda row, y: [(round(100 * row["density"], 4), value(row, y))],
    "pretrained": lambda row, y: [(100 * value(row, "pretrained"), value(row, y))],
    "removed": lambda row, y: [(round(100 * (1 - row["axes"]["examples"]), 4), value(row, y))],
}  # fmt: skip
# The name of each of these axes, and its kind (see chart.Scale).
AXES = {
    "alphas": ("interpolation α", "alpha"),
    "epoch": ("epoch", "linear"),
    "path": ("level of the search", "whole"),
    "density": ("weights left (%)", "density"),
    "pretrained": ("pretraining (% of the steps)", "steps"),
    "removed": ("examples removed (%)", "linear"),
    "block": ("block", "whole"),
}
