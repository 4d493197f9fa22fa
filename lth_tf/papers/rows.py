"""Rows and statistics of the numbers that papers print, in short.

Rows are those at the end of training unless said otherwise. `network` is a kind of network, `k` the
rewinding step, None for all.
"""

from functools import partial
from typing import Any, Literal

from lth_tf.analysis.statistics import Difference, Mean, RowFilter
from lth_tf.report.paper import Printed

ends = partial(RowFilter, "evaluation")
# Lines between copies, whose instability is over the mean of the ends; all steps with steps="all".
lines = partial(RowFilter, "instability", also=(("barrier", "from_mean_of_ends"),))
# How differently two copies of one network classify.
copies = partial(RowFilter, "comparison", also=(("networks_compared", "alike"),))
dense_runs = RowFilter("dense_runs", "dense")


def along_training(step: int) -> RowFilter:
    """Returns evaluations of the dense network at a step of its training."""
    return RowFilter("along_training", "dense", 0, (("step", step),), "all")


def distance(between: str, network: str, k: int) -> RowFilter:
    """Returns distances between states, such as 'k_to_end'."""
    return RowFilter("distance", network, k, (("between", between),), "all")


def accuracy(network: str, k: int | Literal["last"] | None = None) -> Mean:
    """Returns the mean accuracy of networks that were rewound to step k."""
    return Mean(ends(network, k), "test_accuracy")


def less(one: RowFilter, other: RowFilter, name: str = "test_accuracy") -> Difference:
    """Returns by how much a number, the accuracy if none is named, is higher in some rows."""
    return Difference(one, other, name)


def listed(where: str, unit: str, *rows: tuple[Any, ...]) -> tuple[Printed, ...]:
    """Returns numbers about one figure or table, in one unit.

    Args:
      where: the figure or table.
      unit: of all of them.
      *rows: what, statistic, values and, where there are any, relation and remark of each.
    """
    return tuple(Printed(where, what, unit, *others) for what, *others in rows)
