"""Random pruning and the medians of lmc fig. 9 against NumPy, on trained networks.

A LeNet of a hundred steps on the digits, three levels deep, from two steps k. Errors and
densities come from the store's weights and masks, not from rows.
"""

import collections
import math
import statistics

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf.analysis import criteria as findings
from lth_tf.data import Task, load
from lth_tf.experiments import Instability, MaskSearch
from lth_tf.models import Lenet
from lth_tf.training import Adam, Constant, Hparams

TASK = Task("digits")
EXPERIMENT = Instability(
    Lenet(widths=(24, 12), image_shape=(8, 8, 1)), TASK,
    Hparams(60, Adam(), Constant(2e-2), xla="off"), 100, (0, 1, 2), MaskSearch(3, 0.5), (1, 2, 3),
    networks=("dense", "imp", "random_pruning"), rewind_steps=(0, 40), alphas=5,
)  # fmt: skip
NETWORKS = ("imp", "random_pruning")


@pytest.fixture(scope="module")
def found(store):
    """Every request, with its row."""
    constants = {"experiment": "instability", "configuration": EXPERIMENT.key}
    return list(zip(EXPERIMENT.requests(), rows(EXPERIMENT, store, constants), strict=True))


@pytest.fixture(scope="module")
def error_of(digits_folder):
    """Test error of weights, by the oracle."""
    data = load(TASK, digits_folder)
    return lambda weights: numpy_training.error_and_loss(
        weights, data.test_images / 255, data.test_labels
    )[0]


def place(row):
    return row["initialization"], row["rewind_step"], row["level"]


def test_random_pruning_keeps_imps_proportions_in_every_layer(store, found):
    """As many weights left in each layer as in the mask of IMP, at other places."""
    masks: dict[str, dict] = collections.defaultdict(dict)
    for request, row in found:
        if row["network"] in NETWORKS:
            masks[row["network"]][place(row)] = store.mask(request.mask)
    assert len(masks["imp"]) == 3 * 2 * 3 and masks["imp"].keys() == masks["random_pruning"].keys()
    for where, imp in masks["imp"].items():
        other = masks["random_pruning"][where]
        left = {name: int(np.sum(kernel != 0)) for name, kernel in imp.items()}
        assert left == {name: int(np.sum(kernel != 0)) for name, kernel in other.items()}
        total = sum(kernel.size for kernel in imp.values())
        assert sum(left.values()) == pytest.approx(total * 0.5 ** where[2], abs=3)
        # Layers are pruned unevenly by IMP, so that this says something.
        assert len({left[name] / kernel.size for name, kernel in imp.items()}) > 1
        assert any(np.any(other[name] != kernel) for name, kernel in imp.items())


def median_of_firsts(samples):
    """Of the first k that fulfills a criterion, over samples; None unless a majority ever do.

    Args:
      samples: for each, whether it does, by k.
    """
    firsts = [min((k for k, does in by_k.items() if does), default=math.inf) for by_k in samples]
    reached = sum(math.isfinite(first) for first in firsts)
    return statistics.median(firsts) if reached > len(firsts) / 2 else None


@pytest.mark.parametrize("network", NETWORKS)
def test_medians_of_stable_and_matching_steps(store, found, error_of, network):
    """The first k of an instability < 2 %, and of a drop of accuracy < 0.2 points: medians."""
    errors = {
        end: error_of(store.state(end).weights)
        for end in {request.end for request, row in found if row["kind"] == "evaluation"}
    }
    dense = statistics.fmean(
        errors[request.end]
        for request, row in found
        if (row["kind"], row["network"], row["rewind_step"]) == ("evaluation", "dense", 0)
    )
    stable: dict = collections.defaultdict(lambda: collections.defaultdict(dict))
    matching: dict = collections.defaultdict(lambda: collections.defaultdict(dict))
    for request, row in found:
        if row["network"] != network:
            continue
        seed, k, level = place(row)
        sample = (seed, *row["noise"])
        if row["kind"] == "evaluation":
            matching[level][sample][k] = errors[request.end] - dense < 0.002
        else:
            ends = (request.measurement.first, request.measurement.second)
            one, other = (store.state(end).weights for end in ends)
            line = [
                error_of({n: a * one[n].astype(float) + (1 - a) * other[n] for n in one})
                for a in np.arange(5) / 4
            ]
            stable[level][sample][k] = max(line) - (line[0] + line[4]) / 2 < 0.02
    log = [row for _, row in found]
    for onsets, expected in (
        (findings.stable_onsets(log, network), stable),
        (findings.matching_onsets(log, network), matching),
    ):
        assert [onset.level for onset in onsets] == [1, 2, 3]
        for onset in onsets:
            assert onset.samples == len(expected[onset.level]) == 9
            assert onset.median == median_of_firsts(expected[onset.level].values())
    # Samples are on both sides of a limit, or nothing would be tested; tickets are stable anywhere.
    for by_level in (stable, matching) if network == "random_pruning" else (matching,):
        found_true = [d for level in by_level.values() for k in level.values() for d in k.values()]
        assert any(found_true) and not all(found_true)
