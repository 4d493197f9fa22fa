"""Data order and augmentation are functions of (noise seed, step) and of nothing else."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_tf import noise as addressed
from lth_tf.data import DataError, Task
from lth_tf.data.order import (
    augmentation_draws,
    batches,
    batches_at,
    draws,
    rotation_draws,
    steps_per_epoch,
)


def oracle(noise, steps, examples, batch_size, remainder):
    """The batches of steps 0 to steps - 1, epoch by epoch, as the definition reads."""
    stream = []
    for epoch in itertools.count():
        order = addressed.generator("data order", noise, epoch).permutation(examples)
        stream.extend(order[: examples - examples % batch_size] if remainder == "drop" else order)
        if len(stream) >= steps * batch_size:
            return np.array(stream[: steps * batch_size]).reshape(steps, batch_size)


@pytest.mark.parametrize("remainder, expected", [("drop", 4), ("carry", 4.5)])
def test_steps_per_epoch(remainder, expected):
    assert steps_per_epoch(45, 10, remainder) == expected


@given(
    noise=st.integers(0, 3),
    first=st.integers(0, 30),
    steps=st.integers(0, 30),
    examples=st.integers(5, 23),
    batch_size=st.integers(1, 5),
    remainder=st.sampled_from(["drop", "carry"]),
)
def test_any_range_of_steps_is_a_slice_of_the_oracle(
    noise, first, steps, examples, batch_size, remainder
):
    rows = batches(noise, first, steps, examples, batch_size, remainder)
    whole = oracle(noise, first + steps, examples, batch_size, remainder)
    assert rows.dtype == np.int32 and rows.shape == (steps, batch_size)
    np.testing.assert_array_equal(rows, whole[first:])


def test_each_epoch_visits_each_example_once():
    for epoch in range(4):
        rows = batches(7, epoch * 10, 10, 60, 6, "drop")
        assert sorted(rows.ravel()) == list(range(60))


def test_drop_leaves_out_the_remainder_and_carry_does_not():
    dropped = batches(7, 0, 4, 45, 10, "drop")
    assert len(set(dropped.ravel())) == 40
    carried = batches(7, 0, 9, 45, 10, "carry").ravel()
    assert sorted(carried[:45]) == sorted(carried[45:]) == list(range(45))
    np.testing.assert_array_equal(dropped.ravel(), carried[:40])


def test_no_two_seeds_and_no_two_epochs_share_an_order():
    # 'seed + epoch' would make seed 1's epoch 1 the same as seed 2's epoch 0.
    orders = {batches(s, e, 1, 50, 50, "drop").tobytes() for s in range(8) for e in range(8)}
    assert len(orders) == 64


def test_the_order_is_not_the_files_order_and_never_changes():
    # Literal: another value here means that results in every store belong to other numbers.
    assert batches(0, 0, 1, 10, 10, "drop").tolist() == [[5, 0, 8, 4, 9, 3, 1, 6, 2, 7]]
    assert augmentation_draws(0, 300, 1, 3, 4).tolist() == [[[0, 0, 1], [8, 4, 1], [8, 8, 1]]]
    assert rotation_draws(0, 300, 2, 6).tolist() == [[1, 3, 3, 2, 0, 2], [1, 3, 2, 0, 2, 2]]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((45, 46, "drop"), "batch_size is 46; it must be from 1 to the number of .* examples, 45"),
        ((45, 0, "carry"), "batch_size is 0"),
        ((45, 5, "wrap"), "remainder is 'wrap'; allowed: 'drop', 'carry'"),
    ],
)
def test_impossible_batches(arguments, message):
    with pytest.raises(DataError, match=message):
        batches(0, 0, 1, *arguments)


@given(first=st.integers(0, 600), steps=st.integers(0, 400), cut=st.integers(0, 400))
def test_augmentation_is_the_same_however_the_steps_are_cut(first, steps, cut):
    cut = min(cut, steps)
    whole = augmentation_draws(3, first, steps, 2, 4)
    head = augmentation_draws(3, first, cut, 2, 4)
    tail = augmentation_draws(3, first + cut, steps - cut, 2, 4)
    assert whole.dtype == np.int32 and whole.shape == (steps, 2, 3)
    np.testing.assert_array_equal(whole, np.concatenate([head, tail]))


def test_augmentation_is_uniform_and_differs_by_step_and_seed():
    draws = augmentation_draws(1, 0, 1024, 128, 4)
    for axis, values in ((0, 9), (1, 9), (2, 2)):
        counts = np.bincount(draws[..., axis].ravel(), minlength=values)
        expected = draws.shape[0] * draws.shape[1] / values
        assert len(counts) == values
        # Five standard deviations of a binomial count.
        assert np.all(np.abs(counts - expected) < 5 * np.sqrt(expected))
    other = augmentation_draws(2, 0, 1024, 128, 4)
    assert len({step.tobytes() for step in (*draws, *other)}) == 2048


def test_no_padding_leaves_only_the_flip():
    draws = augmentation_draws(1, 0, 50, 8, 0)
    assert draws[..., :2].max() == 0 and draws[..., 2].max() == 1


@given(first=st.integers(0, 600), steps=st.integers(0, 400), cut=st.integers(0, 400))
def test_turns_are_the_same_however_the_steps_are_cut(first, steps, cut):
    cut = min(cut, steps)
    whole = rotation_draws(3, first, steps, 2)
    parts = rotation_draws(3, first, cut, 2), rotation_draws(3, first + cut, steps - cut, 2)
    assert whole.dtype == np.int32 and whole.shape == (steps, 2)
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_turns_are_uniform_and_differ_by_step_and_seed():
    turns = rotation_draws(1, 0, 1024, 128)
    counts, expected = np.bincount(turns.ravel()), turns.size / 4
    # Five standard deviations of a binomial count.
    assert len(counts) == 4 and np.all(np.abs(counts - expected) < 5 * np.sqrt(expected))
    assert len({step.tobytes() for step in (*turns, *rotation_draws(2, 0, 1024, 128))}) == 2048


def test_a_task_draws_what_it_takes_and_a_turn_changes_no_crop():
    where = (3, 250, 10)
    crops, turns = augmentation_draws(*where, 5, 2), rotation_draws(*where, 5)
    cropped = Task("mnist", augmentation="crop_and_flip", padding=2)
    both = draws(Task(**cropped.fields() | {"rotation": True}), *where, 5)
    assert draws(Task("mnist"), *where, 5).shape == (10, 0, 4)
    for found, expected in (
        (draws(cropped, *where, 5), np.concatenate([crops, 0 * turns[..., None]], -1)),
        (draws(Task("mnist", rotation=True), *where, 5)[..., 3], turns),
        (both, np.concatenate([crops, turns[..., None]], -1)),
    ):
        assert found.dtype == np.int32
        np.testing.assert_array_equal(found, expected)


@given(steps=st.sets(st.integers(0, 40)), remainder=st.sampled_from(["drop", "carry"]))
def test_the_batches_of_some_steps_are_those_of_all(steps, remainder):
    chosen = np.array(sorted(steps), np.int64)
    everything = oracle(3, 41, 23, 5, remainder)
    np.testing.assert_array_equal(batches_at(3, chosen, 23, 5, remainder), everything[chosen])
