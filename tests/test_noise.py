"""Addressed randomness: a stream belongs to its address, and to nothing else."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_tf import noise

ADDRESSES = st.lists(st.integers(0, 2**40), max_size=3).map(tuple)
PURPOSES = st.sampled_from(["data order", "initial weights", "initial weights 1", ""])


def first(purpose, *address):
    return tuple(noise.generator(purpose, *address).integers(2**63, size=4))


@given(st.tuples(PURPOSES, ADDRESSES), st.tuples(PURPOSES, ADDRESSES))
def test_streams_are_equal_exactly_when_addresses_are(one, other):
    same = first(one[0], *one[1]) == first(other[0], *other[1])
    assert same == (one == other)


def test_neighboring_addresses_share_nothing():
    addresses = [(), *[a for n in (1, 2, 3) for a in itertools.product(range(4), repeat=n)]]
    draws = [x for address in addresses for x in first("p", *address)]
    assert len(set(draws)) == len(draws) == 4 * 85


def test_drawing_elsewhere_changes_nothing():
    alone = first("p", 1)
    np.random.seed(0)
    noise.generator("p", 1).random(100)
    noise.generator("p", 0).random(100)
    assert first("p", 1) == alone


def test_the_numbers_of_today_are_those_of_tomorrow():
    """If this fails, every network ever trained was trained from other numbers."""
    assert noise.generator("data order", 0, 1).permutation(8).tolist() == [1, 3, 2, 0, 7, 6, 4, 5]
    assert noise.generator("initial weights", 3).integers(1000, size=4).tolist() == [
        386,
        6,
        169,
        531,
    ]


def test_numpy_integers_are_integers():
    assert first("p", np.int64(3), np.uint8(1)) == first("p", 3, 1)


@pytest.mark.parametrize("address", [(-1,), (0, -1), (0.0,), ("0",), (None,)])
def test_other_addresses_are_refused(address):
    with pytest.raises(ValueError, match="a noise address holds integers >= 0"):
        noise.generator("p", *address)
