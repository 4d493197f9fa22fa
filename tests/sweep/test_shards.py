"""Every measurement is in exactly one shard, and searches and chains of decisions stay whole."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweep_example import EXPERIMENTS

from lth_tf.errors import UserError
from lth_tf.experiments.choices import undecided
from lth_tf.experiments.study import Study
from lth_tf.store.layout import Layout
from lth_tf.sweep import run
from lth_tf.sweep.shards import ShardChains, expected_by_chain, searches

# Six searches: three initializations at two rewinding steps.
STUDIES = [Study(replace(e, initializations=(0, 1, 2)), "", 0) for e in EXPERIMENTS]
MANY = [r for study in STUDIES for r in study.experiment.requests()]


def shard(index, number, studies=STUDIES):
    return [request for _, request in ShardChains(studies, index, number).advance(undecided)]


@given(number=st.integers(1, 9), turned=st.booleans())
def test_each_request_is_in_one_shard_whatever_the_order(number, turned):
    studies = STUDIES[::-1] if turned else STUDIES
    shards = [shard(index, number, studies) for index in range(number)]
    found = [request.measurement for each in shards for request in each]
    assert len(found) == len(MANY)
    assert set(found) == {r.measurement for r in MANY}
    keys = [{r.measurement.key for r in each} for each in shards]
    assert keys == [{r.measurement.key for r in shard(i, number)} for i in range(number)]


def test_the_plan_of_a_shard_is_of_what_it_measures():
    for index in range(2):
        planned = [
            r for seen in expected_by_chain(STUDIES, undecided, index, 2) for r in seen.requests
        ]
        assert [r.measurement for r in planned] == [r.measurement for r in shard(index, 2)]


def test_a_search_is_all_that_its_masks_are_for():
    names = searches(MANY)
    by_name: dict[str, set] = {}
    for request in MANY:
        place = (request.labels["initialization"], request.labels["rewind_step"])
        by_name.setdefault(names[request.end.run], set()).add(place)
    assert len(by_name) == 6 and all(len(places) == 1 for places in by_name.values())


def test_shards_are_about_as_large():
    assert [len(shard(index, 3)) for index in range(3)] == [len(MANY) // 3] * 3


@pytest.mark.parametrize("index, number", [(-1, 2), (2, 2), (1, 1)])
def test_there_is_no_such_shard(index, number, tmp_path):
    with pytest.raises(UserError, match=f"--shard_index={index}; it must be from 0 to"):
        run.plan(STUDIES, Layout(tmp_path / "store"), (index, number))


def test_what_is_measured_of_a_run_that_it_does_not_go_back_to_has_a_shard():
    # From W_0 to W_0, on the run from W_0 under noise that no other network has.
    how = {"networks": ("imp",), "functions": ("state",), "rewind_steps": (0,), "trunk_noise": 4}
    study = Study(replace(EXPERIMENTS[1], initializations=(0, 1), **how), "", 0)
    every = [request.measurement for request in study.experiment.requests()]
    shards = [[r.measurement for r in shard(index, 3, [study])] for index in range(3)]
    assert sorted(m.key for each in shards for m in each) == sorted(m.key for m in every)
