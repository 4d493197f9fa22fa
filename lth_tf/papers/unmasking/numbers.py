"""The numbers and comparisons that unmasking prints, almost all of them in words.

Remarks in single quotes are the paper's words. ε is the standard deviation of the error of dense
networks; a share is of the steps from level to level of a replicate, verdict by verdict. Accuracies
are printed nowhere.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

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
from lth_tf.report.paper import Printed, Relation

_EVERY = tuple(NETWORKS)
_CIFAR = ("resnet20", "resnet18_cifar100")
_R20, _R18, _R50 = (("resnet20",), ("resnet18_cifar100",), ("resnet50",))
_NAMES = ("from k = 0", "from an early k", "from the k that matches")
_EARLIEST, _EARLY, _MATCHING = range(3)


def _each(
    where: str, what: str, unit: str, statistic: Callable[[int], Statistic], value: float,
    relation: Relation, remark: str, networks: Iterable[str] = _EVERY, which: int = _MATCHING,
) -> Iterator[Printed]:  # fmt: skip
    """Yields a number of each network: a statistic of one of its rewind steps, called with it."""
    for key in networks:
        k = REWIND_STEPS[key][which]
        yield Printed(where, what, unit, statistic(k), {key: value}, relation, remark)


def _share(
    where: str, what: str, verdict: Any, among: Any, value: float, remark: str,
    networks: Iterable[str] = _EVERY, which: int = _MATCHING,
) -> Iterator[Printed]:  # fmt: skip
    """Yields about how large a share is, in percent."""
    yield from _each(where, f"{what}, {_NAMES[which]}", "%", lambda k: Share(verdict, k, among),
                     value, "about", remark, networks, which)  # fmt: skip


_PAIRS = "steps between levels without a barrier"
_BOTH = "where both levels match"

_CONNECTIVITY = (
    *(number
      for where, networks in (("Figure 2", ("resnet50", "resnet20")), ("Figure 6", _R18))
      for which in (_EARLIEST, _EARLY)
      for what, verdict in (("steps between matching levels", "matching"), (_PAIRS, "connected"))
      for number in _share(where, what, verdict, "sparse", 0,
                           "'neither matching nor linearly mode connected'", networks, which)),
    *_share("Figure 6", f"{_PAIRS}, {_BOTH}", "connected", "matching", 100, "'at a later rewind "
            "point (green curve) successive matching solutions are linearly mode connected'; not "
            "always from level 0 (appendix D)"),
    *_share("Figure 6", f"paths all of whose networks match, {_BOTH}", "path_matching", "matching",
            100, "'networks on the piecewise linear path between matching IMP solutions are also "
            "matching'"),
    *_share("Figure 6", "steps without a barrier if and only if both levels match, from level 1",
            "connected_iff_matching", "sparse", 100,
            "'at higher sparsities', 'if and only if they are matching'; by the barrier"),
    *_share("Figure 6", "steps into the sublevel set if and only if both levels match, from "
            "level 1", "in_sublevel_set_iff_matching", "sparse", 100, "'if and only if the sparse "
            "axial subspace intersects the LCS-set'; by the set of definition 2.1"),
    *_each("Figure 2", "highest barrier between matching levels from 1 on, over ε", "",
           HighestBarrier, 1, "below",
           "'all pairs of matching IMP solutions at intermediate levels are linearly mode "
           "connected'", _R20),
    *_each("Figure 2", "barrier between levels 1 and 10, over ε", "", lambda k: Barrier(k, 1, 10),
           1, "above", "'yellow block at position (1, 10)'", _R50),
    *_each("Figure 6", "highest barrier between matching levels from 1 on, over ε", "",
           HighestBarrier, 1, "above",
           "'an extreme example' of a connected set that is 'quite non-convex'", _R18),
)  # fmt: skip

_PLANES = (
    *_share("Figure 3", "projections of level 0 in its sublevel set", "projection_inside", "first",
            100, "'at early pruning levels, the projected network remains in the LCS-set'", _CIFAR),
    *_share("Figure 3", "projections of the last level but one in its sublevel set",
            "projection_inside", "last", 0, "'as L increases, the projections leave the LCS-set'",
            _CIFAR),
    *_share("Figure 3", f"next solutions in the sublevel set, {_BOTH}", "in_sublevel_set",
            "matching", 100, "'w(L+1) lies in this set'", _CIFAR),
    *_share("Figure 3", "next solutions in the sublevel set, where matching breaks",
            "in_sublevel_set", "breaking", 0,
            "'both the projection and retrained solution lie outside the LCS-set'", _CIFAR),
    *_each("Figure 3", "by how much the share of a slice in the sublevel set falls, from the first "
           "to the last", "points", Sublevel, 0, "above", "'which also shrinks in size'", _CIFAR),
)  # fmt: skip

_ADAPTIVE = (
    *_each("Figure 4", "trainings that the adaptive ratio saves, of all", "%",
           lambda k: Retraining("saved", k), 33, "about", "'approximately 33%'; the abstract has "
           "30%. 7 and 11 retrainings, and that of the dense network; without it 36%", _R18),
    *_each("Figure 4", "levels to the sparsest matching density, fixed ratio", "",
           lambda k: Retraining("fixed", k), 11, "", "'11 levels of pruning to achieve a sparsity "
           "of 9% weights remaining'; 'often [...] more than 10 times'", _R18),
    *_each("Figure 4", "levels to the same density, adaptive ratio", "",
           lambda k: Retraining("adaptive", k), 7, "",
           "'only need to retrain 7 instead of 11 times'", _R18),
    *_each("Figure 4", "error there, adaptive less fixed, over ε", "",
           lambda k: Retraining("error", k), 1, "below", "'without losing any accuracy'", _R18),
    *_each("Section 2.2", "levels to the sparsest matching density, fixed ratio", "",
           lambda k: Retraining("fixed", k), 11, "below",
           "ResNet-18 'required the most number of levels'", ("resnet20", "resnet50")),
    *_each("Section 2.2", "first adaptive ratio", "%", lambda k: Retraining("first", k), 20,
           "about", "'the optimal pruning ratio at early levels is already close to 20%'", _R50),
)  # fmt: skip

_DENSE = (
    *_each("Appendix D", "barrier between levels 0 and 1", "", Barrier, 1, "below",
           "'Only for CIFAR-10, does this extend to the level 0 solution'", _R20),
    *_each("Appendix D", "barrier between levels 0 and 1", "", Barrier, 1, "above",
           "'a small but non-zero error barrier'", (*_R18, *_R50)),
    *(Printed("Appendix D", f"the same from k = {first:,} less that from {later:,}", "",
              Barrier(first, less_k=later), {key: 0}, "above", "'as the rewind step increases, the "
              "error barrier between level 0 and level 1 gets smaller'")
      for key, steps in REWIND_STEPS.items()
      for first, later in itertools.pairwise(steps)),
    *_each("Appendix D", "barrier to the network from a perturbed rewind point", "",
           lambda k: Barrier(k, 0, 0, "perturbed"), 1, "above",
           "'not linearly mode connected to our original level 0 solution'"),
    *_each("Appendix D", "instability of the dense network", "", DenseInstability, 1, "above",
           "'the dense network isn't even linearly mode connected'"),
    *_each("Figure 5", "error of level 1 less that of level 0, from k = 0, over ε", "", ErrorRise,
           1, "below", "'if the weights are rewound to initialization, [...] we get the same "
           "error'; the paper has '80% sparsity' for 80% of weights left", which=_EARLIEST),
)  # fmt: skip

PRINTED = (*_CONNECTIVITY, *_PLANES, *_ADAPTIVE, *_DENSE)
