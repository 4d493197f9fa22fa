"""Rows of the numbers that papers print, in short: at the end of training unless said otherwise.

`network` is a kind of network, `k` the rewinding step, None for all.
"""

from functools import partial

from lth_tf.analysis.statistics import Mean, RowFilter

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


def error(network: str, k: int, name: str = "test_error") -> Mean:
    """Returns the mean error of networks that were rewound to step k."""
    return Mean(ends(network, k), name)
