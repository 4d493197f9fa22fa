"""Learning rates drawn in characters, against the schedules themselves."""

import numpy as np
import pytest

from lth_tf.description.plot import breaks, plot, rates_in_words
from lth_tf.training import Constant, Cosine, Exponential, Linear, Steps

DROPS = Steps(0.1, 0, (32_000, 48_000), 0.1)
EXPECTED = """\
     0.1 |**************************
         |                          |
         |                          |
         |                          |
    0.01 |                          *************
         |                                       |
         |                                       |
         |                                       |
   0.001 |                                       *************
         ++-------------------------+------------+-----------+
          0                      32,000       48,000    63,000"""


def test_drops_on_a_logarithmic_axis_each_labeled():
    assert plot(DROPS, 63_000) == EXPECTED


@pytest.mark.parametrize(
    "schedule, steps, expected",
    [
        (DROPS, 63_000, [32_000, 48_000]),
        (DROPS, 40_000, [32_000]),
        (Steps(0.1, 100, (500,)), 600, [100, 500]),
        (Constant(0.1), 600, []),
        (Cosine(0.1, 50, 600), 600, [50]),
        (Linear(0.1, 0, 300, 0.01), 600, [300]),
    ],
)
def test_where_a_schedule_changes_its_course(schedule, steps, expected):
    assert breaks(schedule, steps) == expected


def test_rates_in_words():
    words = "0.1 at 0, 0.01 at 32,000, 0.001 at 48,000, 0.001 at 62,999"
    assert rates_in_words(DROPS, 63_000) == words
    assert rates_in_words(Constant(12e-4), 24_000) == "0.0012 throughout"
    late = "\nwarning: no drop at {}: training ends before"
    assert rates_in_words(DROPS, 5_000) == "0.1 throughout" + late.format("32,000, 48,000")
    assert rates_in_words(DROPS, 48_000).endswith(late.format("48,000"))


@pytest.mark.parametrize(
    "schedule",
    [
        Constant(0.3, 20),
        Steps(0.03, 400, (500, 700), 0.2),
        Linear(0.03, 0, 1000, 0.005),
        Cosine(2.0, 300, 1000),
        Exponential(0.66, 0, 10, 0.94, True, 1e-4),
    ],
)
@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_a_curve_has_one_star_a_column_and_is_as_high_as_the_rate(schedule, steps):
    lines = plot(schedule, steps).splitlines()
    assert max(map(len, lines)) <= 62
    curve = [line[10:].ljust(52) for line in lines[:9]]
    stars = np.array([[character == "*" for character in line] for line in curve])
    np.testing.assert_array_equal(stars.sum(0), 1)
    heights = 8 - stars.argmax(0)
    rates = schedule(np.linspace(0, steps - 1, 52).round())
    # Higher rates are never drawn lower, and the highest at the top.
    order = np.argsort(rates, kind="stable")
    assert (np.diff(heights[order]) >= 0).all()
    assert heights[np.argmax(rates)] == 8


def test_small_rates_are_not_labeled_as_zero():
    lines = plot(Exponential(0.1, 0, 1, 0.94), 600).splitlines()
    labels = [line[:9].strip() for line in lines if line[9:10] == "|"]
    assert labels == ["0.1", *[""] * 7, "8.01e-18"]
    lines = plot(Steps(1e-14, 0, (100, 200), 0.1), 300).splitlines()
    labels = [line[:9].strip() for line in lines if line[9:10] == "|"]
    assert labels == ["1e-14", "", "", "", "1e-15", "", "", "", "1e-16"]
