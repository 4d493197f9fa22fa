"""Barriers, distances and the line against the papers' formulas, written out in NumPy."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lth_tf.connectivity import BARRIERS, ConnectivityError, cosine_distance, l2_distance
from lth_tf.data import Task
from lth_tf.measurements import Interpolate
from lth_tf.models import Lenet
from lth_tf.recipes import Init
from lth_tf.state import State

MEAN, STRAIGHT = BARRIERS["from_mean_of_ends"], BARRIERS["from_line_between_ends"]


@pytest.mark.parametrize(
    "errors, from_mean, from_line",
    [
        ([0.1, 0.1, 0.1], 0.0, 0.0),
        ([0.1, 0.5, 0.3], 0.3, 0.3),  # the mean of the ends is the middle of the line
        ([0.0, 0.1, 0.2], 0.1, 0.0),  # rising evenly: the higher end is above the mean
        ([0.2, 0.1, 0.0], 0.1, 0.0),
        ([0.2, 0.0, 0.2], 0.0, 0.0),  # a dip is no barrier
        ([0.0, 0.9, 0.9, 0.9, 0.0], 0.9, 0.9),
        ([0.0, 0.4, 0.4, 0.4, 0.4], 0.2, 0.3),
        ([2.0, 90.0, 4.0], 87.0, 87.0),  # percent in, percent points out
    ],
)
def test_barriers(errors, from_mean, from_line):
    alphas = np.linspace(0, 1, len(errors))
    assert MEAN(np.array(errors), alphas) == pytest.approx(from_mean, abs=1e-12)
    assert STRAIGHT(np.array(errors), alphas) == pytest.approx(from_line, abs=1e-12)


ERRORS = hnp.arrays(np.float64, st.integers(3, 31), elements=st.floats(0, 1))


@given(ERRORS)
def test_barriers_against_the_formulas(errors):
    """lmc section 2: sup E_alpha - mean(E_1, E_2); unmasking appendix A: against the line."""
    alphas = np.linspace(0, 1, len(errors))
    sup = max(errors)
    assert MEAN(errors, alphas) == pytest.approx(sup - np.mean([errors[0], errors[-1]]), abs=1e-12)
    excess = [
        e - (a * errors[-1] + (1 - a) * errors[0]) for e, a in zip(errors, alphas, strict=True)
    ]
    assert STRAIGHT(errors, alphas) == pytest.approx(max(excess), abs=1e-12)
    assert STRAIGHT(errors, alphas) >= 0 and MEAN(errors, alphas) >= 0


@given(ERRORS)
def test_barriers_do_not_depend_on_which_copy_comes_first(errors):
    alphas = np.linspace(0, 1, len(errors))
    for barrier in BARRIERS.values():
        assert barrier(errors[::-1], alphas) == pytest.approx(barrier(errors, alphas), abs=1e-12)


def weights(*values):
    numbers = np.array(values, np.float32)
    return {"a/kernel": numbers[:2].reshape(1, 2), "a/bias": numbers[2:]}


@pytest.mark.parametrize(
    "first, second, l2, cosine",
    [
        ((3, 0, 0), (0, 4, 0), 5, 1),
        ((1, 2, 3), (2, 4, 6), np.sqrt(14), 0),
        ((1, 2, 3), (-1, -2, -3), 2 * np.sqrt(14), 2),
        ((1, 0, 0), (1, 0, 1), 1, 1 - 1 / np.sqrt(2)),
        ((1, 2, 3), (1, 2, 3), 0, 0),
    ],
)
def test_distances(first, second, l2, cosine):
    one, other = weights(*first), weights(*second)
    assert l2_distance(one, other) == pytest.approx(l2)
    assert cosine_distance(one, other) == pytest.approx(cosine, abs=1e-12)
    reordered = dict(reversed(other.items()))
    assert l2_distance(one, reordered) == pytest.approx(l2)
    assert cosine_distance(one, reordered) == pytest.approx(cosine, abs=1e-12)


def test_distances_are_summed_in_float64():
    """A float32 sum over a LeNet's 266,610 weights is off in the fifth digit."""
    rng = np.random.default_rng(0)
    one, other = (rng.normal(size=266_610).astype(np.float32) for _ in range(2))
    expected = np.sqrt(np.sum((one.astype(np.float64) - other.astype(np.float64)) ** 2))
    assert l2_distance({"w": one}, {"w": other}) == pytest.approx(expected, rel=1e-13)


def test_cosine_distance_of_nothing_is_not_a_number():
    with np.errstate(invalid="ignore"):
        assert np.isnan(cosine_distance(weights(0, 0, 0), weights(1, 0, 0)))


def line(first, second, points, evaluate):
    """What Interpolate measures between two networks with an engine that evaluates so."""
    ends = [Init(Lenet(), seed) for seed in (0, 1)]
    states = [State(0, weights, {}) for weights in (first, second)]
    engine = SimpleNamespace(curves=lambda *setting: evaluate(setting[-2]))
    maker = SimpleNamespace(
        state=lambda weights: states[weights.seed], doing=lambda description: None, engine=engine
    )
    return Interpolate(*ends, Task("digits"), points, "interpolate").make(maker)


def quadratic(first, second):
    """E(w) = sum of w^2 along the line, by the definition alpha W_1 + (1 - alpha) W_2."""

    def evaluate(alphas):
        mixed = [{n: a * first[n] + (1 - a) * second[n] for n in first} for a in alphas]
        return {"train_errors": np.array([sum((m**2).sum() for m in w.values()) for w in mixed])}

    return evaluate


def test_a_line_runs_from_the_second_to_the_first():
    one, other = weights(2, 0, 0), weights(0, 1, 0)
    found = line(one, other, 5, quadratic(one, other))
    np.testing.assert_allclose(found["alphas"], [0, 0.25, 0.5, 0.75, 1], rtol=0)
    np.testing.assert_allclose(found["train_errors"], [1, 0.8125, 1.25, 2.3125, 4])
    assert found["l2_distance"] == pytest.approx(np.sqrt(5))
    assert found["cosine_distance"] == pytest.approx(1)


def test_a_line_reversed_has_the_same_barriers():
    one, other = weights(2, 0, 1), weights(0, 1, -3)
    there = line(one, other, 30, quadratic(one, other))
    back = line(other, one, 30, quadratic(other, one))
    np.testing.assert_allclose(there["train_errors"], back["train_errors"][::-1])
    for barrier in BARRIERS.values():
        heights = [barrier(x["train_errors"], x["alphas"]) for x in (there, back)]
        assert heights[0] == pytest.approx(heights[1])
    assert there["l2_distance"] == back["l2_distance"]
    assert there["cosine_distance"] == pytest.approx(back["cosine_distance"])


def test_equal_copies_are_an_error_and_are_not_evaluated():
    def evaluate(alphas):
        raise AssertionError("evaluated")

    with pytest.raises(ConnectivityError, match="exactly the same weights"):
        line(weights(1, 2, 3), weights(1, 2, 3), 5, evaluate)


def test_copies_that_differ_in_one_weight_are_two():
    one, other = weights(1, 2, 3), weights(1, 2, np.nextafter(np.float32(3), np.float32(4)))
    assert line(one, other, 3, quadratic(one, other))["l2_distance"] > 0
