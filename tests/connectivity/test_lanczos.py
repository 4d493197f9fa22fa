"""Lanczos against NumPy's eigenvalues of the whole matrix."""

import numpy as np
import pytest

from lth_tf.connectivity import lanczos

DRAWS = np.random.default_rng(3)


def symmetric(values):
    """A matrix with these eigenvalues and random eigenvectors, and the vectors as columns."""
    vectors = np.linalg.qr(DRAWS.standard_normal((len(values), len(values))))[0]
    return vectors @ np.diag(values) @ vectors.T, vectors


def test_the_ends_of_a_spectrum_with_outliers():
    """A bulk about zero, ten large eigenvalues, two negative ones: as a Hessian has them."""
    values = np.sort([*DRAWS.normal(0, 0.05, 188), *range(5, 15), -3, -1])
    matrix, vectors = symmetric(values)
    found = lanczos(lambda v: matrix @ v, DRAWS.standard_normal(200), 60)
    assert len(found.values) == 60
    np.testing.assert_allclose(found.values[-10:], values[-10:], rtol=1e-8)
    np.testing.assert_allclose(found.values[:2], values[:2], rtol=1e-8)
    leading = vectors[:, -10:]
    vector = DRAWS.standard_normal(200)
    share = np.sum((leading.T @ vector) ** 2) / np.sum(vector**2)
    assert found.share_in_leading(vector, 10) == pytest.approx(share, rel=1e-6)
    assert found.share_in_leading(leading[:, 0], 10) == pytest.approx(1)
    assert found.share_in_leading(vectors[:, 5], 10) == pytest.approx(0, abs=1e-9)


def test_all_iterations_give_all_eigenvalues_and_none_twice():
    values = np.sort([1.0, 1.5, -2, 4, 7, -0.5])
    matrix, _ = symmetric(values)
    found = lanczos(lambda v: matrix @ v, DRAWS.standard_normal(6), 100)
    np.testing.assert_allclose(found.values, values, atol=1e-10)
    assert found.weights.sum() == pytest.approx(1)


def test_a_vector_in_the_leading_space_has_a_share_of_at_most_1():
    for size in [*range(3, 20)] * 3:
        matrix, _ = symmetric(np.arange(size) - 2.0)
        found = lanczos(lambda v, a=matrix: a @ v, DRAWS.standard_normal(size), size)
        assert 1 - 1e-12 < found.share_in_leading(DRAWS.standard_normal(size), size) <= 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_of_what_is_not_finite_nothing_is_a_number(value):
    found = lanczos(lambda v: np.where(np.arange(6) < 1, value, v), np.ones(6), 4)
    shares = found.negative_share, found.share_in_leading(np.ones(6), 2)
    assert np.isnan([*found.values, *found.weights, *shares]).all() and len(found.values) == 4
    assert found.vectors.shape == (6, 4)


def test_it_stops_where_the_start_vector_has_nothing_more():
    matrix, vectors = symmetric(np.array([1.0, 2, 3, 4, 5]))
    found = lanczos(lambda v: matrix @ v, vectors[:, 1] + vectors[:, 3], 5)
    np.testing.assert_allclose(found.values, [2, 4], atol=1e-10)


def test_the_share_of_negative_eigenvalues_is_estimated_over_start_vectors():
    values = np.array([-1.0] * 30 + [2.0] * 70)
    matrix, _ = symmetric(values)
    shares = [
        lanczos(lambda v: matrix @ v, DRAWS.standard_normal(100), 10).negative_share
        for _ in range(200)
    ]
    assert np.mean(shares) == pytest.approx(30 / (30 + 140), abs=0.01)
    assert lanczos(lambda v: 0 * v, np.ones(4), 3).negative_share == 0
