"""A run that diverges is a result, up to the step at which it did."""

import dataclasses

import numpy as np
import pytest
from store_example import COPY, HPARAMS, MODEL, ONES, RUN, TASK, flip

from lth_tf.measurements import Evaluate, Interpolate
from lth_tf.recipes import At, Diverged, Init, Magnitude, Prune, train
from lth_tf.training import Constant

HUGE = dataclasses.replace(
    RUN, hparams=dataclasses.replace(HPARAMS, schedule=Constant(0.01), weight_decay=1e5)
)


def first_step_not_finite(store):
    with pytest.raises(Diverged) as caught:
        store.state(At(HUGE, 100))
    assert caught.value.run == HUGE
    assert f"run {HUGE.short_key} diverged at step {caught.value.step}" in str(caught.value)
    return caught.value.step


def test_a_diverged_run_is_a_result_and_is_not_trained_again(open_store):
    store, counter = open_store()
    step = first_step_not_finite(store)
    assert 2 < step < 50 and counter.steps[HUGE] > step
    again, unused = open_store()
    mask = Prune(At(HUGE, 90), ONES, 0.5, Magnitude(), "global", ())
    for recipe in (
        Evaluate(At(HUGE, 60), TASK),
        Evaluate(At(train(Init(MODEL, 0), mask, TASK, HPARAMS, 0), 5), TASK),
        Interpolate(At(COPY, 12), At(HUGE, step + 1), TASK, 3, "interpolate"),
    ):
        with pytest.raises(Diverged) as caught:
            again.measure(recipe)
        assert caught.value.step == step
    assert HUGE not in unused.steps
    assert not store.layout.recovery(HUGE).exists()


def test_states_before_a_divergence_can_be_had(open_store):
    store, _ = open_store()
    step = first_step_not_finite(store)
    before = store.state(At(HUGE, step - 1))
    assert all(np.isfinite(array).all() for array in before.weights.values())
    assert first_step_not_finite(open_store()[0]) == step


def test_a_damaged_mark_of_divergence_is_made_again(open_store):
    store, _ = open_store()
    step = first_step_not_finite(store)
    flip(store.layout.diverged(HUGE), -1)
    again, counter = open_store()
    assert first_step_not_finite(again) == step
    assert HUGE in counter.steps
