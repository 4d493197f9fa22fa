"""Schedules against literal tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_tf.recipes import RecipeError
from lth_tf.training import Constant, Cosine, Exponential, Linear, Steps


@pytest.mark.parametrize(
    "schedule, rates",
    [
        (Constant(0.5), {0: 0.5, 1: 0.5, 10**9: 0.5}),
        (Constant(0.4, 4), {0: 0.1, 1: 0.2, 2: 0.3, 3: 0.4, 4: 0.4, 100: 0.4}),
        (Constant(0.4, 1), {0: 0.4, 1: 0.4}),
        (Steps(0.1, 0, (3, 5)), {0: 0.1, 2: 0.1, 3: 0.01, 4: 0.01, 5: 0.001, 9: 0.001}),
        (Steps(1, 0, (1,), 0.5), {0: 1.0, 1: 0.5, 2: 0.5}),
        (Steps(0.1), {0: 0.1, 10**6: 0.1}),
        # lmc table 1, ResNet-20: 10x drops at 32K and 48K; warmup: to 0.03 over 30K.
        (
            Steps(0.03, 30_000, (32_000, 48_000)),
            {0: 1e-6, 14_999: 0.015, 29_999: 0.03, 31_999: 0.03, 32_000: 3e-3, 48_000: 3e-4},
        ),
        (Linear(1, 0, 4), {0: 1.0, 1: 0.75, 2: 0.5, 3: 0.25, 4: 0.0, 5: 0.0}),
        # lmc table 1, Inception-v3: from 0.03 to 0.005.
        (Linear(0.03, 0, 10, 0.005), {0: 0.03, 5: 0.0175, 10: 0.005, 11: 0.005}),
        (Linear(1, 2, 6, 0.2), {0: 0.5, 1: 1.0, 2: 1.0, 3: 0.8, 5: 0.4, 6: 0.2, 7: 0.2}),
        (Cosine(1, 0, 4), {0: 1.0, 1: 0.5 + 0.5**1.5, 2: 0.5, 3: 0.5 - 0.5**1.5, 4: 0.0, 9: 0.0}),
        (Cosine(1, 2, 4, 0.5), {0: 0.5, 1: 1.0, 2: 1.0, 3: 0.75, 4: 0.5, 5: 0.5}),
        (Exponential(1, 0, 2, 0.5), {0: 1.0, 1: 1.0, 2: 0.5, 3: 0.5, 4: 0.25, 11: 0.03125}),
        (Exponential(1, 0, 2, 0.25, False), {0: 1.0, 1: 0.5, 2: 0.25, 3: 0.125, 4: 0.0625}),
        (Exponential(1, 0, 1, 0.5, True, 0.2), {1: 0.5, 2: 0.25, 3: 0.2, 900: 0.2}),
        (Exponential(1, 4, 2, 0.5), {0: 0.25, 1: 0.5, 2: 0.375, 3: 0.5, 4: 0.25}),
        # The reference TPU code for Inception-v3 at batch 1024: 3 epochs of 1,251 steps.
        (
            Exponential(0.66, 0, 3753, 0.94, True, 6.6e-5),
            {0: 0.66, 3752: 0.66, 3753: 0.6204, 7506: 0.583176, 10**6: 6.6e-5},
        ),
    ],
    ids=str,
)
def test_rates(schedule, rates):
    found = schedule(np.array(list(rates)))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, list(rates.values()), rtol=1e-12, atol=1e-15)


SCHEDULES = [
    *(Constant(0.1, 3), Steps(0.1, 3, (5, 9)), Linear(0.1, 3, 12), Cosine(0.1, 3, 12, 0.01)),
    *(Exponential(0.1, 3, 4), Exponential(0.1, 3, 4, 0.5, False, 0.02)),
]


@given(st.sampled_from(SCHEDULES), st.integers(0, 30), st.integers(0, 30))
def test_a_rate_does_not_depend_on_the_steps_asked_for_with_it(schedule, first, steps):
    alone = [schedule(np.array([s]))[0] for s in range(first, first + steps)]
    np.testing.assert_array_equal(schedule(np.arange(first, first + steps)), alone)


@pytest.mark.parametrize("kind", [Linear, Cosine])
def test_where_a_schedule_ends_has_to_be_said(kind):
    with pytest.raises(RecipeError, match="end is 0; it must be more than 0"):
        kind(0.1)
