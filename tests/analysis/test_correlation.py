"""Correlation over kinds of perturbation: literal p-values, scipy, points from rows."""

import math

import numpy as np
import pytest
import scipy.stats
from synthetic import difference, evaluation

from lth_tf.analysis.correlation import Correlated, Misfit, correlation, p_value, perturbed

NOISE = tuple(f"noise_{n}" for n in (1, 2, 3))


@pytest.mark.parametrize(
    "r, n, expected",
    [(-0.672, 14, 0.0085), (-0.726, 14, 0.0033), (-0.672, 13, 0.0119), (-0.726, 15, 0.0022)],
)
def test_p_values_of_figure_8(r, n, expected):
    """14 points are those of which the paper's r have its p, 0.008 and 0.003."""
    assert p_value(r, n) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("n", [3, 4, 5, 8, 30])
@pytest.mark.parametrize("seed", range(3))
def test_r_and_p_are_scipys(n, seed):
    draws = np.random.default_rng([n, seed])
    x = draws.standard_normal(n)
    y = 0.5 * x + draws.standard_normal(n)
    r, p = scipy.stats.pearsonr(x, y)
    assert p_value(float(r), n) == pytest.approx(p, rel=1e-4, abs=1e-8)


def rows(errors=(0.1, 0.2, 0.4), deviations=(0.05, 0.1, 0.2), k=500, **changes):
    """Two replicates of three kinds of noise, about the means that are given."""
    for i, sign in ((0, -1), (1, 1)):
        for name, error, deviation in zip(NOISE, errors, deviations, strict=True):
            where = {"rewind_step": k, "level": 6, **changes}
            yield evaluation(name, i, **where, test_error=error + sign * 0.01)
            yield difference(name, i, **where, effective_deviation=deviation + sign * 0.001, step=k)


def test_points_are_means_over_replicates_and_r_is_of_them():
    points = perturbed(list(rows()), NOISE, 500)
    assert [p.network for p in points] == list(NOISE)
    assert [p.accuracy.mean for p in points] == pytest.approx([0.9, 0.8, 0.6])
    assert [p.deviation.mean for p in points] == pytest.approx([0.05, 0.1, 0.2])
    assert [p.accuracy.n for p in points] == [2, 2, 2]
    found = correlation(points)
    assert found is not None and found.n == 3 and found.r == pytest.approx(-1)
    assert found.p == pytest.approx(0, abs=1e-6)
    assert perturbed(list(rows()), NOISE, 2000) == [] and correlation(points[:2]) is None


def test_what_has_one_of_the_two_rows_is_no_point():
    found = [row for row in rows() if (row["network"], row["kind"]) != ("noise_2", "difference")]
    assert [p.network for p in perturbed(found, NOISE, 500)] == ["noise_1", "noise_3"]


def test_statistics_are_of_the_level_that_is_shown():
    both = [*rows(), *rows((0.4, 0.2, 0.1), level=3)]
    assert Correlated(NOISE, 500, "r").estimate(both, 6).mean == pytest.approx(-1)
    assert Correlated(NOISE, 500, "r").estimate(both, 3).mean > 0.9
    assert Correlated(NOISE, 500, "p").estimate(both, 3).n == 3
    assert Correlated(NOISE, 500, "r").estimate(both, 4) is None


def test_misfit_is_the_ratio_of_mean_distances_from_the_line():
    found = list(rows((0.1, 0.3, 0.4)))
    x, y = np.array([0.05, 0.1, 0.2]), np.array([0.9, 0.7, 0.6])
    slope, intercept = np.polyfit(x, y, 1)
    off = np.abs(y - slope * x - intercept)
    ours = Misfit(NOISE, 500, NOISE[1:2], NOISE[::2]).estimate(found, 6)
    assert ours.mean == pytest.approx(off[1] / off[::2].mean()) and math.isnan(ours.std)
    assert Misfit(NOISE, 500, ("other",), NOISE).estimate(found, 6) is None
