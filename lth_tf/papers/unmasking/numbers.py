"""The numbers and comparisons that unmasking prints, almost all of them in words.

Remarks in single quotes are the paper's words. ε is the standard deviation of the error of dense
networks; a share is of the steps from level to level of a replicate, verdict by verdict. Accuracies
are printed nowhere.
"""

from collections.abc import Iterable

from lth_tf.analysis.landscape_statistics import (
    Barrier,
    DenseInstability,
    ErrorRise,
    HighestBarrier,
    Retraining,
    Share,
    Sublevel,
)
from lth_tf.analysis.statistics import Statistic
from lth_tf.papers.unmasking.networks import NETWORKS, REWIND_STEPS
from lth_tf.report.paper import Printed, Relation, Value

_EVERY = tuple(NETWORKS)
_CIFAR = ("resnet20", "resnet18_cifar100")
_R18 = ("resnet18_cifar100",)
_NAMES = ("from k = 0", "from an early k", "from the k that matches")
_EARLIEST, _EARLY, _MATCHING = range(3)


def _each(
    where: str, what: str, unit: str, statistic, which: int, value: float | Value,
    relation: Relation, remark: str, networks: Iterable[str] = _EVERY,
) -> Iterable[Printed]:  # fmt: skip
    """Yields a number of each network: a statistic of one of its rewind steps, called with it."""
    for key in networks:
        made: Statistic = statistic(REWIND_STEPS[key][which])
        yield Printed(where, what, unit, made, {key: value}, relation, remark)


def _share(where, what, which, verdict, among, value, relation, remark, networks=_EVERY):
    """Yields a share in percent."""
    name = f"{what}, {_NAMES[which]}"
    yield from _each(
        where, name, "%", lambda k: Share(verdict, k, among), which, value, relation, remark,
        networks,
    )  # fmt: skip


_NEITHER = "'neither matching nor linearly mode connected'"
_PAIRS = "steps between levels without a barrier"
_BOTH = "where both levels match"

_CONNECTIVITY = (
    *(number
      for where, networks in (("Figure 2", ("resnet50", "resnet20")), ("Figure 6", _R18))
      for which in (_EARLIEST, _EARLY)
      for what, verdict in (("steps between matching levels", "matching"), (_PAIRS, "connected"))
      for number in _share(where, what, which, verdict, "sparse", 0, "about", _NEITHER, networks)),
    *_share("Figure 6", f"{_PAIRS}, {_BOTH}", _MATCHING, "connected", "matching", 100, "about",
            "'at a later rewind point (green curve) successive matching solutions are linearly "
            "mode connected'; not always from level 0 (appendix D)"),
    *_share("Figure 6", f"paths all of whose networks match, {_BOTH}", _MATCHING, "path_matching",
            "matching", 100, "about", "'networks on the piecewise linear path between matching "
            "IMP solutions are also matching'"),
    *_share("Figure 6", "steps without a barrier if and only if both levels match, from level 1",
            _MATCHING, "connected_iff_matching", "sparse", 100, "about",
            "'at higher sparsities', 'if and only if they are matching'; by the barrier"),
    *_share("Figure 6", "steps into the sublevel set if and only if both levels match, from "
            "level 1", _MATCHING, "in_sublevel_set_iff_matching", "sparse", 100, "about",
            "'if and only if the sparse axial subspace intersects the LCS-set'; by the set of "
            "definition 2.1"),
    *_each("Figure 2", "highest barrier between matching levels from 1 on, over ε", "",
           HighestBarrier, _MATCHING, 1, "below", "'all pairs of matching IMP solutions at "
           "intermediate levels are linearly mode connected'", ("resnet20",)),
    *_each("Figure 2", "barrier between levels 1 and 10, over ε", "",
           lambda k: Barrier(k, 1, 10), _MATCHING, 1, "above",
           "'yellow block at position (1, 10)'", ("resnet50",)),
    *_each("Figure 6", "highest barrier between matching levels from 1 on, over ε", "",
           HighestBarrier, _MATCHING, 1, "above", "'an extreme example' of a connected set that is "
           "'quite non-convex'", _R18),
)  # fmt: skip

_PLANES = (
    *_share("Figure 3", "projections of level 0 in its sublevel set", _MATCHING,
            "projection_inside", "first", 100, "about", "'at early pruning levels, the projected "
            "network remains in the LCS-set'", _CIFAR),
    *_share("Figure 3", "projections of the last level but one in its sublevel set", _MATCHING,
            "projection_inside", "last", 0, "about", "'as L increases, the projections leave the "
            "LCS-set'", _CIFAR),
    *_share("Figure 3", f"next solutions in the sublevel set, {_BOTH}", _MATCHING,
            "in_sublevel_set", "matching", 100, "about", "'w(L+1) lies in this set'", _CIFAR),
    *_share("Figure 3", "next solutions in the sublevel set, where matching breaks", _MATCHING,
            "in_sublevel_set", "breaking", 0, "about", "'both the projection and retrained "
            "solution lie outside the LCS-set'", _CIFAR),
    *_each("Figure 3", "by how much the share of a slice in the sublevel set falls, from the first "
           "to the last", "points", Sublevel, _MATCHING, 0, "above", "'which also shrinks in "
           "size'", _CIFAR),
)  # fmt: skip

_ADAPTIVE = (
    *_each("Figure 4", "trainings that the adaptive ratio saves, of all", "%",
           lambda k: Retraining("saved", k), _MATCHING, 33, "about", "'approximately 33%'; the "
           "abstract has 30%. 7 and 11 retrainings, and that of the dense network; without it 36%",
           _R18),
    *_each("Figure 4", "levels to the sparsest matching density, fixed ratio", "",
           lambda k: Retraining("fixed", k), _MATCHING, 11, "", "'11 levels of pruning to achieve "
           "a sparsity of 9% weights remaining'; 'often [...] more than 10 times'", _R18),
    *_each("Figure 4", "levels to the same density, adaptive ratio", "",
           lambda k: Retraining("adaptive", k), _MATCHING, 7, "", "'only need to retrain 7 instead "
           "of 11 times'", _R18),
    *_each("Figure 4", "error there, adaptive less fixed, over ε", "",
           lambda k: Retraining("error", k), _MATCHING, 1, "below", "'without losing any "
           "accuracy'", _R18),
    *_each("Section 2.2", "levels to the sparsest matching density, fixed ratio", "",
           lambda k: Retraining("fixed", k), _MATCHING, 11, "below", "ResNet-18 'required the most "
           "number of levels'", ("resnet20", "resnet50")),
    *_each("Section 2.2", "first adaptive ratio", "%", lambda k: Retraining("first", k), _MATCHING,
           20, "about", "'the optimal pruning ratio at early levels is already close to 20%'",
           ("resnet50",)),
)  # fmt: skip

_DENSE = (
    *_each("Appendix D", "barrier between levels 0 and 1", "", Barrier, _MATCHING, 1, "below",
           "'Only for CIFAR-10, does this extend to the level 0 solution'", ("resnet20",)),
    *_each("Appendix D", "barrier between levels 0 and 1", "", Barrier, _MATCHING, 1, "above",
           "'a small but non-zero error barrier'", ("resnet18_cifar100", "resnet50")),
    *(Printed("Appendix D", f"the same from k = {first:,} less that from {later:,}", "",
              Barrier(first, less_k=later), {key: 0}, "above", "'as the rewind step increases, the "
              "error barrier between level 0 and level 1 gets smaller'")
      for key, steps in REWIND_STEPS.items()
      for first, later in zip(steps, steps[1:], strict=False)),
    *_each("Appendix D", "barrier to the network from a perturbed rewind point", "",
           lambda k: Barrier(k, 0, 0, "perturbed"), _MATCHING, 1, "above", "'not linearly mode "
           "connected to our original level 0 solution'"),
    *_each("Appendix D", "instability of the dense network", "", DenseInstability, _MATCHING, 1,
           "above", "'the dense network isn't even linearly mode connected'"),
    *_each("Figure 5", "error of level 1 less that of level 0, from k = 0, over ε", "", ErrorRise,
           _EARLIEST, 1, "below", "'if the weights are rewound to initialization, [...] we get the "
           "same error'; the paper has '80% sparsity' for 80% of weights left"),
)  # fmt: skip

PRINTED = (*_CONNECTIVITY, *_PLANES, *_ADAPTIVE, *_DENSE)
