"""The adaptive pruning ratio of unmasking section 2.2 against NumPy, on networks that are trained.

A LeNet of four epochs on the digits. The losses of the oracle's weights on every line, the
threshold from its own training, and so the ratio that every level has to choose.
"""

import math

import numpy as np
import numpy_training
import pytest

from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import AdaptiveImp, MaskSearch
from lth_tf.experiments.choices import OpenChain
from lth_tf.experiments.planning import decide_by, plan
from lth_tf.experiments.rows import RowBuilder
from lth_tf.log.validation import validate
from lth_tf.measurements import Evaluate, PruningRatio, TrainingLosses
from lth_tf.models import Lenet
from lth_tf.training import Adam, Constant, Hparams

TASK = Task("digits")
RATIOS = (0.1, 0.3, 0.5, 0.7, 0.9)
IMP = AdaptiveImp(
    Lenet(widths=(20, 10), image_shape=(8, 8, 1)), TASK,
    Hparams(60, Adam(), Constant(1e-2), xla="off"), 92, (3,), MaskSearch(20), to_density=0.15,
    ratios=RATIOS, alphas=5, examples=500, epoch=23, replicates="own_noise",
)  # fmt: skip


@pytest.fixture(scope="module")
def found(store):
    """Every request with its row, decided on the way."""
    rows, measured = RowBuilder(store), []
    decide = decide_by(store.measure, store.layout)
    (chain,) = map(OpenChain, IMP.chains())
    while requests := chain.advance(decide):
        for request in requests:
            row = rows.row(IMP, request, {"experiment": "adaptiveimp", "configuration": IMP.key})
            validate(row)
            measured.append((request, row))
    return measured


@pytest.fixture(scope="module")
def data(digits_folder):
    return load(TASK, digits_folder)


def loss_of(weights, data):
    images, labels = data.train_images[:500] / 255, data.train_labels[:500]
    return numpy_training.error_and_loss(weights, images, labels)[1]


def magnitude_pruned(weights, mask, ratio):
    """The weights without the smallest of those that remain, all layers together."""
    names = list(mask)
    magnitudes = np.concatenate([np.abs(weights[n][mask[n] != 0]).ravel() for n in names])
    limit = np.sort(magnitudes)[round(ratio * magnitudes.size)]
    return {n: w * (np.abs(w) >= limit) if n in names else w for n, w in weights.items()}


def test_the_losses_of_the_last_epoch_are_those_of_the_oracles_training(store, found, data):
    (request,) = (r for r, _ in found if isinstance(r.measurement, TrainingLosses))
    run, start = request.end.run, store.state(request.end.run.start)
    order = batches(run.noise, 0, 92, len(data.train_labels), 60, "drop")
    fed = ((data.train_images[own] / 255, data.train_labels[own]) for own in order)
    _, losses = numpy_training.adam(start.weights, {}, fed, 1e-2)
    got = store.measure(request.measurement)["losses"]
    np.testing.assert_allclose(got, losses[-23:], rtol=2e-3, atol=2e-4)
    whole = store.record(request.measurement.recorded).losses
    np.testing.assert_array_equal(got, whole[-23:])
    (row,) = (row for r, row in found if r is request)
    assert row["loss_std"] == pytest.approx(np.std(got.astype(float), ddof=1))
    assert (row["loss_mean"], row["batches"]) == (pytest.approx(got.mean()), 23)


def test_every_level_prunes_the_most_that_stays_below_the_threshold(store, found, data):
    dense, spread = found[0][0].end, found[1][0].measurement
    assert isinstance(spread, TrainingLosses)
    limit = loss_of(store.state(dense).weights, data)
    limit += np.std(store.measure(spread)["losses"].astype(float), ddof=1)
    levels = [r for r, _ in found if isinstance(r.measurement, Evaluate)]
    ratios = [(r, row) for r, row in found if isinstance(r.measurement, PruningRatio)]
    assert len(levels) == len(ratios) + 1
    for (request, row), following in zip(ratios, levels[1:], strict=True):
        w = {n: a.astype(float) for n, a in store.state(request.end).weights.items()}
        mask = store.mask(request.mask)
        highest = []
        for ratio in RATIOS:
            pruned = magnitude_pruned(w, mask, ratio)
            line = [{n: (1 - b) * w[n] + b * pruned[n] for n in w} for b in np.arange(5) / 4]
            highest.append(max(loss_of(each, data) for each in line))
        assert row["threshold"] == pytest.approx(limit, rel=1e-4)
        assert row["highest_losses"] == pytest.approx(highest, rel=1e-3)
        below = [r for r, high in zip(RATIOS, highest, strict=True) if high < limit]
        assert row["largest_ratio"] == max(below, default=0)
        chosen = max([0.2, *below])
        assert following.mask.fraction == chosen and following.mask.mask == request.mask
        assert following.mask.fraction in (*RATIOS, IMP.search.fraction)
    density = math.prod(1 - r.mask.fraction for r in levels[1:])
    assert density <= 0.15 < density / (1 - levels[-1].mask.fraction)
    # Otherwise this says little: the ratio falls as the network gets sparser.
    fractions = [r.mask.fraction for r in levels[1:]]
    assert len(set(fractions)) > 1 and fractions[0] > 0.2


def test_rows_of_levels_of_one_replicate_are_of_the_same_settings(found):
    pruned = [row["settings"] for _, row in found if row["network"] == "adaptive_imp"]
    own = [s for s in pruned if "PruningLosses.alphas" not in s]
    assert len(own) > 2 and all(each == own[0] for each in own)
    assert own[0]["MaskSearch.fraction"] == 0.2 and own[0]["AdaptiveImp.epoch"] == 23


def test_the_runs_are_of_the_task_as_it_is(found):
    assert {request.end.run.task for request, _ in found} == {TASK}


def test_then_nothing_is_left_to_do(store, found):
    seen = plan([IMP], store.layout)
    assert (seen.steps_left, seen.choices) == (0, 0) and seen.measurements == seen.measured
