"""The numbers that lmc prints, in tables, figures or words, of tables 1 and 2 and figs 2 to 9.

Those of its appendices are in lmc_printed_in_appendices.py. Numbers are in the units of the paper:
percent, steps, examples. Remarks in single quotes are the paper's words. What the paper says
otherwise than by a number or a comparison is not here.
"""

from collections.abc import Iterator

from lth_tf.papers.lmc.networks import ACCURACIES, EPOCH, IN_TEXT
from lth_tf.papers.lmc.numbers_in_appendices import IN_APPENDICES
from lth_tf.report import statistics as q
from lth_tf.report import statistics_of_sparsity as sparsity
from lth_tf.report.paper import Printed

# Full, IMP, random pruning, random reinitialisation, drop, whether IMP matches.
_TABLE_2 = {
    "lenet": (98.3, 98.2, 96.7, 97.5, 0.1, True),
    "resnet20": (91.7, 88.5, 88.6, 88.8, 3.2, False),
    "resnet20_low": (88.8, 89.0, 85.7, 84.7, -0.2, True),
    "resnet20_warmup": (89.7, 89.6, 85.7, 85.6, 0.1, True),
    "vgg16": (93.7, 90.9, 89.4, 91.0, 2.8, False),
    "vgg16_low": (91.7, 91.6, 90.1, 90.2, 0.1, True),
    "vgg16_warmup": (93.4, 93.2, 90.1, 90.7, 0.2, True),
    "resnet50": (76.1, 73.7, 73.1, 73.4, 2.4, False),
    "inception_v3": (78.1, 75.7, 75.2, 75.5, 2.4, False),
}
_COLUMNS = (
    ("Full", "%", q.accuracy("dense", 0)),
    ("IMP", "%", q.accuracy("imp", 0)),
    ("Rand Prune", "%", q.accuracy("random_pruning", 0)),
    ("Rand Reinit", "%", q.accuracy("random_reinitialization", 0)),
    ("Δ", "points", q.drop),
    ("IMP matching?", "yes or no", q.matching),
)

# Network -> the step from which it is stable, dense (fig. 3) and pruned by IMP (fig. 6).
_DENSE_STABLE_FROM = {
    "lenet": 0,
    "resnet20": 2000,
    "vgg16": 1000,
    "resnet50": 18 * EPOCH,
    "inception_v3": 28 * EPOCH,
}
_IMP_STABLE_FROM = {
    "lenet": 0,
    "resnet20": 500,
    "resnet20_low": 0,
    "resnet20_warmup": 0,
    "vgg16": 1000,
    "vgg16_low": 0,
    "vgg16_warmup": 0,
    "resnet50": 5 * EPOCH,
    "inception_v3": 6 * EPOCH,
}
_STANDARD = ("resnet20", "vgg16", "resnet50", "inception_v3")  # and LeNet
_RANDOM = ("random_pruning", "random_reinitialization")
_SETS = {"test": "test set", "train": "training set"}


def _guessing(key: str) -> float:
    """The error of random guessing, in percent."""
    return 99.9 if key in ("resnet50", "inception_v3") else 90


def _table_1() -> Iterator[Printed]:
    for key, (mean, std) in ACCURACIES.items():
        yield Printed("Table 1", key, "Accuracy", mean, "%", q.accuracy("dense"), std, samples=3)


def _table_2() -> Iterator[Printed]:
    for key, values in _TABLE_2.items():
        for value, (what, unit, measure) in zip(values, _COLUMNS, strict=True):
            yield Printed("Table 2", key, what, float(value), unit, measure)


def _dense_lines() -> Iterator[Printed]:
    for split, name in _SETS.items():
        what = f"instability of the dense network at k = 0, {name}"
        rise = q.instability("dense", 0, f"{split}_instability")
        remark = "'rises slightly, but by less than a percentage point'"
        yield Printed("Figure 2", "lenet", what, 1, "points", rise, relation="below", remark=remark)
    for split, name in _SETS.items():
        what = f"highest error on the line at k = 0, {name}"
        highest = q.highest_error_between("dense", 0, f"{split}_errors")
        for key in _STANDARD:
            remark = "'train and test error rise to the point of random guessing'"
            yield Printed(
                "Figure 2", key, what, _guessing(key), "%", highest, relation="about", remark=remark
            )


def _dense_stability() -> Iterator[Printed]:
    what = "step from which the dense network is stable"
    for key, step in _DENSE_STABLE_FROM.items():
        yield Printed("Figure 3", key, what, step, "steps", q.stable_from("dense"))
    what, on_train = f"{what}, training set", q.stable_from("dense", "train_instability")
    for key in ("lenet", "resnet20", "vgg16"):
        step = _DENSE_STABLE_FROM[key]
        remark = "'stable to SGD noise at the same time for both quantities'"
        yield Printed("Figure 3", key, what, step, "steps", on_train, remark=remark)
    remark = "'train set stability occurs later'"
    later = _DENSE_STABLE_FROM["resnet50"]
    yield Printed(
        "Figure 3", "resnet50", what, later, "steps", on_train, relation="above", remark=remark
    )
    remark = "'does not occur in our range of analysis'"
    yield Printed("Figure 3", "inception_v3", what, q.NEVER, "steps", on_train, remark=remark)
    for key in ("resnet50", "inception_v3"):
        what = (
            "instability on the training set less that on the test set, at the k where it is least"
        )
        measure = q.least_excess_on_training_set("dense")
        remark = "'slightly higher at all points'"
        yield Printed("Figure 3", key, what, 0, "points", measure, relation="above", remark=remark)


def _sparse_lines() -> Iterator[Printed]:
    for key, step in _IMP_STABLE_FROM.items():
        what, measure = "instability of IMP at k = 0", q.instability("imp", 0)
        remark = "'neither stable nor matching'" if step else "'stable and matching'"
        yield Printed(
            "Figure 5", key, what, 2, "points", measure, relation="above" if step else "below",
            remark=remark,
        )  # fmt: skip
    for network in _RANDOM:
        name = IN_TEXT[network]
        what, measure = f"instability of {name} at k = 0", q.instability(network, 0)
        remark = "'except those of LeNet': 'error only rises slightly when interpolating'"
        yield Printed(
            "Figure 5", "lenet", what, 2, "points", measure, relation="below", remark=remark
        )
    for network in _RANDOM:
        what = f"highest test error on the line at k = 0, {IN_TEXT[network]}"
        for key in _others_than_lenet():
            yield Printed(
                "Figure 5", key, what, _guessing(key), "%", q.highest_error_between(network, 0),
                relation="about", remark="'error approaches that of random guessing'",
            )  # fmt: skip


def _others_than_lenet() -> list[str]:
    return [key for key in _IMP_STABLE_FROM if key != "lenet"]


def _sparse_stability() -> Iterator[Printed]:
    for key, step in _IMP_STABLE_FROM.items():
        what = "step from which IMP is stable"
        yield Printed("Figure 6", key, what, step, "steps", q.stable_from("imp"))
    remark = "'unstable and non-matching at all rewinding points (with LeNet again an exception)'"
    for network in _RANDOM:
        what = f"step from which {IN_TEXT[network]} is stable"
        measure = q.stable_from(network)
        yield Printed("Figure 6", "lenet", what, 0, "steps", measure, remark=remark)
        for key in _others_than_lenet():
            yield Printed("Figure 6", key, what, q.NEVER, "steps", measure, remark=remark)
    for key, step in _IMP_STABLE_FROM.items():
        what, measure = "step from which IMP is matching", q.matching_from("imp")
        matched, coincide = "'matching when rewinding to step 0'", "'rewinding points closely " \
            "coincide with those where the subnetworks become stable'"  # fmt: skip
        yield Printed(
            "Figure 7", key, what, step, "steps", measure, relation="about" if step else "",
            remark=coincide if step else matched,
        )  # fmt: skip
    for network in _RANDOM:
        what = f"step from which {IN_TEXT[network]} is matching"
        for key in _others_than_lenet():
            measure = q.matching_from(network)
            yield Printed("Figure 7", key, what, q.NEVER, "steps", measure, remark=remark)


def _train_errors() -> Iterator[Printed]:
    converge = "'rewinding makes it possible for the IMP subnetworks to converge to 0% train error'"
    decreases = "'train error decreases when rewinding later'"
    for key, k in (("resnet20", 2000), ("vgg16", 2000), ("resnet50", 5 * EPOCH)):
        ours = f"; the paper names no k, {k:,} is ours"
        what = f"train error of IMP from k = {k:,}"
        if key != "resnet50":
            measure = q.error("imp", k, "train_error")
            yield Printed(
                "Figure 8", key, what, 0, "%", measure, relation="about", remark=converge + ours
            )
        what, measure = f"{what} less that from k = 0", q.change_of_error("imp", k, "train_error")
        yield Printed(
            "Figure 8", key, what, 0, "points", measure, relation="below", remark=decreases + ours
        )


def _levels() -> Iterator[Printed]:
    for key, trivial, last in (("resnet20", 80.0, 13.4), ("vgg16", 16.8, 1.2)):
        for network, value in (("random_pruning", trivial), ("imp", last)):
            what = f"weights left to which {IN_TEXT[network]} is matching at some k"
            measure = sparsity.sparsest_matching(network)
            yield Printed("Figure 9", key, what, value, "%", measure)
    for key, first, last in (("resnet20", 51.2, 13.4), ("vgg16", 6.9, 1.5)):
        for word, value in (("from", first), ("to", last)):
            what = f"weights left {word} which IMP is matching and stable from about the same k"
            measure = sparsity.stable_when_matching("imp", last=word == "to")
            remark = "'approximately the same rewinding iteration': here the same k or the next"
            yield Printed("Figure 9", key, what, value, "%", measure, remark=remark)


PRINTED = (
    *_table_1(),
    *_table_2(),
    *_dense_lines(),
    *_dense_stability(),
    *_sparse_lines(),
    *_sparse_stability(),
    *_train_errors(),
    *_levels(),
    *IN_APPENDICES,
)
