"""Searches by scores of untrained networks: levels, rows, training; a user's own score."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from listing import rows
from score_example import HPARAMS, MODEL, ONES, START, TASK, pruned, same

from lth_tf import pruning
from lth_tf.experiments import Imp, Instability, MaskSearch
from lth_tf.experiments.planning import plan
from lth_tf.log.validation import validate
from lth_tf.measurements import Evaluate, Gradient
from lth_tf.recipes import (
    At,
    Score,
    dag,
)
from lth_tf.scores import Grasp, Snip, SynFlow
from lth_tf.store.layout import Layout

SEARCH = MaskSearch(3, 0.3, noise=3)


def levels_of(score, search=SEARCH):
    asked = Imp(MODEL, TASK, HPARAMS, 20, (0,), dataclasses.replace(search, score=score))
    return list(asked.requests())


SCORES = pytest.mark.parametrize("score", [Snip(), Grasp(), SynFlow(5)], ids=lambda s: s.NETWORK)


@SCORES
def test_levels_are_nested_and_as_dense_as_those_of_imp(store, score):
    masks = [store.mask(request.mask) for request in levels_of(score)]
    left = [sum(int(m.sum()) for m in mask.values()) for mask in masks]
    expected = [sum(m.size for m in masks[0].values())]
    for _ in range(3):
        expected.append(expected[-1] - round(0.3 * expected[-1]))
    assert left == expected
    for before, after in zip(masks, masks[1:], strict=False):
        assert all(np.all(after[n] <= before[n]) for n in before)


@pytest.mark.parametrize("score", [Snip(), Grasp()], ids=lambda s: s.NETWORK)
def test_every_level_is_that_of_a_single_shot(store, score):
    *_, last = levels_of(score)
    found = store.mask(last.mask)
    share = 1 - pruning.density(found)
    assert same(found, store.mask(pruned(score, share)))


@SCORES
def test_rows_say_which_score_found_the_network(store, score):
    asked = levels_of(score)
    experiment = Imp(MODEL, TASK, HPARAMS, 20, (0,), dataclasses.replace(SEARCH, score=score))
    constants = {"experiment": "imp", "configuration": experiment.key}
    found = list(rows(experiment, store, constants))
    for row in found:
        validate(row)
    assert [row["network"] for row in found] == ["dense", *[score.NETWORK] * 3]
    assert found[-1]["settings"]["MaskSearch.score"] == type(score).__name__
    # The dense network is IMP's own.
    assert asked[0].measurement == levels_of("magnitude")[0].measurement


def test_nothing_is_trained_between_levels(tmp_path):
    search = dataclasses.replace(SEARCH, score=Snip())
    setting = (MODEL, TASK, HPARAMS, 20, (0,), search)
    assert plan([Imp(*setting)], Layout(tmp_path)).runs == 1 + 3
    instability = Instability(
        *setting, (3,), networks=("imp",), copies=(0,), functions=("error",), rewind_steps=(0, 5)
    )
    planned = plan([instability], Layout(tmp_path))
    # A copy of each; and the way to W_5.
    assert (planned.runs, planned.steps) == (2 + 1, 20 + 15 + 5)
    assert {r.labels["network"] for r in instability.requests()} == {"snip"}
    magnitude = dataclasses.replace(instability, search=SEARCH)
    assert plan([magnitude], Layout(tmp_path)).runs == 2 + 1 + 2 * 3


def test_scores_after_rewinding_are_those_of_the_rewound_weights(store):
    """W_k on the dense run of the search: its batch is the one that the run takes at step k."""
    search = dataclasses.replace(SEARCH, score=Snip())
    asked = Imp(MODEL, TASK, HPARAMS, 20, (0,), search, (5,))
    last = list(asked.requests())[-1]
    (gradient,) = [r for r in dag(last.mask).values() if isinstance(r, Gradient)]
    assert isinstance(gradient.weights, At) and gradient.weights.step == 5
    run = gradient.weights.run
    assert (run.noise, run.first_step, run.mask) == (3, 5, ONES)
    assert store.mask(last.mask)


@dataclass(frozen=True, eq=False, repr=False)
class Steepest(Score):
    """A user's own: weights by the gradient alone, before training."""

    BEFORE_TRAINING: ClassVar[bool] = True
    NETWORK: ClassVar[str] = "steepest"

    def needs(self, weights, mask):
        return (Gradient(weights),)

    def scores(self, weights, mask, maker):
        gradient = maker.measure(Gradient(weights))
        return {name: np.abs(gradient[name]) for name in maker.mask(mask)}


def test_a_score_of_ones_own_may_need_a_gradient(store):
    *_, last = levels_of(Steepest())
    assert last.labels["network"] == "steepest"
    gradient = store.measure(Gradient(START))
    found = store.mask(last.mask)
    kept = np.concatenate([np.abs(gradient[n])[found[n] == 1] for n in found])
    gone = np.concatenate([np.abs(gradient[n])[found[n] == 0] for n in found])
    assert gone.max() <= kept.min()
    store.measure(Evaluate(last.end, TASK))
