"""The numbers and comparisons that early_phase prints, in its table, figures and text.

Numbers are in the units of the paper: percent, points of accuracy, steps. Remarks in single quotes
are the paper's words. Where the paper names no level, the statistic is of the one of figure 8, at
which 26.2% of the weights are left.
"""

from lth_tf.analysis.course import AtLevel, LowestStep, Rate
from lth_tf.analysis.statistics import Difference, Mean, Quotient, RowFilter
from lth_tf.papers.early_phase import numbers_of_perturbations, numbers_of_pretraining
from lth_tf.papers.early_phase.compared import ACCURACY, MAIN, imp
from lth_tf.papers.early_phase.networks import ACCURACIES
from lth_tf.papers.rows import dense_runs
from lth_tf.report.paper import Printed, Value

_16_8 = 8  # level at which 16.8% of the weights are left

# Table A1, figure 1.
_MATCH = "'For k >= 500, sub-networks can match the performance of the original network with 16.8%'"
_IMP = (
    Printed("Table A1", "Eval Accuracy", "%", Mean(dense_runs, ACCURACY),
            {key: Value(*each) for key, each in ACCURACIES.items()}, samples=5),
    *(Printed("Figure 1", f"accuracy of IMP from k = {k:,} less the dense network's, 16.8% left",
              "points", AtLevel(Difference(imp(k), dense_runs, ACCURACY), _16_8), {MAIN: 0},
              relation, remark)
      for k, relation, remark in (
          (0, "below", "'necessary to rewind to a later point'"),
          (100, "below", "'For k >= 500'"),
          (500, "about", _MATCH), (1000, "about", _MATCH), (2000, "about", _MATCH))),
    Printed("Figure 1", "accuracy of IMP from k = 2,000 less that from k = 500, 16.8% left",
            "points", AtLevel(Difference(imp(2000), imp(500), ACCURACY), _16_8), {MAIN: 0}, "about",
            "'saturates quickly, roughly between 500 and 2000 iterations'"),
)  # fmt: skip


def _at(kind: str, first: int, last: int) -> RowFilter:
    """Returns a filter for rows of the dense network from one step to another, both included."""
    return RowFilter(kind, "dense", 0, (("step", tuple(range(first, last + 1))),), "all")


def _all(kind: str) -> RowFilter:
    return RowFilter(kind, "dense", 0, (), "all")


def _slows(name: str, before: tuple[int, int], after: tuple[int, int]) -> Quotient:
    """Returns the ratio of a number's growth in one part of training to that in another."""
    return Quotient(Rate(_all("weight"), name, *before), Rate(_all("weight"), name, *after))


_GRADIENT = "mean_gradient"
_LEVEL_AT_500 = Mean(_at("gradient", 450, 550), _GRADIENT)
_LATER = Mean(_at("gradient", 3600, 4000), _GRADIENT)
_FIRST = "'during the earliest ten iterations, the network undergoes substantial change'"
_SECOND = (
    "'weight magnitudes quickly increase, sign differences from initialization quickly increase'"
)
_LOWEST = (
    "'reach a minimum after the first 200 iterations and [...] a stable level by iteration 500'"
)
_TELEMETRY = (
    *(Printed("Figure 3", f"accuracy at step {k:,}", "%",
              Mean(_at("along_training", k, k), ACCURACY), {MAIN: value}, "about", remark)
      for k, value, remark in ((400, 55, "'reaching 55% by the end of the first epoch'"),
                               (2000, 80, "'By 2000 iterations, accuracy approaches 80%'"))),
    Printed("Figure 3", "gradient magnitude in steps 0 to 10 over that in steps 500 to 4,000", "",
            Quotient(Mean(_at("gradient", 0, 10), _GRADIENT), Mean(_at("gradient", 500, 4000),
                                                                   _GRADIENT)),
            {MAIN: 1}, "above", "'anomalously large'"),
    *(Printed("Figure 3", f"speed of {what} in steps 0 to 10 over that in steps 10 to 4,000", "",
              _slows(name, (0, 10), (10, 4000)), {MAIN: 1}, "above", _FIRST)
      for name, what in (("l2_to_initial", "the L2 distance from initialization"),
                         ("signs_changed", "sign changes"))),
    Printed("Figure 3", "step at which the gradient magnitude is lowest", "steps",
            LowestStep(_all("gradient"), _GRADIENT, 20, 1000), {MAIN: 200}, "about", _LOWEST),
    Printed("Figure 3", "gradient magnitude at step 500 over that at step 200", "",
            Quotient(_LEVEL_AT_500, Mean(_at("gradient", 171, 250), _GRADIENT)), {MAIN: 1}, "above",
            _LOWEST),
    Printed("Figure 3", "gradient magnitude at step 4,000 over that at step 500", "",
            Quotient(_LATER, _LEVEL_AT_500), {MAIN: 1}, "about", _LOWEST),
    *(Printed("Figure 3", f"speed of {what} in steps 10 to 500 over that in steps 500 to 4,000", "",
              _slows(name, (10, 500), (500, 4000)), {MAIN: 1}, "above", _SECOND)
      for name, what in (("mean_magnitude", "weight magnitudes"),
                         ("signs_changed", "sign changes"))),
)  # fmt: skip


PRINTED = (*_IMP, *_TELEMETRY, *numbers_of_perturbations.PRINTED, *numbers_of_pretraining.PRINTED)
