"""Searches of another length, setting or task than their tickets: sgd_noise 4.3, 4.4, 5.2, F.1."""

import dataclasses

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf.data import ForgottenSubset, RandomSubset, Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import (
    AdaptiveImp,
    Imp,
    Instability,
    MaskSearch,
    Perturbed,
    Pretraining,
    SparsePretraining,
    SparseTraining,
    Telemetry,
    Training,
    study,
)
from lth_tf.measurements import Evaluate, Forgetting
from lth_tf.models import Lenet
from lth_tf.models.network import network
from lth_tf.recipes import At, RecipeError, dag
from lth_tf.store.plan import make_plan
from lth_tf.training import Adam, Constant, Hparams, Momentum

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
FAST, SLOW = (Hparams(60, Adam(), Constant(rate), xla="off") for rate in (0.03, 0.01))
STEPS, SHORT, FRACTION = 24, 6, 0.4
SEARCH = MaskSearch(2, FRACTION)
OWN = MaskSearch(2, FRACTION, hparams=FAST, steps=SHORT)


def tickets(search=SEARCH, task=TASK, hparams=SLOW, steps=STEPS, seeds=(0,), **more):
    return SparseTraining(MODEL, task, hparams, steps, seeds, search, **more)


def measured(experiment):
    return [request.measurement for request in experiment.requests()]


def test_equal_settings_give_the_recipes_of_a_search_without_its_own():
    plain = measured(Imp(MODEL, TASK, SLOW, STEPS, (0,), SEARCH))
    assert measured(tickets()) == plain
    named = MaskSearch(2, FRACTION, task=TASK, hparams=SLOW, steps=STEPS)
    assert measured(tickets(named)) == plain
    (first, *_) = tickets(named).requests()
    assert first.axes == {} and "dataset" not in first.labels
    chosen = measured(tickets(levels=(0, 2)))
    assert chosen == [plain[0], plain[2]]
    both = measured(tickets(levels=(1,), networks=("imp", "random_pruning")))
    assert both[0] == plain[1] and both[1].weights.run.start == plain[1].weights.run.start


def test_other_settings_reach_the_ticket_through_its_mask_alone():
    ours, theirs = measured(tickets(OWN))[2].weights.run, measured(tickets())[2].weights.run
    assert (ours.hparams, ours.task, ours.start) == (SLOW, TASK, theirs.start)
    assert ours.mask != theirs.mask and ours.mask.level == theirs.mask.level == 2
    search = ours.mask.weights
    assert (search.step, search.run.hparams) == (SHORT, FAST)
    request = [*tickets(OWN).requests()][-1]
    assert request.axes == {"searched_with": "adam, batch 60", "search_share": 0.25, "examples": 1}
    settings = Evaluate(At(ours, STEPS), TASK).settings
    assert settings["Constant.rate"] == 0.01 and 0.03 in settings.values()


def trained(weights, mask, noise, steps, rate, examples):
    images = examples.train_images / 255
    order = batches(noise, 0, steps, len(images), 60, "drop")
    seen = [(images[chosen], examples.train_labels[chosen]) for chosen in order]
    return numpy_training.adam(weights, mask, seen, rate)[0]


def test_masks_of_a_short_search_and_their_tickets_are_the_papers(store, digits_folder):
    examples = load(TASK, digits_folder)
    initial = network(MODEL).initial_weights(0)
    mask = {n: np.ones(a.shape) for n, a in initial.items() if n.endswith("kernel")}
    for level in range(2):
        end = trained(initial, mask, OWN.noise_of(level), SHORT, 0.03, examples)
        left = np.concatenate([abs(end[n][m == 1]) for n, m in mask.items()])
        limit = np.sort(left)[round(FRACTION * len(left))]
        mask = {n: m * (abs(end[n]) >= limit) for n, m in mask.items()}
    end = trained(initial, mask, OWN.noise_of(2), STEPS, 0.01, examples)
    ticket = [*tickets(OWN).requests()][-1]
    for name, array in store.mask(ticket.mask).items():
        np.testing.assert_array_equal(array, mask[name])
    for name, array in store.state(ticket.end).weights.items():
        np.testing.assert_allclose(array, end[name], atol=5e-6)


def test_few_examples_of_each_class_are_trained_on_from_the_searchs_w_k():
    few = dataclasses.replace(TASK, subset=RandomSubset(0.1))
    search = dataclasses.replace(OWN, task=TASK)
    experiment = tickets(search, few, rewind_steps=(0, 3), levels=(2,), schedule="restarted")
    for k, request in zip((0, 3), experiment.requests(), strict=True):
        run = request.end.run
        assert (run.task, run.first_step, run.start.step) == (few, 0, k)
        assert run.mask.weights.run.task == TASK
        assert request.labels["dataset"] == "digits" and request.axes["examples"] == 0.1
        if k:
            assert (run.start.run.task, run.start.run.hparams) == (TASK, FAST)


FORGOTTEN = dataclasses.replace(TASK, subset=ForgottenSubset("highest", 0.25, balanced=False))
COUNTED = MaskSearch(1, FRACTION, task=TASK, steps=46)


def test_what_was_forgotten_most_is_counted_first_in_each_initializations_own_dense_run(store):
    experiment = tickets(COUNTED, FORGOTTEN, steps=8, seeds=(0, 1), levels=(0,))
    requests = [*experiment.requests()]
    scores = [request.end.run.task.subset.scores for request in requests]
    for seed, score in enumerate(scores):
        assert isinstance(score, Forgetting)
        run = score.recorded.run
        assert (run.start.seed, run.task, score.recorded.step) == (seed, TASK, 46)
    # Nothing is trained for the scores but what the search trains anyway.
    ticket = [*tickets(COUNTED, FORGOTTEN, steps=8, seeds=(0,), levels=(1,)).requests()][0]
    assert scores[0].recorded.run in [r.made_by for r in dag(ticket.mask).values()]
    plan = make_plan([request.measurement for request in requests], store.layout)
    assert (plan.runs, plan.steps) == (4, 2 * (46 + 8))
    found = [*rows(experiment, store, {"experiment": "imp"})]
    assert {row["dataset"] for row in found} == {"digits"}
    assert found[0]["settings"]["MeasuredSubset.keep"] == "highest"


def test_stability_of_networks_on_what_is_forgotten():
    experiment = Instability(MODEL, FORGOTTEN, SLOW, 8, (0,), COUNTED, networks=("dense",))
    requests = [*experiment.requests()]
    assert {r.end.run.task.subset.scores.recorded.step for r in requests} == {46}
    assert {r.axes["examples"] for r in requests} == {0.25}


def test_forgetting_and_convergence_are_of_tickets_too(store):
    functions = ("error", "forgetting", "convergence")
    experiment = tickets(MaskSearch(2, 0.5), levels=(0, 2), functions=functions, epoch=23)
    found = [*rows(experiment, store, {"experiment": "imp"})]
    assert [row["level"] for row in found] == [0, 0, 0, 2, 2, 2]
    dense, ticket = found[1], found[4]
    assert (dense["kind"], dense["network"]) == ("forgetting", "dense")
    assert ticket["network"] == "imp" and ticket["density"] == pytest.approx(0.25, abs=1e-3)
    assert ticket["never_learned"] != dense["never_learned"]
    assert len(found[5]["errors_by_epoch"]) == 3  # of the start, steps 23 and 24


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: tickets(MaskSearch(2, steps=4), rewind_steps=(0, 5)),
            "different steps from 0 to 3, before the",
        ),
        (
            lambda: tickets(OWN, rewind_steps=(0, 3)),
            "schedule is 'absolute'; it must be 'restarted'",
        ),
        (
            lambda: tickets(levels=(3,)),
            "SparseTraining.levels is .3,.; it must be levels from 0 to 2",
        ),
        (
            lambda: tickets(functions=("convergence",)),
            "SparseTraining.epoch is 0; it must be 1 or more, the ste",
        ),
        (
            lambda: tickets(functions=()),
            "SparseTraining.functions is ..; it must be different functions",
        ),
        (
            lambda: tickets(task=FORGOTTEN),
            "Task.subset is .*; it must be another subset, unless Mask",
        ),
        (lambda: Training(MODEL, FORGOTTEN, SLOW, 9, (0,)), "unless MaskSearch.task is what its"),
        (
            lambda: tickets(MaskSearch(2, task=FORGOTTEN)),
            "MaskSearch.task is .*; it must be a task without a ForgottenSubset",
        ),
        (lambda: MaskSearch(2, steps=-1), "MaskSearch.steps is -1; it must be 0, for as many as"),
    ],
)
def test_what_cannot_be_meant_is_refused(make, message):
    with pytest.raises(RecipeError, match=message):
        make()


@pytest.mark.parametrize(
    "own", [{"task": Task("digits", mean=(0.5,))}, {"hparams": FAST}, {"steps": SHORT}]
)
@pytest.mark.parametrize(
    "kind, fields",
    [
        (Imp, {}),
        (AdaptiveImp, {"epoch": 4}),
        (Telemetry, {"at": (0, 4)}),
        (Perturbed, {"levels": (1,)}),
        (Pretraining, {"lengths": (1,), "epoch": 4}),
        (SparsePretraining, {"levels": (1,), "length": 1, "epoch": 4}),
    ],
)
def test_tickets_that_go_on_from_the_search_take_no_setting_of_its_own(kind, fields, own):
    made = kind(MODEL, TASK, SLOW, STEPS, (0,), SEARCH, **fields)
    with pytest.raises(RecipeError, match="it must be a search without task, hparams and steps"):
        dataclasses.replace(made, search=dataclasses.replace(SEARCH, **own))


def test_every_task_and_network_is_held_to_its_data(digits_folder):
    few = dataclasses.replace(TASK, subset=RandomSubset(0.1))
    search = dataclasses.replace(OWN, task=TASK)
    bound = study.bind(tickets(search, few), "", digits_folder).experiment
    assert bound.task.fingerprint == bound.search.task.fingerprint != ""
    large = dataclasses.replace(OWN, hparams=Hparams(2000, Momentum(), Constant(0.1), xla="off"))
    with pytest.raises(RecipeError, match="batch_size is 2000; it must be at most 1,437"):
        study.bind(tickets(large), "", digits_folder)
