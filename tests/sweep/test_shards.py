"""Every measurement is in exactly one shard, and chains stay whole."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweep_example import EXPERIMENTS, REQUESTS

from lth_tf.errors import UserError
from lth_tf.sweep.shards import chains, shard_of

# Six chains: three initialisations at two rewinding steps.
MANY = [r for e in EXPERIMENTS for r in replace(e, initializations=(0, 1, 2)).requests()]


@given(number=st.integers(1, 9), order=st.randoms())
def test_each_request_is_in_one_shard_whatever_the_order(number, order):
    shuffled = MANY[:]
    order.shuffle(shuffled)
    shards = [shard_of([("", r) for r in shuffled], i, number) for i in range(number)]
    found = [request for shard in shards for _, request in shard]
    assert len(found) == len(MANY)
    assert {r.measurement for r in found} == {r.measurement for r in MANY}
    in_order = [shard_of([("", r) for r in MANY], i, number) for i in range(number)]
    keys = [[{r.measurement.key for _, r in s} for s in some] for some in (shards, in_order)]
    assert keys[0] == keys[1]


def test_a_chain_is_a_search_and_all_that_its_masks_are_for():
    names = chains(MANY)
    by_chain: dict[str, set] = {}
    for request in MANY:
        place = (request.labels["initialization"], request.labels["rewind_step"])
        by_chain.setdefault(names[request.end.run], set()).add(place)
    assert len(by_chain) == 6 and all(len(places) == 1 for places in by_chain.values())


def test_shards_are_about_as_large():
    sizes = [len(shard_of([("", r) for r in MANY], i, 3)) for i in range(3)]
    assert sizes == [len(MANY) // 3] * 3


@pytest.mark.parametrize("index, number", [(-1, 2), (2, 2), (1, 1)])
def test_there_is_no_such_shard(index, number):
    with pytest.raises(UserError, match=f"--shard_index={index}; it must be from 0 to"):
        shard_of([("", r) for r in REQUESTS], index, number)
