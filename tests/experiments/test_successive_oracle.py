"""The line from a ticket to that of the next level (sgd_noise secs. 3.1 and 6.1), in NumPy."""

import dataclasses

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf.connectivity import ConnectivityError
from lth_tf.data import Task, load
from lth_tf.experiments import Imp, MaskSearch
from lth_tf.models import Lenet
from lth_tf.training import Cosine, Hparams, Momentum

TASK, STEPS, ALPHAS = Task("digits"), 60, 5
HPARAMS = Hparams(60, Momentum(), Cosine(0.05, end=STEPS), weight_decay=5e-4, xla="off")
IMP = Imp(
    Lenet(widths=(12, 8), image_shape=(8, 8, 1)), TASK, HPARAMS, STEPS, (0,), MaskSearch(2, 0.4),
    functions=("levels",), alphas=ALPHAS, barrier="from_mean_of_ends",
)  # fmt: skip


@pytest.fixture(scope="module")
def lines(store):
    """Every line with its row, from level 0 to 1 and from 1 to 2."""
    found = list(zip(IMP.requests(), rows(IMP, store, {"experiment": "imp"}), strict=True))
    assert [(row["level"], row["to_level"]) for _, row in found] == [(0, 1), (1, 2)]
    return found


@pytest.fixture(scope="module")
def scores(digits_folder):
    """Error and loss of weights on the test set, by the oracle."""
    data = load(TASK, digits_folder)
    return lambda w: numpy_training.error_and_loss(w, data.test_images / 255, data.test_labels)


def ends_of(store, request):
    """Weights at alpha = 0 and alpha = 1, float64."""
    ends = request.measurement.second, request.measurement.first
    return [{n: a.astype(float) for n, a in store.state(e).weights.items()} for e in ends]


def test_halfway_a_weight_that_one_level_prunes_is_half(store, lines, scores):
    masks = [store.mask(request.mask) for request, _ in lines]
    masks.append(store.mask(lines[1][0].measurement.first.run.mask))
    for level, (request, row) in enumerate(lines):
        denser, sparser = ends_of(store, request)
        halfway = {name: (denser[name] + sparser[name]) / 2 for name in denser}
        for name, mask in masks[level + 1].items():
            one = (masks[level][name] == 1) & (mask == 0)
            assert one.any() and denser[name][one].all()
            np.testing.assert_array_equal(halfway[name][one], 0.5 * denser[name][one])
            assert not halfway[name][masks[level][name] == 0].any()
        place = row["alphas"].index(0.5)
        error, loss = scores(halfway)
        assert row["test_errors"][place] == pytest.approx(error, abs=1e-9)
        assert row["test_losses"][place] == pytest.approx(loss, rel=1e-5)
        # Neither of the two masks is put on the path: under the sparser one it is another network.
        masked = {name: w * masks[level + 1].get(name, 1) for name, w in halfway.items()}
        assert abs(scores(masked)[1] - loss) > 1e-3 * loss


def test_the_barrier_is_equation_3_from_either_end(store, lines, scores):
    for request, row in lines:
        denser, sparser = ends_of(store, request)
        errors = []
        for alpha in np.linspace(0, 1, ALPHAS):
            mixed = {n: alpha * sparser[n] + (1 - alpha) * denser[n] for n in denser}
            errors.append(scores(mixed)[0])
        barrier = max(errors) - (errors[0] + errors[-1]) / 2
        assert row["test_barrier"] == pytest.approx(barrier, abs=1e-9)
        line = request.measurement
        back = dataclasses.replace(line, first=line.second, second=line.first)
        found = back.row(store.measure(back), request.labels)
        assert found["test_barrier"] == pytest.approx(barrier, abs=1e-9)


def test_a_path_of_equal_ends_has_a_barrier_of_0(store, lines):
    """Copies of a ticket are refused as ends of a line; what they would give is 0."""
    request, row = lines[1]
    ticket = store.state(request.measurement.first)
    line = request.measurement
    curves = store.engine.curves(
        line.first, TASK, ticket, ticket, np.linspace(0, 1, ALPHAS), line.statistics
    )
    assert {*curves["test_errors"]} == {row["test_errors"][-1]}
    found = line.row({**store.measure(line), **curves}, request.labels)
    assert found["test_barrier"] == found["train_barrier"] == 0
    assert row["test_barrier"] != 0
    # A level that prunes nothing and is trained under the same noise is the level before.
    nothing = MaskSearch(1, 1e-5, levels_noise="same")
    (same,) = dataclasses.replace(IMP, search=nothing).requests()
    with pytest.raises(ConnectivityError, match="exactly the same weights"):
        store.measure(same.measurement)
