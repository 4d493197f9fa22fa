"""The numbers that stabilizing prints, in its tables (figs 2, 3, 6, 10) and in words.

Numbers are in the units of the paper: percent, degrees, steps. Remarks in single quotes are the
paper's words. Whatever is compared with dense networks is so with our own, not with a number.
"""

from typing import Any

from lth_tf.analysis.sparsest import Sparsest
from lth_tf.analysis.statistics import First, Matches, Mean, Over, Quotient, RowFilter
from lth_tf.papers.rows import (
    Column,
    accuracy,
    dense_accuracies,
    dense_runs,
    ends,
    listed,
    minus,
    table,
)
from lth_tf.papers.stabilizing.networks import (
    EPOCH,
    LARGE,
    MATCHING,
    SATURATED,
    SMALL,
    STANDARD,
    WINNING,
)
from lth_tf.report.paper import Printed, Value

_REINITIALIZED = "random_reinitialization"
_IMP_0, _REINITIALIZED_0 = ends("imp", 0), ends(_REINITIALIZED, 0)


def _stability(to: str, name: str, network: str, k: Any = None) -> Mean:
    """Returns a distance or an angle; samples are pairs of copies, or one of each trial."""
    return Mean(RowFilter("stability", network, k, (("stability_to", to),)), name, "rows")


def _comp(to: str, name: str, k: Any = None) -> Quotient:
    """Returns how many times as far random pruning is as IMP: the column Comp."""
    return Quotient(_stability(to, name, "random_pruning", k), _stability(to, name, "imp", k))


def _left(to: str, name: str, network: str, k: Any) -> Quotient:
    """Returns the share of the distance of k = 0 that is left at another k."""
    return Quotient(_stability(to, name, network, k), _stability(to, name, network, 0))


def _columns(name: str, unit: str) -> list[Column]:
    """Returns the columns of fig. 3 or 10."""
    columns: list[Column] = []
    for title, to in (("Data order", "data_order"), ("Pruning", "pruning")):
        columns += [
            Column(f"{title} IMP", unit, _stability(to, name, "imp", 0)),
            Column(f"{title} Random", unit, _stability(to, name, "random_pruning", 0)),
            Column(f"{title} Comp", "x", _comp(to, name, 0)),
        ]
    accuracies = (("IMP", "imp"), ("Random", "random_pruning"))
    return columns + [Column(f"Accuracy {title}", "%", accuracy(network, 0))
                      for title, network in accuracies]  # fmt: skip


_CANNOT = (
    "'IMP [...] cannot do so for Resnet-18 or VGG-19 without warmup', where this is without it"
)
# What is printed after a mean is, by the captions of figs 3 and 10, how far from it the smallest or
# the largest sample is; figs 2 and 6 do not say, and are read alike. Notes are where the tables
# contradict themselves.
_TABLES = (
    *dense_accuracies("Figure 2", "Accuracy", SMALL,
                      "98.0~0.2 90.5~0.0 89.1~0.1 89.6~0.1 91.5~0.2 92.0~0.1 92.3~0.1"),
    *dense_accuracies("Figure 6", "Top-1 Accuracy", LARGE, "76.1~0.1 78.1~0.1 54.8~0.6"),
    Printed("Figure 2", "Winning?", "yes or no", Matches(minus(_IMP_0, dense_runs, "test_error")),
            {key: Value(key not in (*STANDARD, "vgg19_low"),
                        remark=_CANNOT if key == "resnet20_low" else None) for key in SMALL}),
    *table("Figure 3", """
        20.7~0.6 58.6~4.0 2.8  48.1~0.6 75.7~0.5 1.6  98.3~0.1 97.5~0.3
        66.4~0.7 66.7~1.1 1.0  54.4~0.2 53.4~0.4 1.0  87.7~0.4 87.7~0.5
        7.1~1.2 28.9~3.2 4.1  19.8~1.4 26.6~0.1 1.3  89.1~0.4 86.1~0.6
        9.5~0.1 37.4~1.9 3.9  24.8~0.9 34.6~0.2 1.4  90.3~0.4 86.8~0.5
        285~3 245~34 0.8c  216~1 212~1 1.0  90.0~0.3 90.2~0.5
        36.8~2.6 90.3~0.7 2.5  44.0~0.3 66.1~0.4 1.5  91.0~0.3 88.0~0.3
        97~0.6 267~2 2.7  138~1 201~1 1.5  92.4~0.2 90.3~0.3""",
        (_columns("l2_distance", ""), SMALL),
        notes={"c": "245 over 285 is 0.86"}),
    *table("Figure 10", """
        22.7~0.5 49.2~3.0 2.2  53.1~0.8 83.6~1.1 1.6  98.3~0.1 97.5~0.3
        87.7~1.2 88.0~1.4 1.0  87.7~1.2p 88.0~1.4p 1.0  87.7~0.4 87.7~0.5
        16.1~2.7 75.8~1.2 4.7  50.4~4.8 77.1~0.4 1.5  89.1~0.4 86.1~0.6
        17.0~0.2 69.0~3.8 4.7c  49.9~2.3 79.0~0.5 1.6  90.3~0.4 86.8~0.5
        88.5~0.4 88.3~0.5 1.0  87.8~0.2 88.1~0.2 1.0  90.0~0.3 90.2~0.5
        39.9~2.1 84.9~0.6 2.1  54.0~0.4 79.0~0.2 1.5  91.0~0.3 88.0~0.3
        39.9~2.1v 84.6~0.4 2.1  71.7~0.3 84.8~0.2 1.2  92.4~0.2 90.3~0.3""",
        (_columns("angle", "°"), SMALL), notes={
            "p": "the cells of pruning repeat those of data order to the digit",
            "c": "69.0 over 17.0 is 4.1", "v": "the cell repeats that of VGG-19 (low)"}),
)  # fmt: skip

_FOUND = "'Frankle and Carbin manage to find winning tickets [...] by altering the [...] schedule'"
_AT_0 = listed("Figure 1", "points",
    ("accuracy of IMP at k = 0 less the dense network's", minus(_IMP_0, dense_runs),
     {**dict.fromkeys(STANDARD, Value(0, relation="below", remark="'no winning tickets'")),
      **dict.fromkeys(("resnet20_low", "resnet20_warmup", "vgg19_warmup"), 0),
      "vgg19_low": Value(0, remark=f"{_FOUND}; but fig. 2 has N, 91.0% against 92.0%")},
     "about", _FOUND),
    ("accuracy of IMP at k = 0 less that of its random reinitialization",
     minus(_IMP_0, _REINITIALIZED_0), dict.fromkeys(STANDARD, 0), "about",
     "'can be reinitialized without altering accuracy'"),
)  # fmt: skip


def _against_k(where: str, name: str, to: str) -> tuple[Printed, ...]:
    """Returns section 3's statements about distances, which fig. 11 shows as angles."""
    of = f"stability to {to.replace('_', ' ')}"
    gap, last = f"{of}, random pruning over IMP", _comp(to, name, "last")
    imp_left, random_left = (_left(to, name, n, "last") for n in ("imp", "random_pruning"))
    return listed(where, "",
        (f"{gap}, at k = 0", _comp(to, name, 0),
         {**dict.fromkeys(STANDARD, Value(1, relation="about", remark="'no more stable'")),
          **dict.fromkeys(WINNING, 1)}, "above", "'far more stable'"),
        (f"{of} of IMP, from the latest k over that from k = 0", imp_left,
         dict.fromkeys(SMALL, 1), "below",
         "'Across all networks, rewinding later causes gradual improvements in stability'"),
        (f"{of}, what the latest k leaves of k = 0, IMP over random pruning",
         Quotient(imp_left, random_left), dict.fromkeys(STANDARD, 1), "below",
         "'this improvement is larger than that for random subnetworks'"),
        (f"{gap}, at the k where it is least", Over(_comp(to, name), "rewind_step", "lowest"),
         dict.fromkeys(WINNING, 1), "above",
         "'This stability gap remains in place across all rewinding iterations'"),
        (f"{gap}, at the latest k over that at k = 0", Quotient(last, _comp(to, name, 0)),
         dict.fromkeys(WINNING, 1), "below",
         "'it gradually shrinks toward the end of our range of analysis'"),
        *((f"{of} of IMP, from k = {k} over that from k = 0", _left(to, name, "imp", k),
           {key: 1}, "below", "'dramatically improves'; 'this change takes place rapidly'")
          for key, k in SATURATED.items()),
        *((f"{gap}, at k = {k}", _comp(to, name, k), {key: 1}, "above", "'IMP subnetworks "
           "generally achieve such a stability gap across all network configurations'")
          for key, k in SATURATED.items()),
    )  # fmt: skip


_BELOW_IMP = "'the accuracy of the random subnetworks remains lower in all of our experiments'"
_REWINDING = (
    *(number for where, name in (("Figure 4", "l2_distance"), ("Figure 11", "angle"))
      for to in ("data_order", "pruning") for number in _against_k(where, name, to)),
    *listed("Figure 4", "points",
        *((f"accuracy of IMP from k = {k} less the dense network's",
           minus(ends("imp", k), dense_runs), {key: 0}, "above",
           "'exceed the accuracy of the original network'") for key, k in SATURATED.items()),
        ("accuracy of random pruning from the latest k less that from k = 0",
         minus(ends("random_pruning", "last"), ends("random_pruning", 0)), dict.fromkeys(SMALL, 0),
         "above", "'Improved stability also results in improved accuracy for random subnetworks'"),
        ("accuracy of random pruning less that of IMP, at the k where it is highest",
         Over(minus(ends("random_pruning"), ends("imp")), "rewind_step", "highest"),
         {**dict.fromkeys(SMALL, 0),
          **{key: Value(0, remark=f"{_BELOW_IMP}; but fig. 3 has {cells} at k = 0")
             for key, cells in (("resnet20", "87.7% of both"), ("vgg19", "90.2% against 90.0%"))}},
         "below", _BELOW_IMP)),
    Printed("Figure 4", "accuracy of IMP from the latest k over that from its best k", "",
            Quotient(accuracy("imp", "last"), Over(accuracy("imp"), "rewind_step", "highest")),
            dict.fromkeys(SMALL, 1), "below", "'declines in many cases', not in all"),
    *(Printed("Figure 5", f"accuracy of IMP from k = {k} less that from k = 0, at the level where "
              "it is least", "points", Over(minus(ends("imp", k), _IMP_0), "level", "lowest"),
              {key: 0}, "above", "'At all levels of sparsity'") for key, k in SATURATED.items()),
)  # fmt: skip

_ANY = "'lose accuracy when pruned by any amount'"
_NO_BETTER = "'no better than random subnetworks in terms of both stability and accuracy'"
_ITERATIVE = "resnet50_iterative"
_REWOUND, _REINITIALIZED_REWOUND = (
    ends(network, None, (("rewinding", "rewound"),)) for network in ("imp", _REINITIALIZED)
)
_IMAGENET = (
    Printed("Figure 7", "step from which IMP is matching", "steps", First(ends("imp"), "matching"),
            {key: Value(step, remark=f"epoch {step // EPOCH}; '4.4%, 3.5%, and 6.6% into training'"
                        ", of which the last is 6.7%") for key, step in MATCHING.items()}),
    Printed("Figure 7", "stability to data order, random pruning over IMP, at k = 0", "",
            _comp("data_order", "l2_distance", 0), dict.fromkeys(LARGE, 1), "about", _NO_BETTER),
    Printed("Figure 7", "accuracy of IMP less that of random pruning, at k = 0", "points",
            minus(_IMP_0, ends("random_pruning", 0)), dict.fromkeys(LARGE, 0), "about", _NO_BETTER),
    Printed("Figure 7", "stability to data order, random pruning over IMP, at the latest k", "",
            _comp("data_order", "l2_distance", "last"), dict.fromkeys(LARGE, 1), "above",
            "'a gap in stability emerges'"),
    Printed("Figure 7", "accuracy of IMP at k = 0", "%", accuracy("imp", 0), {"squeezenet": 0.1},
            "about", "'impossible [...] to learn at all'; that this is one in 1,000 is ours"),
    Printed("Figure 8", "weights left to which IMP matches under its best k", "%",
            Sparsest("imp", "extreme"),
            {"resnet50": 30, "inception_v3": 30, "squeezenet": 50, _ITERATIVE: 20}),
    *listed("Figure 8", "points",
        ("accuracy of IMP from epoch 6 less the dense network's, 20% left",
         minus(ends("imp", 6 * EPOCH), dense_runs), {_ITERATIVE: 0}, "about",
         "'with no loss in accuracy on ImageNet'"),
        ("accuracy of IMP rewound less the dense network's, at its best level",
         Over(minus(_REWOUND, dense_runs), "level", "highest"), dict.fromkeys(LARGE, 0), "above",
         "'slightly outperform the original network'"),
        ("accuracy of IMP at k = 0 less the dense network's, at its best level",
         Over(minus(_IMP_0, dense_runs), "level", "highest"),
         dict.fromkeys((*LARGE, _ITERATIVE), 0), "below", _ANY),
        ("the same of random reinitialization",
         Over(minus(_REINITIALIZED_REWOUND, dense_runs), "level", "highest"),
         dict.fromkeys((*LARGE, _ITERATIVE), 0), "below", _ANY),
        ("accuracy of IMP at k = 0 less that of random reinitialization",
         minus(_IMP_0, _REINITIALIZED_REWOUND), {_ITERATIVE: 0}, "about",
         "'perform equally poorly'")),
)  # fmt: skip

_SCORES = (
    *listed("Figure 9", "%",
        ("weights left to which random reinitialization matches",
         Sparsest(_REINITIALIZED, "matching", k=0),
         {"vgg19_warmup": 20,
          "resnet20_warmup": Value(20, relation="above",
                                   remark="'lose accuracy much sooner' than VGG-19")},
         "", "'VGG19 can do so when pruned by up to 80%'"),
        ("weights left to which IMP matches", Sparsest("imp", "matching", k=0),
         {"vgg19_warmup": 1}, "", "'when pruned by up to 99%'")),
    *listed("Figure 9", "points",
        ("accuracy of SNIP less that of random reinitialization",
         minus(ends("snip", 0), _REINITIALIZED_0), {"vgg19_warmup": 0}, "above",
         "'a promising improvement over random reinitialization on VGG19'"),
        ("accuracy of SNIP less that of IMP", minus(ends("snip", 0), _IMP_0), {"vgg19_warmup": 0},
         "below", "'still a performance gap between SNIP and the winning tickets'")),
)  # fmt: skip

PRINTED = (*_TABLES, *_AT_0, *_REWINDING, *_IMAGENET, *_SCORES)
