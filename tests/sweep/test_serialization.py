"""Recipes that travel are the same ones when they arrive."""

import pickle

import pytest
from sweep_example import REQUESTS, SETTING

from lth_tf.experiments import MaskSearch, search_levels, trunk
from lth_tf.recipes import RecipeError, dag
from lth_tf.sweep.serialization import pack, unpack


def test_they_arrive_as_they_were_sent_and_each_once():
    sent = [request.measurement for request in REQUESTS]
    packed = pack(sent)
    assert unpack(packed) == sent
    assert len(pickle.loads(packed)[0]) == len(dag(*sent))


def test_a_chain_of_hundreds_of_levels():
    model, task, hparams, steps, _ = SETTING
    w0 = trunk(model, task, hparams, 0, 0, 0)
    search = MaskSearch(levels=400, fraction=0.001)
    *_, last = search_levels(w0, model, task, hparams, steps, search, "reset")
    assert unpack(pack([last.end])) == [last.end]


def test_another_version_of_the_package_is_noticed(monkeypatch):
    packed = pack([REQUESTS[0].measurement])
    monkeypatch.setattr("lth_tf.recipes.Recipe.VERSION", 1000)
    with pytest.raises(RecipeError, match="another version of lth_tf"):
        unpack(packed)
