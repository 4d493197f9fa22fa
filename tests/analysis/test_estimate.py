"""Estimates over samples, against numbers worked out by hand."""

import math

import pytest
from synthetic import (
    evaluation,
)

from lth_tf.analysis.estimate import Estimate, aggregate, estimate


def test_spread_is_the_sample_standard_deviation():
    assert estimate([1.0, 2.0, 3.0, 6.0]) == Estimate(3.0, math.sqrt(14 / 3), 4, 1.0, 6.0)
    assert estimate([1.0, None, 3.0]) == Estimate(2.0, math.sqrt(2), 2, 1.0, 3.0)
    one, none = estimate([5.0]), estimate([])
    assert one.mean == 5 and math.isnan(one.std) and one.n == 1
    assert none.n == 0 and math.isnan(none.mean)
    assert (one.percent(), none.percent()) == ("500.00", "-")
    assert Estimate(0.98166, 0.00061, 3).percent() == "98.17 ± 0.06"


def test_aggregate_by_fields():
    rows = [
        evaluation("imp", 0, test_error=0.25),
        evaluation("imp", 1, test_error=0.75),
        evaluation("dense", 0, level=0, test_error=0.5),
    ]
    found = aggregate(rows, ["network", "level"], "test_error")
    assert list(found) == [("dense", 0), ("imp", 15)]
    assert found["imp", 15][:3] == pytest.approx((0.5, math.sqrt(0.125), 2))
