"""The functions of lmc against NumPy, written from the paper's text, on trained networks.

A LeNet of a few hundred steps on the digits: dense, pruned, and rewound to two steps.
"""

import numpy as np
import numpy_training
import pytest
from instability_example import EXPERIMENT, MODEL, TASK
from listing import rows

from lth_tf.connectivity import BARRIERS
from lth_tf.data import load
from lth_tf.log.validation import validate
from lth_tf.measurements import Compare, Evaluate, Predict
from lth_tf.models.network import network
from lth_tf.store.observer import SilentObserver
from lth_tf.store.store import Store
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.feed import WholeSplit

SPLITS = ("train", "test")


@pytest.fixture(scope="module")
def examples(digits_folder):
    """By split: normalized images and labels."""
    found = load(TASK, digits_folder)
    return {
        "train": ((found.train_images / 255 - 0.3) / 0.4, found.train_labels),
        "test": ((found.test_images / 255 - 0.3) / 0.4, found.test_labels),
    }


@pytest.fixture(scope="module")
def found(store):
    """Every request, with its row."""
    constants = {"experiment": "instability", "configuration": EXPERIMENT.key}
    pairs = list(zip(EXPERIMENT.requests(), rows(EXPERIMENT, store, constants), strict=True))
    for _, row in pairs:
        validate(row)
    return pairs


def of(found, kind):
    chosen = [(request, row) for request, row in found if row["kind"] == kind]
    assert chosen
    return chosen


def losses_and_classes(store, weights, images, labels):
    """Per-example cross-entropy and class of a trained network, by the oracle."""
    logits = numpy_training.activations(store.state(weights).weights, images)[-1]
    chosen = numpy_training.probabilities(logits)[np.arange(len(labels)), labels]
    return -np.log(chosen), logits.argmax(1)


def test_barriers_are_the_papers(store, found, examples):
    """sup over alpha of E(alpha W_1 + (1 - alpha) W_2), minus the mean of E(W_1) and E(W_2)."""
    for request, row in of(found, "instability"):
        ends = (request.measurement.first, request.measurement.second)
        one, other = (store.state(end).weights for end in ends)
        for split, (images, labels) in examples.items():
            errors = []
            for alpha in np.arange(9) / 8:
                mixed = {n: alpha * one[n].astype(float) + (1 - alpha) * other[n] for n in one}
                errors.append(numpy_training.error_and_loss(mixed, images, labels)[0])
            height = max(errors) - (errors[0] + errors[8]) / 2
            assert row[f"{split}_instability"] == pytest.approx(height, abs=1e-9)


def test_classifications_and_losses_that_differ_are_the_papers(store, found, examples):
    compared = of(found, "comparison")
    assert {row["against"] for _, row in compared if row["network"] != "dense"} > {"dense", "imp"}
    for request, row in compared:
        ends = [p.weights for p in (request.measurement.first, request.measurement.second)]
        for split, (images, labels) in examples.items():
            (one, first), (other, second) = (
                losses_and_classes(store, end, images, labels) for end in ends
            )
            differing = sum(a != b for a, b in zip(first, second, strict=True))
            assert row[f"{split}_differences"] == differing
            distance = np.sqrt(sum((one - other) ** 2))
            assert row[f"{split}_loss_distance"] == pytest.approx(distance, rel=1e-5, abs=1e-5)


def test_distances_are_of_masked_states(store, found):
    for request, row in of(found, "distance"):
        ends = (request.measurement.first, request.measurement.second)
        mask = store.mask(request.mask)
        one, other = (
            np.concatenate(
                [(w * mask.get(n, 1)).ravel() for n, w in store.state(e).weights.items()]
            )
            for e in ends
        )
        distance = np.sqrt(sum((one.astype(float) - other) ** 2))
        assert row["l2_distance"] == pytest.approx(distance, rel=1e-9)
        similarity = one.astype(float) @ other / np.sqrt(sum(one.astype(float) ** 2))
        similarity /= np.sqrt(sum(other.astype(float) ** 2))
        assert row["cosine_distance"] == pytest.approx(1 - similarity, abs=1e-9)


def where(row, *more):
    return tuple(row[name] for name in ("network", "initialization", "rewind_step", "level", *more))


def test_at_step_0_the_state_has_gone_no_way(found):
    ways = [r for _, r in of(found, "distance") if r["between"] == "initialization_to_k"]
    assert {row["l2_distance"] == 0 for row in ways if row["rewind_step"] == 0} == {True}
    assert all(row["l2_distance"] > 0 for row in ways if row["rewind_step"] > 0)
    assert all(row["step"] == row["rewind_step"] for row in ways)


def test_the_error_at_rewinding_is_of_that_step(store, found, examples):
    at_k = {
        (row["initialization"], row["step"]): row
        for _, row in of(found, "evaluation")
        if row["noise"] == [0]
    }
    assert set(at_k) == {(i, k) for i in (0, 1) for k in (0, 20)}
    for initialization in (0, 1):
        weights = network(MODEL).initial_weights(initialization)
        error = numpy_training.error_and_loss(weights, *examples["test"])[0]
        row = at_k[initialization, 0]
        assert row["test_error"] == error > at_k[initialization, 20]["test_error"]
        assert (row["network"], row["rewind_step"]) == ("dense", 0)


def test_distances_between_ends_are_those_of_the_line(found):
    """Pruned weights are zero at both ends, so that the mask changes nothing there."""
    lines = {
        where(row, "noise")[:4] + tuple(row["noise"]): row for _, row in of(found, "instability")
    }
    ends = [row for _, row in of(found, "distance") if row["between"] == "end_to_end"]
    assert len(ends) == len(lines)
    for row in ends:
        line = lines[(*where(row), *row["noise"])]
        assert row["l2_distance"] == line["l2_distance"]
        assert row["cosine_distance"] == pytest.approx(line["cosine_distance"], abs=1e-12)


def triangles(found, kind, value, **fields):
    """The values of the three pairs of every network's three copies."""
    groups: dict[tuple, list[float]] = {}
    for _, row in of(found, kind):
        if fields.items() <= row.items() and row.get("against", row["network"]) == row["network"]:
            groups.setdefault(where(row), []).append(row[value])
    assert len(groups) == 2 * 2 * 4 and {len(g) for g in groups.values()} == {3}
    return groups.values()


@pytest.mark.parametrize(
    ("kind", "value", "fields"),
    [
        ("instability", "l2_distance", {}),
        ("distance", "l2_distance", {"between": "end_to_end"}),
        *(
            ("comparison", f"{s}_{what}", {})
            for s in SPLITS
            for what in ("differences", "loss_distance")
        ),
    ],
)
def test_no_side_of_a_triangle_is_longer_than_the_other_two(found, kind, value, fields):
    for sides in triangles(found, kind, value, **fields):
        assert 2 * max(sides) <= sum(sides) * (1 + 1e-12)


def test_differing_classifications_lie_within_the_bounds_of_the_two_errors(store, found, examples):
    """At most all that either gets wrong (lmc footnote 3); at least what one gets wrong more."""
    for request, row in of(found, "comparison"):
        predictions = (request.measurement.first, request.measurement.second)
        for split, (_, labels) in examples.items():
            wrong = [
                round(len(labels) * store.measure(Evaluate(p.weights, TASK))[f"{split}_errors"][0])
                for p in predictions
            ]
            differences = row[f"{split}_differences"]
            assert abs(wrong[0] - wrong[1]) <= differences <= sum(wrong)


def test_a_prediction_adds_up_to_the_evaluation(store, found, examples):
    for request, row in of(found, "evaluation"):
        predicted = store.measure(Predict(request.measurement.weights, TASK))
        for split, (_, labels) in examples.items():
            assert predicted[f"{split}_classes"].dtype == np.uint16
            error = np.mean(predicted[f"{split}_classes"] != labels)
            assert row[f"{split}_error"] == pytest.approx(error, abs=1e-12)
            loss = np.mean(predicted[f"{split}_losses"], dtype=np.float64)
            assert row[f"{split}_loss"] == pytest.approx(loss, rel=1e-6)


def test_every_state_is_predicted_once(store, found):
    """Comparisons are of stored predictions: a pair takes no pass over the data."""
    ends = {
        p for r, _ in of(found, "comparison") for p in (r.measurement.first, r.measurement.second)
    }
    assert len(of(found, "comparison")) > len(ends)
    for end in ends:
        assert store.layout.artifact(end).exists()

    def nothing():
        raise AssertionError("nothing is left to be computed")

    again = Store(store.layout.root, nothing, SilentObserver())
    first, second, *_ = sorted(ends, key=lambda end: end.key)
    reverse, forth = (again.measure(Compare(*pair)) for pair in ((second, first), (first, second)))
    assert {name: array.tolist() for name, array in reverse.items()} == {
        name: array.tolist() for name, array in forth.items()
    }


def test_the_line_reversed_and_the_line_from_a_network_to_itself(store, found, digits_folder):
    data = load(TASK, digits_folder)
    test, alphas = WholeSplit(data.test_images, data.test_labels), np.linspace(0, 1, 9)
    evaluator = Evaluator(network(MODEL), TASK, False, 100)
    for request, _ in of(found, "instability")[:4]:
        ends = (request.measurement.first, request.measurement.second)
        one, other = map(store.state, ends)
        there, back = (evaluator.line(*pair, alphas, test) for pair in ((one, other), (other, one)))
        np.testing.assert_array_equal(there.error, back.error[::-1])
        still = evaluator.line(one, one, alphas, test)
        for barrier in BARRIERS.values():
            assert barrier(there.error, alphas) == pytest.approx(
                barrier(back.error, alphas), abs=1e-12
            )
            assert barrier(still.error, alphas) == pytest.approx(0, abs=1e-12)
