"""Names and looks of lines, by the value that tells them apart."""

from typing import Any

from lth_tf.figures import palette
from lth_tf.figures.chart import Look
from lth_tf.log.fields import network_kind

_LOOKS: dict[tuple[str, str], tuple[str, Look]] = {
    ("schedule", "absolute"): ("the remaining T - k steps", Look(palette.BLUE, "o")),
    ("schedule", "restarted"): ("T steps, the schedule restarted", Look(palette.ORANGE, "s")),
    ("between", "initialization_to_k"): ("initialization to step k", Look(palette.BLUE, "o")),
    ("between", "k_to_end"): ("step k to the end of training", Look(palette.ORANGE, "X")),
    ("between", "end_to_end"): ("between ends under different noise", Look(palette.GREEN, "^")),
}
_BY_SPLIT = {"test": Look(palette.VERMILLION, "o"), "train": Look(palette.BLUE, "s", "--")}


def network(name: str) -> tuple[str, Look]:
    """Returns the title of a kind of network, and its look."""
    kind = network_kind(name)
    return kind.title, Look(kind.color, kind.marker, kind.line)


def line(field: str, value: Any, place: int, count: int) -> tuple[str, Look]:
    """Returns title and look of the line of a value, at its place among so many.

    Args:
      field: the one that tells the lines apart; 'y' where they are of several fields.
    """
    if field == "network":
        return network(value)
    if field == "y":
        return words(value), _BY_SPLIT.get(value.partition("_")[0], palette.shades(count)[place])
    if (field, value) in _LOOKS:
        return _LOOKS[field, value]
    named = f"k = {palette.steps(value)}" if field == "rewind_step" else f"{field} {value}"
    return named, palette.shades(count)[place]


def order(field: str) -> list[str]:
    """Returns the values of a field in the order in which they are drawn; none if in their own."""
    return [value for name, value in _LOOKS if name == field]


def words(name: str) -> str:
    """Returns a field's name in words: 'test_errors' as 'test error'."""
    return name.replace("_", " ").replace("errors", "error").replace("l2 ", "L2 ")


def panel(field: str, value: Any) -> str:
    """Returns the title of a panel."""
    if field == "y":
        split = value.partition("_")[0]
        return f"{split} set" if split in _BY_SPLIT else words(value)
    if field == "rewind_step":
        return f"k = {palette.steps(value)}"
    if field == "level":
        return f"{value[1]} left"
    if field == "network":
        return network(value)[0]
    return f"{field} {value}"
