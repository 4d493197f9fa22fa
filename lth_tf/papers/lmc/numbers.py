"""The numbers that lmc prints, in tables, figures or words.

Numbers are in the units of the paper: percent, steps, examples. Remarks in single quotes are the
paper's words. What the paper says otherwise than by a number or a comparison is not here.
"""

from functools import partial
from typing import Any

from lth_tf.analysis.sparsest import Sparsest
from lth_tf.analysis.statistics import (
    NEVER,
    Difference,
    Extreme,
    First,
    Matches,
    Mean,
    Ratio,
    RowFilter,
)
from lth_tf.papers.lmc.networks import EPOCH, NETWORKS
from lth_tf.papers.rows import (
    Column,
    accuracy,
    along_training,
    copies,
    dense_accuracies,
    dense_runs,
    distance,
    ends,
    lines,
    table,
)
from lth_tf.report.paper import Printed, Value

_RANDOM = {name: name.replace("_", " ") for name in ("random_pruning", "random_reinitialization")}
_SETS = {"test": "test set", "train": "training set"}
_NEVER = {key: NEVER for key in NETWORKS if key != "lenet"}
_GUESSING = {key: 90 for key in _NEVER} | {"resnet50": 99.9, "inception_v3": 99.9}  # error

# The step from which a network is stable: dense (fig. 3), pruned by IMP (fig. 6).
_DENSE_STABLE = {"lenet": 0, "resnet20": 2000, "vgg16": 1000, "resnet50": 18 * EPOCH,
                 "inception_v3": 28 * EPOCH}  # fmt: skip
_IMP_STABLE = {**dict.fromkeys(NETWORKS, 0), "resnet20": 500, "vgg16": 1000,
               "resnet50": 5 * EPOCH, "inception_v3": 6 * EPOCH}  # fmt: skip

_DROP = Difference(ends("imp", 0), ends("dense", 0), "test_error")
_TABLES = (
    *dense_accuracies("Table 1", "Accuracy", NETWORKS, """
        98.3+.1 91.7+.1 88.8+.1 89.7+.3 93.7+.1 91.7+.1 93.4+.1 76.1+.1 78.1+.1""", 3),
    *table("Table 2", """
        98.3 98.2 96.7 97.5  0.1 Y
        91.7 88.5 88.6 88.8  3.2 N
        88.8 89.0 85.7 84.7 -0.2 Y
        89.7 89.6 85.7 85.6  0.1 Y
        93.7 90.9 89.4 91.0  2.8 N
        91.7 91.6 90.1 90.2  0.1 Y
        93.4 93.2 90.1 90.7  0.2 Y
        76.1 73.7 73.1 73.4  2.4 N
        78.1 75.7 75.2 75.5  2.4 N""",
        ([*(Column(title, "%", accuracy(network, 0)) for title, network in (
              ("Full", "dense"), ("IMP", "imp"), ("Rand Prune", "random_pruning"),
              ("Rand Reinit", "random_reinitialization"))),
          Column("Δ", "points", _DROP), Column("IMP matching?", "yes or no", Matches(_DROP))],
         [*NETWORKS])),
)  # fmt: skip

_DENSE = (
    *(Printed("Figure 2", f"instability of the dense network at k = 0, {name}", "points",
              Mean(lines("dense", 0), f"{split}_instability", "rows"), {"lenet": 1}, "below",
              "'rises slightly, but by less than a percentage point'")
      for split, name in _SETS.items()),
    *(Printed("Figure 2", f"highest error on the line at k = 0, {name}", "%",
              Mean(lines("dense", 0), f"highest_{split}_error", "rows"),
              {k: _GUESSING[k] for k in ("resnet20", "vgg16", "resnet50", "inception_v3")}, "about",
              "'train and test error rise to the point of random guessing'")
      for split, name in _SETS.items()),
    Printed("Figure 3", "step from which the dense network is stable", "steps",
            First(lines("dense"), "stable"), _DENSE_STABLE),
    Printed("Figure 3", "step from which the dense network is stable, training set", "steps",
            First(lines("dense"), "stable", "train_instability"),
            {**_DENSE_STABLE, "resnet50":
             Value(18 * EPOCH, relation="above", remark="'train set stability occurs later'"),
             "inception_v3": Value(NEVER, remark="'does not occur in our range of analysis'")},
            remark="'stable to SGD noise at the same time for both quantities'"),
    Printed("Figure 3", "instability on the training set less that on the test set, at the k where "
            "it is least", "points",
            Extreme(lines("dense"), "excess_of_train_instability", "rewind_step", "lowest"),
            {"resnet50": 0, "inception_v3": 0}, "above", "'slightly higher at all points'"),
)  # fmt: skip

_UNSTABLE = "'unstable and non-matching at all rewinding points (with LeNet again an exception)'"
_SPARSE = (
    Printed("Figure 5", "instability of IMP at k = 0", "points",
            Mean(lines("imp", 0), "test_instability", "rows"),
            {key: Value(2, relation="above", remark="'neither stable nor matching'") if step
             else 2 for key, step in _IMP_STABLE.items()}, "below", "'stable and matching'"),
    *(Printed("Figure 5", f"instability of {name} at k = 0", "points",
              Mean(lines(network, 0), "test_instability", "rows"), {"lenet": 2}, "below",
              "'except those of LeNet': 'error only rises slightly when interpolating'")
      for network, name in _RANDOM.items()),
    *(Printed("Figure 5", f"highest test error on the line at k = 0, {name}", "%",
              Mean(lines(network, 0), "highest_test_error", "rows"), _GUESSING, "about",
              "'error approaches that of random guessing'") for network, name in _RANDOM.items()),
    Printed("Figure 6", "step from which IMP is stable", "steps", First(lines("imp"), "stable"),
            _IMP_STABLE),
    *(Printed("Figure 6", f"step from which {name} is stable", "steps",
              First(lines(network), "stable"), {"lenet": 0, **_NEVER}, remark=_UNSTABLE)
      for network, name in _RANDOM.items()),
    Printed("Figure 7", "step from which IMP is matching", "steps", First(ends("imp"), "matching"),
            {key: Value(step, relation="about", remark="'rewinding points closely coincide with "
                        "those where the subnetworks become stable'") if step else step
             for key, step in _IMP_STABLE.items()},
            remark="'matching when rewinding to step 0'"),
    *(Printed("Figure 7", f"step from which {name} is matching", "steps",
              First(ends(network), "matching"), _NEVER, remark=_UNSTABLE)
      for network, name in _RANDOM.items()),
    Printed("Figure 8", "train error of IMP from k = 2,000", "%",
            Mean(ends("imp", 2000), "train_error"),
            {"resnet20": 0, "vgg16": 0}, "about",
            "'rewinding makes it possible for the IMP subnetworks to converge to 0% train error'"
            "; the paper names no k, 2,000 is ours"),
    *(Printed("Figure 8", f"train error of IMP from k = {k:,} less that from k = 0", "points",
              Difference(ends("imp", k), ends("imp", 0), "train_error"), values, "below",
              f"'train error decreases when rewinding later'; the paper names no k, {k:,} is ours")
      for k, values in ((2000, {"resnet20": 0, "vgg16": 0}), (5 * EPOCH, {"resnet50": 0}))),
)  # fmt: skip

_LEVELS = (
    *(Printed("Figure 9", f"weights left to which {name} is matching at some k", "%",
              Sparsest(network, "matching"), values)
      for network, name, values in (
          ("random_pruning", "random pruning", {"resnet20": 80.0, "vgg16": 16.8}),
          ("imp", "IMP", {"resnet20": 13.4, "vgg16": 1.2}))),
    *(Printed("Figure 9",
              f"weights left {word} which IMP is matching and stable from about the same k", "%",
              Sparsest("imp", "together", which), values, remark="'approximately the same "
              "rewinding iteration': here the same k or the next")
      for word, which, values in (("from", "densest", {"resnet20": 51.2, "vgg16": 6.9}),
                                  ("to", "sparsest", {"resnet20": 13.4, "vgg16": 1.5}))),
    Printed("Figure 10", "extreme density", "%", Sparsest("imp", "extreme"),
            {key: round(100 * network.density, 1) for key, network in NETWORKS.items()}),
)  # fmt: skip

# Network, step, test error there (app. B.2): where the full network is stable, then where IMP is.
_ERROR_AT = (
    ("resnet20", 2000, 25), ("resnet20", 500, 30), ("vgg16", 1000, 20), ("vgg16", 1000, 35),
    ("resnet50", 18 * EPOCH, 55), ("resnet50", 5 * EPOCH, 55), ("inception_v3", 28 * EPOCH, 33),
    ("inception_v3", 6 * EPOCH, 40))  # fmt: skip
_INCONSISTENT = {
    "vgg16": "the paper gives two errors for VGG-16 at step 1,000: about 20% and 35%",
    "resnet50": "the paper gives the same error for ResNet-50 at two steps: 55% at epochs 5 and 18",
}
_NEARER_START = Value(1, relation="above", remark="'closer to their initial weights than to their "
                      "final weights'")  # fmt: skip
_NEARER_END = Value(1, relation="below", remark="'closer to their final weights than their initial "
                    "weights'")  # fmt: skip
_TICKETS = ("the paper has the tickets of ResNet-20 become stable at iteration 2000 here, "
            "elsewhere at 500")  # fmt: skip
# Network, kind, step k; how far ends from k are apart, of the distance from initialization to end;
# how many times as far the end is from k as k is from initialization.
_DISTANCES = (
    ("resnet20", "dense", 2000, Value(0.5, relation="above", remark="'more than half'"),
     _NEARER_START),
    ("vgg16", "dense", 1000, Value(0.5, relation="above", remark="'The same is true', as of "
                                   "ResNet-20: 'more than half'"), _NEARER_START),
    ("resnet50", "dense", 18 * EPOCH, Value(0.25, remark="'about a quarter'"), _NEARER_END),
    ("inception_v3", "dense", 28 * EPOCH, Value(0.5, remark="about 'half'"), _NEARER_END),
    ("resnet20", "imp", 2000, Value(0.25, remark=_TICKETS), Value(2, remark=_TICKETS)),
    ("vgg16", "imp", 1000, 0.45, 3), ("resnet50", "imp", 5 * EPOCH, 0.27, 1),
    ("inception_v3", "imp", 6 * EPOCH, 0.28, 1),
)  # fmt: skip


def _distances(key: str, network: str, k: int, share: Any, times: Any) -> tuple[Printed, ...]:
    to_end, whole = distance("k_to_end", network, k), distance("k_to_end", network, 0)
    ends, start = (distance(b, network, k) for b in ("end_to_end", "initialization_to_k"))
    where = "Figure 12" if network == "dense" else "Figure 13"
    return (
        Printed(where, f"distance between ends from k = {k:,} over that from initialization to the "
                "end", "", Ratio(ends, whole, "l2_distance"), {key: share}, "about"),
        Printed(where, f"distance from k = {k:,} to the end over that from initialization to k", "",
                Ratio(to_end, start, "l2_distance"), {key: times}, "about"),
    )  # fmt: skip


_STATES = (
    *(Printed("Figure 11", f"test error at step {k:,}", "%",
              Mean(along_training(k), "test_error"), {key: value}, "about",
              _INCONSISTENT.get(key, "")) for key, k, value in _ERROR_AT),
    Printed("Figure 11", "test error at the end", "%", Mean(dense_runs, "test_error"),
            {"resnet20": 8.3, "vgg16": 6.3, "resnet50": 24, "inception_v3": 22}),
    *(Printed("Figure 11", f"train error at step {k:,}", "%",
              Mean(along_training(k), "train_error"), {key: value}, "about",
              "'at a similar value to test error at these points'")
      for key, k, value in (_ERROR_AT[0], _ERROR_AT[2])),
    Printed("Figure 11", "train error at the end", "%", Mean(dense_runs, "train_error"),
            {"resnet20": 0, "vgg16": 0}, "about", "'eventually converges to 0%'"),
    *(number for row in _DISTANCES for number in _distances(*row)),
)  # fmt: skip

_SPIKES = "'instability initially spikes'"
_TRAINING = (
    *(Printed("Figure 14", f"highest instability throughout training, {name}, k = {k:,}", "points",
              Extreme(lines(network, k, steps="all"), "test_instability", "step", "highest", 2),
              values, relation, remark)
      for network, name, k, values, relation, remark in (
          ("dense", "the dense network", 2000, {"resnet20": 2, "vgg16": 2}, "below",
           "'generally stable at every epoch of training'"),
          ("imp", "IMP", 2000, {"resnet20": 2, "vgg16": 2}, "below",
           "'stable throughout training'; the paper names no k, 2,000 is ours"),
          ("imp", "IMP", 500, {"vgg16": 2}, "above", _SPIKES),
          ("imp", "IMP", 1000, {"vgg16": 2}, "above", _SPIKES))),
    Printed("Figure 14", "instability at the end, IMP, k = 1,000", "points",
            Mean(lines("imp", 1000), "test_instability", "rows"), {"vgg16": 0}, "about",
            "'it decreases to 0'"),
    *(Printed("Figure 24", f"train error of IMP from k = {k:,}, where it is stable", "%",
              Mean(ends("imp", k), "train_error"), {key: 0}, "about", "unstable ones 'are not able "
              "to fully optimize to 0% train error', stable ones are")
      for key, k in (("resnet20", 500), ("vgg16", 1000))),
)  # fmt: skip

_LOWER = ("lenet", "resnet20_low", "resnet20_warmup", "vgg16_low", "vgg16_warmup")
_COPIES = (
    *(Printed(where, f"{what} at k = 0, IMP over {name}", "",
              Ratio(rows("imp", 0), rows(other, 0), field),
              {key: 1 if key in _LOWER else Value(1, relation="about", remark=same)
               for key in NETWORKS if NETWORKS[key].dataset != "imagenet2012"}, "below", lower)
      for where, what, rows, field, lower, same in (
          ("Figure 26", "L2 distance", partial(RowFilter, "between_copies"), "l2_distance",
           "'at a lower level than the L2 distance between the other baselines'",
           "'at the same level as the L2 distance for' the baselines"),
          ("Figure 29", "differing classifications", copies, "test_differences",
           "'lower than that for the randomly pruned and randomly reinitialized baselines'",
           "'the same number of different classifications as the baselines'"))
      for other, name in _RANDOM.items()),
    *(Printed("Figure 29", f"{what}, k = {k:,}", unit, statistic, {"resnet20": value}, "about",
              remark)
      # CIFAR-10 has 10,000 test examples; two copies can be wrong about 20,000 in all.
      for k, differing, missed, share, wrong in (
          (0, 1100, 11, 50, ""), (1000, 350, 8.5, 21, "the paper says fig. 27 here"))
      for what, value, unit, statistic, remark in (
          ("test error of IMP", missed, "%", Mean(ends("imp", k), "test_error"), ""),
          ("test examples that IMP's copies classify differently", differing, "examples",
           Mean(copies("imp", k), "test_differences", "rows"), wrong),
          ("the same as a share of the most that could be", share, "%",
           Ratio(copies("imp", k), ends("imp", k), "test_differences", "test_error", 20_000), ""))),
)  # fmt: skip

PRINTED = (*_TABLES, *_DENSE, *_SPARSE, *_LEVELS, *_STATES, *_TRAINING, *_COPIES)
