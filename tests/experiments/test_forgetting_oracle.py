"""Forgetting and convergence against sgd_noise section 3.2, written from the paper in NumPy."""

from types import SimpleNamespace

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import Training
from lth_tf.measurements import Convergence, EvaluateTest
from lth_tf.measurements.convergence import convergence
from lth_tf.measurements.forgetting import forgetting
from lth_tf.models import Lenet
from lth_tf.models.network import network
from lth_tf.recipes import Init
from lth_tf.training import Adam, Constant, Hparams

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
BATCH, RATE, STEPS, EPOCH = 90, 0.03, 45, 15  # 1,437 images: 15 batches, the rest is dropped
SETTING = (MODEL, TASK, Hparams(BATCH, Adam(), Constant(RATE), xla="off"), STEPS, (0,))


def counted(places, correct, examples, per_epoch):
    """Equations of section 3.2, example by example; what Toneva et al. 2019 count."""
    events, learned = np.zeros(examples, int), np.zeros(examples, bool)
    by_epoch = np.zeros(-(-places.size // per_epoch), int)
    last: dict[int, bool] = {}
    for presentation, (i, c) in enumerate(zip(places.ravel(), correct.ravel(), strict=True)):
        if last.get(i) and not c:
            events[i] += 1
            by_epoch[presentation // per_epoch] += 1
        last[i] = c
        learned[i] |= c
    return events, learned, by_epoch


@pytest.mark.parametrize("remainder, used", [("drop", 20), ("carry", 23)])
def test_events_are_those_counted_one_by_one(remainder, used):
    draw = np.random.default_rng(5)
    places = batches(3, 0, 60, 23, 10, remainder)
    correct = draw.random(places.shape) < 0.6
    correct[np.isin(places, [4])] = False  # never learned
    correct[np.isin(places, [7])] = True  # always right
    last = np.flatnonzero(places.ravel() == 9)
    correct.ravel()[last] = False
    correct.ravel()[last[-1]] = True  # learned at its last presentation
    found = forgetting(places, correct, 23, 0, used)
    events, learned, by_epoch = counted(places, correct, 23, used)
    np.testing.assert_array_equal(found["events"], events)
    np.testing.assert_array_equal(found["learned"] == 1, learned)
    np.testing.assert_array_equal(found["events_by_epoch"], by_epoch)
    assert by_epoch.sum() == events.sum() > 0
    assert (events[4], learned[4]) == (0, False) and found["scores"][4] > events.max()
    assert (events[7], events[9], learned[9]) == (0, 0, True)
    assert found["presentations"].sum() == places.size


def test_a_run_that_begins_later_counts_epochs_on_its_clock():
    places, correct = np.array([[0, 1], [0, 1]]), np.array([[True, True], [False, True]])
    found = forgetting(places, correct, 2, first=8, per_epoch=4)
    assert found["events_by_epoch"].tolist() == [0, 0, 1]


def test_convergence_is_equation_4():
    assert convergence(np.array([0.9, 0.5, 0.1])) == pytest.approx((0.4 / 0.8 + 0.8 / 0.8) / 2)
    assert convergence(np.array([0.9, 0.1, 0.1, 0.1])) == pytest.approx(1)
    errors = np.array([0.9, 0.7, 0.3, 0.35])
    assert convergence(0.5 * errors + 0.2) == pytest.approx(convergence(errors))
    assert convergence(np.array([0.9, 0.05, 0.1])) > 1  # it was better on the way
    assert np.isnan(convergence(np.array([0.9, 0.5, 0.9])))


def test_the_error_of_a_network_that_is_not_finite_is_no_result():
    tests = [EvaluateTest(Init(Lenet(), seed), TASK) for seed in range(3)]
    errors, losses = dict(zip(tests, (0.9, 0.5, 0.9), strict=True)), {tests[2]: np.nan}

    def measure(test):
        return {"test_errors": [errors[test]], "test_losses": [losses.get(test, 1.0)]}

    measurement = Convergence(tuple(tests))
    numbers = measurement.make(SimpleNamespace(measure=measure))
    np.testing.assert_array_equal(numbers["errors"], [0.9, 0.5, np.nan])
    assert not measurement.is_finite(numbers)


@pytest.fixture(scope="module")
def oracle(digits_folder):
    """What three epochs of Adam come to: places, hits before every update, errors by epoch."""
    examples = load(TASK, digits_folder)
    images, test = examples.train_images / 255, examples.test_images / 255
    weights = network(MODEL).initial_weights(0)
    places = batches(0, 0, STEPS, len(images), BATCH, "drop")
    hits, errors, seen = [], [], []
    for step, chosen in enumerate(places):
        now = numpy_training.adam(weights, {}, seen, RATE)[0] if step else weights
        if step % EPOCH == 0:
            errors.append(numpy_training.error_and_loss(now, test, examples.test_labels)[0])
        guess = numpy_training.activations(now, images[chosen])[-1].argmax(1)
        hits.append(guess == examples.train_labels[chosen])
        seen.append((images[chosen], examples.train_labels[chosen]))
    end = numpy_training.adam(weights, {}, seen, RATE)[0]
    errors.append(numpy_training.error_and_loss(end, test, examples.test_labels)[0])
    return places, np.array(hits), np.array(errors)


def test_rows_of_a_run_are_the_papers(store, oracle):
    places, hits, errors = oracle
    experiment = Training(*SETTING, epoch=EPOCH, functions=("forgetting", "convergence"))
    forgotten, converged = rows(experiment, store, {"experiment": "training"})
    events, learned, by_epoch = counted(places, hits, 1437, EPOCH * BATCH)
    assert forgotten["forgetting_events"] == pytest.approx(events.mean())
    assert forgotten["forgetting_deviation"] == pytest.approx(events.std(ddof=1))
    assert forgotten["unforgettable"] == pytest.approx(np.mean(learned & (events == 0)))
    assert forgotten["never_learned"] == pytest.approx(np.mean(~learned))
    assert forgotten["events_by_epoch"] == pytest.approx(by_epoch / 1437)
    assert converged["errors_by_epoch"] == pytest.approx(errors)
    shares = (errors[0] - errors[1:]) / (errors[0] - errors[-1])
    assert converged["convergence"] == pytest.approx(shares.mean())
