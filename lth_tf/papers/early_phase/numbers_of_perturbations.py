"""What early_phase prints of perturbations: section 5, figures 4 to 8."""

from lth_tf.analysis.correlation import Correlated, Misfit
from lth_tf.analysis.statistics import Mean, RowFilter
from lth_tf.papers.early_phase.compared import MAIN, imp, less
from lth_tf.papers.early_phase.kinds import (
    FOURTEEN,
    MIXES,
    SAME_SIGN,
    SHUFFLED_MAGNITUDES,
    SHUFFLES,
)
from lth_tf.papers.rows import ends
from lth_tf.report.paper import Printed


def _moved(network: str, name: str) -> Mean:
    also = (("between", "k_to_perturbed"),)
    return Mean(RowFilter("difference", network, 500, also, "all"), name)


_BLUE_OF_4, _BLUE = "signs_initial_magnitudes_initial", "rewound to 0"
_RED, _GREEN, _PURPLE = MIXES
_DROP = "'performance drops to that of using both magnitudes and signs from initialization'"
_SIGNS = (
    *(less("Figure 4", f"signs 500 and {what} less that of signs and magnitudes 0",
            ends(network, 500), ends(_BLUE_OF_4, 500), "about", _DROP)
      for network, what in ((_RED, "magnitudes 0"),
                            (_GREEN, "magnitudes of another initialization"))),
    less("Figure 4", "signs 0 and magnitudes 500 less that of signs and magnitudes 0",
          ends(_PURPLE, 500), ends(_BLUE_OF_4, 500), "above", "'still substantially better'"),
    less("Figure 4", "signs 2,000 and magnitudes 0 less that of signs 0 and magnitudes 2,000",
          ends(_RED, 2000), ends(_PURPLE, 2000), "about", "'reaches similar performance'"),
    *(less("Figure 4", f"{what} less that of both from iteration 2,000", ends(network, 2000),
            imp(2000), "below", "'not as high performance as using both from iteration 2000'")
      for network, what in ((_RED, "signs 2,000 and magnitudes 0"),
                            (_PURPLE, "signs 0 and magnitudes 2,000"))),
    Printed("Figure 4", "signs that change between iterations 500 and 2,000", "%",
            Mean(RowFilter("difference", "dense", 500,
                      (("step", 2000), ("between", "k_to_later")), "all"), "differing_signs"),
            {MAIN: 9}, remark="'only 9% of signs change during this period'"),
)  # fmt: skip

# Section 5: network, figure, effective standard deviation at k = 500.
_DEVIATIONS = (
    (_PURPLE, "Figure 4", "signs 0 and magnitudes 500", 0.033),
    (_RED, "Figure 4", "signs 500 and magnitudes 0", 0.042),
    (SHUFFLES[2], "Figure 5", "shuffling within filters", 0.092),
    (SHUFFLES[1], "Figure 5", "shuffling within layers", 0.143),
    (SHUFFLES[0], "Figure 5", "shuffling globally", 0.144),
    (SAME_SIGN[2], "Figure 6", "shuffling within filters, same sign", 0.049),
    (SHUFFLED_MAGNITUDES, "Figure 6", "signs 0 and magnitudes shuffled within layers", 0.087),
)
_EFFECTIVE = (
    *(Printed(where, f"effective standard deviation of {what}, k = 500", "",
              _moved(network, "effective_deviation"), {MAIN: value})
      for network, where, what, value in _DEVIATIONS),
    *(Printed(where, f"mean that {what} adds, k = 500", "", _moved(network, "mean_difference"),
              {MAIN: 0.0}, "about")
      for network, where, what, _ in _DEVIATIONS),
)  # fmt: skip

_NO_BETTER = "'no better than that of the original initialization'"
_SHUFFLED = (
    *(less("Figure 5", f"{what}, k = {k:,}, less that of IMP {_BLUE}", ends(network, k), imp(0),
            relation, remark)
      for k in (500, 2000)
      for network, what, relation, remark in (
          (SHUFFLES[0], "shuffling globally", "about", _NO_BETTER),
          (SHUFFLES[1], "shuffling within layers", "about", _NO_BETTER),
          (SHUFFLES[2], "shuffling within filters", "above", "'performs slightly better'"))),
    *(less("Figure 5", f"shuffling {what} of each neuron less that of shuffling within layers, "
            f"k = {k:,}", ends(network, k), ends(SHUFFLES[1], k), "about",
            "footnote 1: 'equivalent to shuffling within layers'")
      for k in (500, 2000)
      for network, what in (("shuffled_inputs", "within the incoming weights"),
                            ("shuffled_outputs", "within the outgoing weights"))),
    *(less("Figure 6", f"shuffling within {what} among those of one sign less that among all, "
            f"k = {k:,}", ends(SAME_SIGN[place], k), ends(SHUFFLES[place], k), "above", remark)
      for k, place, what, remark in (
          (500, 2, "filters", "'substantially improves the performance of the filter-wise'"),
          (500, 1, "layers", "'slightly for k = 500'"),
          (2000, 1, "layers", "'substantially for k = 2000'"))),
    less("Figure 6", "signs 0 with shuffled magnitudes less that of noise of 1 σ, k = 500",
          ends(SHUFFLED_MAGNITUDES, 500), ends("noise_1", 500), "about",
          "'too severely [...] to yield any performance improvement over random noise'; which "
          "noise, is ours: that of 1 σ is about as large"),
)  # fmt: skip

_TOLERATE = "'can tolerate 0.5σ to 1σ of noise before performance degrades back'"
_ROBUST = "'surprisingly robust to noise up to 1σ'"
_NOISY = (
    *(less("Figure 7", f"{n} σ of noise less that without, k = {k:,}", ends(f"noise_{n}", k),
            imp(k), "about", remark)
      for k, remark in ((500, _TOLERATE), (2000, _ROBUST)) for n in ("0.5", "1")),
    *(less("Figure 7", f"{n} σ of noise less that of IMP {_BLUE}, k = 500", ends(f"noise_{n}", 500),
            imp(0), "about", "'degrades back to that of the original initialization'")
      for n in ("2", "3")),
    less("Figure 7", f"2 σ of noise less that of IMP {_BLUE}, k = 2,000", ends("noise_2", 2000),
          imp(0), "above", "'even 2σ exhibits nontrivial performance'"),
)  # fmt: skip
_CORRELATED = tuple(
    Printed("Figure 8", f"{name} of accuracy and effective standard deviation, k = {k:,}", "",
            statistic, {MAIN: value},
            remark="p is that of 14 points; which these are, the paper does not list")
    for k, r, p in ((500, -0.672, 0.008), (2000, -0.726, 0.003))
    for name, statistic, value in (("r", Correlated(FOURTEEN, k, "r"), r),
                                   ("p", Correlated(FOURTEEN, k, "p"), p))
) + tuple(
    Printed("Figure 8", "distance of mixes of signs and magnitudes from the line over that of "
            f"shuffles, k = {k:,}", "", Misfit(FOURTEEN, k, MIXES, (*SHUFFLES, *SAME_SIGN)),
            {MAIN: 1}, "above", "'aligned least well with this pattern'")
    for k in (500, 2000)
)  # fmt: skip


PRINTED = (*_SIGNS, *_EFFECTIVE, *_SHUFFLED, *_NOISY, *_CORRELATED)
