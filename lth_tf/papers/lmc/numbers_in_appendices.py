"""The numbers that lmc prints about figs 10 to 29, in appendices A, B, C, F and G.

As in lmc_printed.py.
"""

from collections.abc import Iterator

from lth_tf.papers.lmc.networks import EPOCH, IN_TEXT, NETWORKS
from lth_tf.report import statistics as q
from lth_tf.report import statistics_of_copies as copies
from lth_tf.report import statistics_of_sparsity as sparsity
from lth_tf.report.paper import Printed, Relation

_CIFAR_TEST = 10_000  # examples

# Network -> step and test error there, of appendix B.2; what the full network's figure says at the
# step where that is stable, and again where its IMP subnetworks are.
_ERROR_AT = {
    "resnet20": ((2000, 25), (500, 30)),
    "vgg16": ((1000, 20), (1000, 35)),
    "resnet50": ((18 * EPOCH, 55), (5 * EPOCH, 55)),
    "inception_v3": ((28 * EPOCH, 33), (6 * EPOCH, 40)),
}
_INCONSISTENT = {
    "vgg16": "the paper gives two errors for VGG-16 at step 1,000: about 20% and 35%",
    "resnet50": "the paper gives the same error for ResNet-50 at two steps: 55% at epochs 5 and 18",
}
_FINAL = {"resnet20": 8.3, "vgg16": 6.3, "resnet50": 24, "inception_v3": 22}
# Network, step k, and how far ends from k are apart, of the distance from initialisation to end.
_DENSE_SHARES: tuple[tuple[str, int, float, Relation, str], ...] = (
    ("resnet20", 2000, 0.5, "above", "'more than half'"),
    ("vgg16", 1000, 0.5, "above", "'The same is true', as of ResNet-20: 'more than half'"),
    ("resnet50", 18 * EPOCH, 0.25, "about", "'about a quarter'"),
    ("inception_v3", 28 * EPOCH, 0.5, "about", "about 'half'"),
)
# The same of IMP; then how many times as far the end is from k as k is from initialisation.
_TICKETS = (
    ("resnet20", 2000, 0.25, 2.0),
    ("vgg16", 1000, 0.45, 3.0),
    ("resnet50", 5 * EPOCH, 0.27, 1.0),
    ("inception_v3", 6 * EPOCH, 0.28, 1.0),
)
_TICKETS_FROM_2000 = (
    "the paper has the tickets of ResNet-20 become stable at iteration 2000 here, elsewhere at 500"
)


def _number(
    where: str, key: str, what: str, value: float, unit: str, measure: q.Measure,
    relation: Relation = "about", remark: str = "",
) -> Printed:  # fmt: skip
    """One of which no spread is printed."""
    return Printed(where, key, what, value, unit, measure, relation=relation, remark=remark)


def _extreme() -> Iterator[Printed]:
    for key, network in NETWORKS.items():
        density, measure = round(100 * network.density, 1), sparsity.extreme_density
        yield _number("Figure 10", key, "extreme density", density, "%", measure, "")


def _errors_on_the_way() -> Iterator[Printed]:
    where = "Figure 11"
    for key, both in _ERROR_AT.items():
        for k, value in both:
            what, remark = f"test error at step {k:,}", _INCONSISTENT.get(key, "")
            yield _number(where, key, what, value, "%", q.error_at_step(k), remark=remark)
        end = q.error("dense", None)
        yield _number(where, key, "test error at the end", _FINAL[key], "%", end, "")
    for key in ("resnet20", "vgg16"):
        k, value = _ERROR_AT[key][0]
        what, measure = f"train error at step {k:,}", q.error_at_step(k, "train_error")
        remark = "'at a similar value to test error at these points'"
        yield _number(where, key, what, value, "%", measure, remark=remark)
        end, remark = q.error("dense", None, "train_error"), "'eventually converges to 0%'"
        yield _number(where, key, "train error at the end", 0, "%", end, remark=remark)


def _distances() -> Iterator[Printed]:
    for key, k, share, relation, remark in _DENSE_SHARES:
        yield _share("Figure 12", key, "dense", k, share, relation, remark)
        nearer_start = key in ("resnet20", "vgg16")
        remark = "'closer to their initial weights than to their final weights'"
        if not nearer_start:
            remark = "'closer to their final weights than their initial weights'"
        relation = "above" if nearer_start else "below"
        yield _way_left("Figure 12", key, "dense", k, 1, relation, remark)
    for key, k, share, times in _TICKETS:
        remark = _TICKETS_FROM_2000 if key == "resnet20" else ""
        yield _share("Figure 13", key, "imp", k, share, "about", remark)
        yield _way_left("Figure 13", key, "imp", k, times, "about", remark)


def _share(
    where: str, key: str, network: str, k: int, value: float, relation: Relation, remark: str
) -> Printed:
    ends, whole = ("end_to_end", k), ("k_to_end", 0)
    what = f"distance between ends from k = {k:,} over that from initialisation to the end"
    measure = copies.ratio_of_distances(network, ends, whole)
    return _number(where, key, what, value, "", measure, relation, remark)


def _way_left(
    where: str, key: str, network: str, k: int, value: float, relation: Relation, remark: str
) -> Printed:
    to_end, from_start = ("k_to_end", k), ("initialization_to_k", k)
    what = f"distance from k = {k:,} to the end over that from initialisation to k"
    measure = copies.ratio_of_distances(network, to_end, from_start)
    return _number(where, key, what, value, "", measure, relation, remark)


def _through_training() -> Iterator[Printed]:
    generally = "'generally stable at every epoch of training'"
    stable = "'stable throughout training'; the paper names no k, 2,000 is ours"
    spikes = "'instability initially spikes'"
    courses: tuple[tuple[str, str, int, Relation, str], ...] = (
        ("resnet20", "dense", 2000, "below", generally),
        ("vgg16", "dense", 2000, "below", generally),
        ("resnet20", "imp", 2000, "below", stable),
        ("vgg16", "imp", 2000, "below", stable),
        ("vgg16", "imp", 500, "above", spikes),
        ("vgg16", "imp", 1000, "above", spikes),
    )
    for key, network, k, relation, remark in courses:
        what = f"highest instability throughout training, {IN_TEXT[network]}, k = {k:,}"
        measure = q.highest_instability_through_training(network, k)
        yield _number("Figure 14", key, what, 2, "points", measure, relation, remark)
    what, remark = "instability at the end, IMP, k = 1,000", "'it decreases to 0'"
    yield _number(
        "Figure 14", "vgg16", what, 0, "points", q.instability("imp", 1000), "about", remark
    )


def _train_errors() -> Iterator[Printed]:
    for key, k in (("resnet20", 500), ("vgg16", 1000)):
        what = f"train error of IMP from k = {k:,}, where it is stable"
        measure = q.error("imp", k, "train_error")
        remark = "unstable ones 'are not able to fully optimize to 0% train error', stable ones are"
        yield _number("Figure 24", key, what, 0, "%", measure, "about", remark)


def _between_copies() -> Iterator[Printed]:
    for where, name, ratio, lower, same in (
        ("Figure 26", "L2 distance", copies.distance_over_that_of,
         "'at a lower level than the L2 distance between the other baselines'",
         "'at the same level as the L2 distance for' the baselines"),
        ("Figure 29", "differing classifications", copies.differences_over_those_of,
         "'lower than that for the randomly pruned and randomly reinitialized baselines'",
         "'the same number of different classifications as the baselines'"),
    ):  # fmt: skip
        for other in ("random_pruning", "random_reinitialization"):
            what, measure = (
                f"{name} at k = 0, IMP over {IN_TEXT[other]}",
                ratio(other, "imp", 0),
            )
            for key in NETWORKS:
                if key in ("resnet20", "vgg16"):
                    yield _number(where, key, what, 1, "", measure, "about", same)
                elif NETWORKS[key].dataset != "imagenet2012":
                    yield _number(where, key, what, 1, "", measure, "below", lower)


def _differences() -> Iterator[Printed]:
    wrong_figure = "the paper says fig. 27 here"
    for k, differing, error, share, remark in (
        (0, 1100, 11, 50, ""),
        (1000, 350, 8.5, 21, wrong_figure),
    ):
        for what, value, unit, measure, about in (
            ("test error of IMP", error, "%", q.error("imp", k), ""),
            ("test examples that IMP's copies classify differently", differing, "examples",
             copies.differences("imp", k), remark),
            ("the same as a share of the most that could be", share, "%",
             copies.share_of_possible_differences("imp", k, _CIFAR_TEST), ""),
        ):  # fmt: skip
            what = f"{what}, k = {k:,}"
            yield _number("Figure 29", "resnet20", what, value, unit, measure, "about", about)


IN_APPENDICES = (
    *_extreme(),
    *_errors_on_the_way(),
    *_distances(),
    *_through_training(),
    *_train_errors(),
    *_between_copies(),
    *_differences(),
)
