"""Differences of accuracy between two kinds of network, as most of early_phase prints."""

from lth_tf.analysis.statistics import Difference, RowFilter
from lth_tf.papers.rows import ends
from lth_tf.report.paper import Printed

ACCURACY = "test_accuracy"
MAIN = "resnet20"  # the network of the main text


def imp(k: int) -> RowFilter:
    """Returns the rows of IMP rewound to step k, at the end."""
    return ends("imp", k)


def less(
    where: str, what: str, one: RowFilter, other: RowFilter, relation: str, remark: str
) -> Printed:
    """Returns a comparison: by how many points some rows are more accurate than others."""
    statistic = Difference(one, other, ACCURACY)
    return Printed(where, f"accuracy of {what}", "points", statistic, {MAIN: 0}, relation, remark)
