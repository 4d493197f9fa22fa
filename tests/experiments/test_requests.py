"""What the experiments ask for: labels, sharing, and settings that make no sense."""

import dataclasses
from itertools import combinations

import pytest

from lth_tf.data import Task
from lth_tf.experiments import Imp, Instability, MaskSearch, Training
from lth_tf.experiments.search import reinitialization_seed, trunk
from lth_tf.measurements import Evaluate, Interpolate
from lth_tf.models import Lenet
from lth_tf.recipes import At, Init, Magnitude, Mask, Ones, Prune, RecipeError, Shuffle, Train, dag
from lth_tf.training import Adam, Constant, Hparams

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(20, Adam(), Constant(0.01))
SETTING = (MODEL, TASK, HPARAMS, 30)
SEARCH = MaskSearch(levels=3, noise=9)
TRAINING = Training(*SETTING, (0, 1), noises=(0, 5), evaluate_at=(20, 10))
IMP = Imp(*SETTING, (0, 1), SEARCH, rewind_steps=(0, 10), trunk_noise=4)
INSTABILITY = Instability(
    *(*SETTING, (0, 1), SEARCH, (1, 3)), rewind_steps=(0, 10), copies=(4, 5, 6), trunk_noise=4
)


def labels(experiment):
    return [
        tuple(r.labels[n] for n in ("network", "initialization", "rewind_step", "level", "noise"))
        for r in experiment.requests()
    ]


def runs(experiment):
    """The runs of an experiment and the last step asked of each."""
    ends: dict[Train, int] = {}
    for request in experiment.requests():
        for recipe in dag(request.measurement).values():
            if isinstance(recipe, At) and recipe.step > recipe.run.first_step:
                ends[recipe.run] = max(recipe.step, ends.get(recipe.run, 0))
    return ends


def test_training_asks_for_every_seed_noise_and_step():
    assert [
        (r.labels["initialization"], r.labels["noise"], r.end.step) for r in TRAINING.requests()
    ] == [(i, [n], step) for i in (0, 1) for n in (0, 5) for step in (10, 20, 30)]
    assert {label[0] for label in labels(TRAINING)} == {"dense"}
    assert len(runs(TRAINING)) == 4


def test_imp_asks_for_every_level_at_every_rewinding_step():
    assert labels(IMP) == [
        ("imp" if level else "dense", initialization, k, level, [SEARCH.noise_of(level)])
        for initialization in (0, 1)
        for k in (0, 10)
        for level in (0, 1, 2, 3)
    ]
    for request in IMP.requests():
        assert request.measurement == Evaluate(request.end, TASK)
        assert request.end.run.mask == request.mask
        assert request.end.run.first_step == request.labels["rewind_step"]


def test_imp_is_algorithm_2():
    """The recipes of its second initialization, rewound to step 10, spelt out."""
    initial = Init(MODEL, 1)
    rewound = At(Train(initial, Ones(MODEL), TASK, HPARAMS, 4, 0, "reset"), 10)
    mask: Mask = Ones(MODEL)
    for level, request in enumerate(list(IMP.requests())[12:]):
        noise = SEARCH.noise_of(level)
        end = At(Train(rewound, mask, TASK, HPARAMS, noise, 10, "reset"), 30)
        assert (request.mask, request.end) == (mask, end)
        mask = Prune(end, mask, 0.2, Magnitude(), "global", ())


def test_every_level_is_searched_under_noise_of_its_own_unless_told_otherwise():
    seeds = [
        dataclasses.replace(SEARCH, noise=n).noise_of(level) for n in (0, 1) for level in range(50)
    ]
    assert seeds[0] == 0 and seeds[50] == 1 and len(set(seeds)) == 100
    same = dataclasses.replace(IMP, search=dataclasses.replace(SEARCH, levels_noise="same"))
    assert {r.end.run.noise for r in same.requests()} == {9}


def test_slots_carried_reach_every_run_of_the_search():
    carried = dataclasses.replace(IMP, slots="carried")
    assert {r.end.run.slots for r in carried.requests()} == {"carried"}


def test_steps_of_imp_by_hand():
    # Per initialization: 4 levels of 30 from 0; a trunk of 10 (of other noise) and 4 of 20.
    assert sum(end - run.first_step for run, end in runs(IMP).items()) == 2 * (120 + 10 + 80)
    # With the search's own noise, the trunk is the beginning of the dense network at k = 0.
    same = dataclasses.replace(IMP, trunk_noise=9)
    assert sum(end - run.first_step for run, end in runs(same).items()) == 2 * (120 + 80)


def test_instability_asks_for_every_copy_and_every_pair():
    kinds = [("dense", 0)] + [
        (kind, level)
        for level in (1, 3)
        for kind in ("imp", "random_pruning", "random_reinitialization")
    ]
    noises = [[4], [5], [6], [4, 5], [4, 6], [5, 6]]
    assert labels(INSTABILITY) == [
        (kind, initialization, k, level, noise)
        for initialization in (0, 1)
        for k in (0, 10)
        for kind, level in kinds
        for noise in noises
    ]


def test_lines_run_between_the_copies():
    for request in INSTABILITY.requests():
        if isinstance(request.measurement, Interpolate):
            first, second = request.measurement.first, request.measurement.second
            assert isinstance(first, At) and isinstance(second, At)
            assert request.end == first
            assert [first.run.noise, second.run.noise] == request.labels["noise"]
            assert dataclasses.replace(first.run, noise=second.run.noise) == second.run
            assert first.run.mask == request.mask
            assert request.measurement.alphas == 30


def dense_runs(k):
    return [
        r.end.run
        for r in INSTABILITY.requests()
        if (r.labels["network"], r.labels["rewind_step"], len(r.labels["noise"])) == ("dense", k, 1)
    ]


def test_the_copy_with_the_trunks_noise_from_step_0_is_the_trunk():
    later = trunk(MODEL, TASK, HPARAMS, 0, 4, 10)
    assert isinstance(later, At)
    assert later.run == dense_runs(0)[0]
    assert later.run not in dense_runs(0)[1:] + dense_runs(10)
    assert all(run.start == later for run in dense_runs(10)[:3])


def networks(kind, k, initialization=0):
    return {
        r.labels["level"]: r
        for r in INSTABILITY.requests()
        if r.labels
        == r.labels
        | {"network": kind, "rewind_step": k, "initialization": initialization, "noise": [4]}
    }


@pytest.mark.parametrize("k", [0, 10])
def test_what_random_pruning_and_random_reinitialization_change(k):
    tickets = networks("imp", k)
    for level, pruned in networks("random_pruning", k).items():
        assert pruned.mask == Shuffle(tickets[level].mask, 0)
        assert (
            dataclasses.replace(pruned.end.run, mask=tickets[level].mask) == tickets[level].end.run
        )
    for level, fresh in networks("random_reinitialization", k).items():
        start = Init(MODEL, reinitialization_seed(0))
        assert dataclasses.replace(tickets[level].end.run, start=start) == fresh.end.run
        assert fresh.end.run.first_step == k  # lmc fig. 22: trained for T - k steps


def test_replicates_share_no_random_mask_and_no_random_weights():
    shuffles = {networks("random_pruning", 0, i)[1].mask.key for i in (0, 1)}
    assert len(shuffles) == 2
    seeds = [reinitialization_seed(i) for i in range(100)]
    assert len({*seeds, *range(100)}) == 200
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_imp_and_instability_share_the_search():
    searched = {run for run in runs(IMP) if run.mask.key != Ones(MODEL).key}
    ends = {r.end.run for r in IMP.requests() if r.labels["level"] == 3}
    assert searched - ends <= set(runs(INSTABILITY))
    # The last level is pruned to, and not trained by the search, where only its mask is wanted.
    assert not ends & set(runs(INSTABILITY))


def test_networks_that_are_not_wanted_are_not_trained():
    dense = dataclasses.replace(INSTABILITY, networks=("dense",), levels=())
    assert {label[0] for label in labels(dense)} == {"dense"}
    assert all(run.mask.is_dense for run in runs(dense))
    assert len(labels(dense)) == 2 * 2 * 6
    # From 0: three copies; the one with the trunk's noise is the trunk. From 10: three more.
    assert sum(end - run.first_step for run, end in runs(dense).items()) == 2 * (90 + 60)


@pytest.mark.parametrize("copies", [(1, 2), (3, 1, 2, 7)])
def test_all_pairs_are_compared(copies):
    dense = dataclasses.replace(INSTABILITY, networks=("dense",), levels=(), copies=copies)
    pairs = [noise for *_, noise in labels(dense) if len(noise) == 2]
    assert pairs == 4 * [list(pair) for pair in combinations(copies, 2)]


@pytest.mark.parametrize(
    "experiment, changes, message",
    [
        (TRAINING, {"steps": 0}, "Training.steps is 0; it must be 1 or more"),
        (TRAINING, {"initializations": ()}, r"initializations is \(\); it must be one seed or mo"),
        (TRAINING, {"initializations": (1, 1)}, "initializations is .* different integers"),
        (TRAINING, {"noises": (-1,)}, "Training.noises is .*each 0 or more"),
        (TRAINING, {"noises": ()}, "Training.noises is .*one seed or more"),
        (TRAINING, {"evaluate_at": (31,)}, "Training.evaluate_at is .*steps from 1 to 30"),
        (TRAINING, {"evaluate_at": (0,)}, "Training.evaluate_at is .*steps from 1 to 30"),
        (TRAINING, {"evaluate_every": -1}, "Training.evaluate_every is -1; it must be 0 or more"),
        (IMP, {"rewind_steps": (30,)}, "Imp.rewind_steps is .*from 0 to 29, before the end"),
        (IMP, {"rewind_steps": (0, 31)}, "Imp.rewind_steps is .*from 0 to 29"),
        (IMP, {"rewind_steps": (-1,)}, "Imp.rewind_steps is .*from 0 to 29"),
        (IMP, {"rewind_steps": ()}, "Imp.rewind_steps is .*from 0 to 29"),
        (IMP, {"trunk_noise": -1}, "Imp.trunk_noise is -1; it must be 0 or more"),
        (INSTABILITY, {"rewind_steps": (30,)}, "Instability.rewind_steps is .*from 0 to 29"),
        (INSTABILITY, {"copies": (1,)}, "Instability.copies is .*two seeds or more"),
        (INSTABILITY, {"copies": ()}, "Instability.copies is .*two seeds or more"),
        (INSTABILITY, {"copies": (1, 1)}, "Instability.copies is .*different integers"),
        (INSTABILITY, {"levels": (4,)}, "Instability.levels is .*from 1 to 3"),
        (INSTABILITY, {"levels": (0,)}, "Instability.levels is .*from 1 to 3"),
        (INSTABILITY, {"levels": ()}, "Instability.levels is .*from 1 to 3"),
        (INSTABILITY, {"networks": ()}, "Instability.networks is .*one kind of network or more"),
        (INSTABILITY, {"networks": ("sparse",)}, "'sparse'; allowed: 'dense', 'imp', 'random_pr"),
        (INSTABILITY, {"barrier": "highest"}, "Instability.barrier is 'highest'; allowed: 'from_"),
        (SEARCH, {"levels": 0}, "MaskSearch.levels is 0; it must be 1 or more"),
        (SEARCH, {"fraction": 1.0}, "MaskSearch.fraction is 1.0; it must be greater than 0"),
        (SEARCH, {"fraction": 0}, "MaskSearch.fraction is 0.0; it must be greater than 0"),
        (SEARCH, {"noise": -2}, "MaskSearch.noise is -2; it must be 0 or more"),
    ],
)
def test_settings_that_make_no_sense(experiment, changes, message):
    with pytest.raises(RecipeError, match=message) as caught:
        dataclasses.replace(experiment, **changes)
    assert "\n" not in str(caught.value)
