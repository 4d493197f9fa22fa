"""What figures of the accuracy against the weights left have in common."""

from collections.abc import Callable, Iterable, Sequence

from lth_tf.analysis.estimate import Estimate, over_initializations, over_rows
from lth_tf.figures.chart import Look, Scale
from lth_tf.figures.marks.curve import Curve
from lth_tf.log.schema import Row

ACCURACY = Scale("test accuracy (%)")


def weights_left(densities: Iterable[float]) -> Scale:
    """Returns the x axis, of densities of 1."""
    return Scale("weights left (%)", "density", tuple(100 * density for density in densities))


def accuracy(rows: list[Row]) -> Estimate:
    """Returns the test accuracy in percent, the runs of an initialization averaged."""
    return over_initializations(rows, "test_accuracy").scaled(100)


def curve(
    label: str, groups: Sequence[list[Row]], look: Look, spread: str = "bars",
    height: Callable[[list[Row]], Estimate] = accuracy,
) -> Curve:  # fmt: skip
    """Returns the line of a number of each group of rows, at their mean density."""
    xs = tuple(100 * over_rows(group, "density").mean for group in groups)
    return Curve(label, xs, tuple(map(height, groups)), look, spread)  # type: ignore[arg-type]
