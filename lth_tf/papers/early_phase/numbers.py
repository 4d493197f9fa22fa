"""The numbers and comparisons that early_phase prints, in its table, figures and text.

Numbers are in the units of the paper: percent, points of accuracy, steps. Remarks in single quotes
are the paper's words. Where the paper names no level, the statistic is of the one of figure 8, at
which 26.2% of the weights are left.
"""

from functools import partial
from typing import Any

from lth_tf.analysis.correlation import Correlated, Misfit
from lth_tf.analysis.course import AtLevel, LowestStep, Rate, ShortestPretraining
from lth_tf.analysis.statistics import Mean, Quotient, RowFilter
from lth_tf.papers.early_phase import kinds
from lth_tf.papers.early_phase.kinds import FOURTEEN, LENGTHS, MIXES, PRETEXTS, pretrained
from lth_tf.papers.early_phase.networks import EPOCH, MAIN, NETWORKS
from lth_tf.papers.rows import along_training, dense_accuracies, dense_runs, ends, listed, minus
from lth_tf.report.paper import Printed


def _less(where: str, *rows: tuple[Any, ...]) -> tuple[Printed, ...]:
    """Returns comparisons of accuracy: what, the rows of more and of less, relation and remark."""
    return listed(where, "points", *((f"accuracy of {what}", minus(one, other), {MAIN: 0}, *others)
                                     for what, one, other, *others in rows))  # fmt: skip


_imp = partial(ends, "imp")
_16_8 = 8  # level at which 16.8% of the weights are left
_MATCH = "'For k >= 500, sub-networks can match the performance of the original network with 16.8%'"
_IMP = (
    *dense_accuracies("Table A1", "Eval Accuracy", NETWORKS,
                      "91.5+.2 93.0+.1 86.8+.3 93.5+.1 94.8+.1", 5),
    *listed("Figure 1", "points",
        *((f"accuracy of IMP from k = {k:,} less the dense network's, 16.8% left",
           AtLevel(minus(_imp(k), dense_runs), _16_8), {MAIN: 0}, relation, remark)
          for k, relation, remark in (
              (0, "below", "'necessary to rewind to a later point'"),
              (100, "below", "'For k >= 500'"),
              (500, "about", _MATCH), (1000, "about", _MATCH), (2000, "about", _MATCH))),
        ("accuracy of IMP from k = 2,000 less that from k = 500, 16.8% left",
         AtLevel(minus(_imp(2000), _imp(500)), _16_8), {MAIN: 0}, "about",
         "'saturates quickly, roughly between 500 and 2000 iterations'")),
)  # fmt: skip


_GRADIENTS, _WEIGHTS = (RowFilter(kind, "dense", 0, steps="all") for kind in ("gradient", "weight"))


def _gradient(first: int, last: int) -> Mean:
    """Returns the mean gradient magnitude from one step to another, both included."""
    steps = ("step", tuple(range(first, last + 1)))
    return Mean(RowFilter("gradient", "dense", 0, (steps,), "all"), "mean_gradient")


def _slows(name: str, first: int, middle: int, last: int) -> Quotient:
    """Returns how many times as fast a number of the weights grows before a step as after it."""
    return Quotient(Rate(_WEIGHTS, name, first, middle), Rate(_WEIGHTS, name, middle, last))


_AT_500 = _gradient(450, 550)
_FIRST = "'during the earliest ten iterations, the network undergoes substantial change'"
_SECOND = ("'weight magnitudes quickly increase, sign differences from initialization quickly "
           "increase'")  # fmt: skip
_LOWEST = ("'reach a minimum after the first 200 iterations and [...] a stable level by iteration "
           "500'")  # fmt: skip
_TELEMETRY = (
    *(Printed("Figure 3", f"accuracy at step {k:,}", "%",
              Mean(along_training(k), "test_accuracy"), {MAIN: value}, "about", remark)
      for k, value, remark in ((400, 55, "'reaching 55% by the end of the first epoch'"),
                               (2000, 80, "'By 2000 iterations, accuracy approaches 80%'"))),
    *listed("Figure 3", "",
        ("gradient magnitude in steps 0 to 10 over that in steps 500 to 4,000",
         Quotient(_gradient(0, 10), _gradient(500, 4000)), {MAIN: 1}, "above",
         "'anomalously large'"),
        *((f"speed of {what} in steps 0 to 10 over that in steps 10 to 4,000",
           _slows(name, 0, 10, 4000), {MAIN: 1}, "above", _FIRST)
          for name, what in (("l2_to_initial", "the L2 distance from initialization"),
                             ("signs_changed", "sign changes")))),
    Printed("Figure 3", "step at which the gradient magnitude is lowest", "steps",
            LowestStep(_GRADIENTS, "mean_gradient", 20, 1000), {MAIN: 200}, "about", _LOWEST),
    *listed("Figure 3", "",
        ("gradient magnitude at step 500 over that at step 200",
         Quotient(_AT_500, _gradient(171, 250)), {MAIN: 1}, "above", _LOWEST),
        ("gradient magnitude at step 4,000 over that at step 500",
         Quotient(_gradient(3600, 4000), _AT_500), {MAIN: 1}, "about", _LOWEST),
        *((f"speed of {what} in steps 10 to 500 over that in steps 500 to 4,000",
           _slows(name, 10, 500, 4000), {MAIN: 1}, "above", _SECOND)
          for name, what in (("mean_magnitude", "weight magnitudes"),
                             ("signs_changed", "sign changes")))),
)  # fmt: skip

_MIXED = ends("signs_initial_magnitudes_initial", 500)  # under the masks of k
_RED, _GREEN, _PURPLE = MIXES
_GLOBAL, _LAYERS, _FILTERS = kinds.SHUFFLES
_DROP = "'performance drops to that of using both magnitudes and signs from initialization'"
_NOT_AS_HIGH = "'not as high performance as using both from iteration 2000'"
_SIGNS = (
    *_less("Figure 4",
        ("signs 500 and magnitudes 0 less that of signs and magnitudes 0",
         ends(_RED, 500), _MIXED, "about", _DROP),
        ("signs 500 and magnitudes of another initialization less that of signs and magnitudes 0",
         ends(_GREEN, 500), _MIXED, "about", _DROP),
        ("signs 0 and magnitudes 500 less that of signs and magnitudes 0",
         ends(_PURPLE, 500), _MIXED, "above", "'still substantially better'"),
        ("signs 2,000 and magnitudes 0 less that of signs 0 and magnitudes 2,000",
         ends(_RED, 2000), ends(_PURPLE, 2000), "about", "'reaches similar performance'"),
        ("signs 2,000 and magnitudes 0 less that of both from iteration 2,000",
         ends(_RED, 2000), _imp(2000), "below", _NOT_AS_HIGH),
        ("signs 0 and magnitudes 2,000 less that of both from iteration 2,000",
         ends(_PURPLE, 2000), _imp(2000), "below", _NOT_AS_HIGH)),
    Printed("Figure 4", "signs that change between iterations 500 and 2,000", "%",
            Mean(RowFilter("difference", "dense", 500,
                           (("step", 2000), ("between", "k_to_later")), "all"), "differing_signs"),
            {MAIN: 9}, "", "'only 9% of signs change during this period'"),
)  # fmt: skip

# Section 5: network, figure, effective standard deviation at k = 500.
_DEVIATIONS = (
    (_PURPLE, "Figure 4", "signs 0 and magnitudes 500", 0.033),
    (_RED, "Figure 4", "signs 500 and magnitudes 0", 0.042),
    (_FILTERS, "Figure 5", "shuffling within filters", 0.092),
    (_LAYERS, "Figure 5", "shuffling within layers", 0.143),
    (_GLOBAL, "Figure 5", "shuffling globally", 0.144),
    (kinds.SAME_SIGN[2], "Figure 6", "shuffling within filters, same sign", 0.049),
    (kinds.SHUFFLED_MAGNITUDES, "Figure 6", "signs 0 and magnitudes shuffled within layers", 0.087),
)


def _moved(network: str, name: str) -> Mean:
    also = (("between", "k_to_perturbed"),)
    return Mean(RowFilter("difference", network, 500, also, "all"), name)


_EFFECTIVE = (
    *(Printed(where, f"effective standard deviation of {what}, k = 500", "",
              _moved(network, "effective_deviation"), {MAIN: value})
      for network, where, what, value in _DEVIATIONS),
    *(Printed(where, f"mean that {what} adds, k = 500", "", _moved(network, "mean_difference"),
              {MAIN: 0.0}, "about") for network, where, what, _ in _DEVIATIONS),
)  # fmt: skip

_TO_0 = "less that of IMP rewound to 0"
_NO_BETTER = "'no better than that of the original initialization'"
_SHUFFLED = (
    *_less("Figure 5",
        *((f"shuffling {what}, k = {k:,}, {_TO_0}", ends(network, k), _imp(0), *more)
          for k in (500, 2000)
          for network, (what, *more) in zip(kinds.SHUFFLES, (
              ("globally", "about", _NO_BETTER), ("within layers", "about", _NO_BETTER),
              ("within filters", "above", "'performs slightly better'")), strict=True)),
        *((f"shuffling within the {way} weights of each neuron less that of shuffling within "
           f"layers, k = {k:,}", ends(network, k), ends(_LAYERS, k), "about",
           "footnote 1: 'equivalent to shuffling within layers'")
          for k in (500, 2000)
          for network, way in (("shuffled_inputs", "incoming"), ("shuffled_outputs", "outgoing")))),
    *_less("Figure 6",
        *((f"shuffling within {what} among those of one sign less that among all, k = {k:,}",
           ends(f"{network}_same_sign", k), ends(network, k), "above", remark)
          for k, network, what, remark in (
              (500, _FILTERS, "filters",
               "'substantially improves the performance of the filter-wise'"),
              (500, _LAYERS, "layers", "'slightly for k = 500'"),
              (2000, _LAYERS, "layers", "'substantially for k = 2000'"))),
        ("signs 0 with shuffled magnitudes less that of noise of 1 σ, k = 500",
         ends(kinds.SHUFFLED_MAGNITUDES, 500), ends("noise_1", 500), "about",
         "'too severely [...] to yield any performance improvement over random noise'; which "
         "noise, is ours: that of 1 σ is about as large")),
)  # fmt: skip

_NOISY = _less("Figure 7",
    *((f"{n} σ of noise less that without, k = {k:,}", ends(f"noise_{n}", k), _imp(k), "about",
       remark)
      for k, remark in (
          (500, "'can tolerate 0.5σ to 1σ of noise before performance degrades back'"),
          (2000, "'surprisingly robust to noise up to 1σ'")) for n in ("0.5", "1")),
    *((f"{n} σ of noise {_TO_0}, k = 500", ends(f"noise_{n}", 500), _imp(0), "about",
       "'degrades back to that of the original initialization'") for n in ("2", "3")),
    (f"2 σ of noise {_TO_0}, k = 2,000", ends("noise_2", 2000), _imp(0), "above",
     "'even 2σ exhibits nontrivial performance'"),
)  # fmt: skip
_CORRELATED = listed("Figure 8", "",
    *((f"{name} of accuracy and effective standard deviation, k = {k:,}", statistic,
       {MAIN: value}, "", "p is that of 14 points; which these are, the paper does not list")
      for k, r, p in ((500, -0.672, 0.008), (2000, -0.726, 0.003))
      for name, statistic, value in (("r", Correlated(FOURTEEN, k, "r"), r),
                                     ("p", Correlated(FOURTEEN, k, "p"), p))),
    *(("distance of mixes of signs and magnitudes from the line over that of shuffles, "
       f"k = {k:,}", Misfit(FOURTEEN, k, MIXES, (*kinds.SHUFFLES, *kinds.SAME_SIGN)), {MAIN: 1},
       "above", "'aligned least well with this pattern'") for k in (500, 2000)),
)  # fmt: skip


def _self_supervised(key: str) -> tuple[Printed, ...]:
    networks = tuple((epochs * EPOCH, pretrained(key, epochs)) for epochs in LENGTHS)
    return (
        *_less("Figure 9", (f"40 epochs on {PRETEXTS[key]} less that of IMP rewound to 500",
            ends(pretrained(key, 40)), _imp(500), "about", "'similar in performance to those found "
            "after training on the original task for 500 iterations'")),
        Printed("Figure 9", f"shortest pre-training on {PRETEXTS[key]} that serves as well as 500 "
                "steps, over these", "", ShortestPretraining(networks, 500), {MAIN: 32}, "about",
                "'40 compared to 1.25, or a factor of 32'"),
    )  # fmt: skip


_UP_TO_10 = ("about", "'for up to 10 epochs provides no improvement'")
_LONGER = ("below", "'for longer begins to hurt accuracy'")
_PRETRAINED = (
    *_less("Figure 9", *((f"{epochs} epochs on random labels {_TO_0}",
        ends(pretrained("random_labels", epochs)), _imp(0),
        *(_UP_TO_10 if epochs <= 10 else _LONGER)) for epochs in LENGTHS)),
    *_self_supervised("rotation"),
    *_self_supervised("blur"),
    *_less("Figure 9", *((f"{epochs} epochs on both at once {_TO_0}",
        ends(pretrained("rotation_blur", epochs)), _imp(0), "about",
        "'no amount of pre-training' makes it 'tangibly better'") for epochs in LENGTHS)),
    Printed("Figure A12", f"accuracy of 40 epochs on both at once {_TO_0}", "points",
            minus(ends(pretrained("rotation_blur", 40)), _imp(0)), {"vgg13": 0}, "above",
            "'trainable sub-networks are found for VGG-13'; after how long, is not said"),
    *_less("Figure 10",
        *((f"{what} sub-networks, pre-trained, {_TO_0}", ends(f"{network}_after_rotation", 500),
           _imp(0), "about", "'found no benefit beyond rewinding to iteration 0'")
          for network, what in (("imp", "IMP"), ("initial_weights", "initial weights of IMP"),
                                ("random_reinitialization", "randomly reinitialized"),
                                ("random_pruning", "randomly pruned"))),
        ("IMP rewound to 500, pre-trained, less that without", ends("imp_after_rotation", 500),
         _imp(500), "below", "'actually hurts final accuracy'")),
)  # fmt: skip

PRINTED = (
    *_IMP, *_TELEMETRY, *_SIGNS, *_EFFECTIVE, *_SHUFFLED, *_NOISY, *_CORRELATED, *_PRETRAINED,
)  # fmt: skip
