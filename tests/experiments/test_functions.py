"""What instability analysis asks for with other functions, between steps, and on another clock."""

import dataclasses

import pytest

from lth_tf.data import Task
from lth_tf.experiments import Instability, MaskSearch
from lth_tf.experiments.experiment import Request
from lth_tf.measurements import Compare, Distance, Evaluate, Interpolate, Predict
from lth_tf.models import Lenet
from lth_tf.recipes import At, Init, Ones, RecipeError, Shuffle, dag, train
from lth_tf.training import Adam, Constant, Hparams

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(20, Adam(), Constant(0.01))
SPARSE = ("imp", "random_pruning", "random_reinitialization")
EXPERIMENT = Instability(
    *(MODEL, TASK, HPARAMS, 30, (0, 1), MaskSearch(3), (1, 3)),
    rewind_steps=(0, 10),
    copies=(4, 5, 6),
)
PAIRS = [[4, 5], [4, 6], [5, 6]]


def asked(**changes):
    return list(dataclasses.replace(EXPERIMENT, **changes).requests())


def of(requests, **labels):
    return [r for r in requests if r.labels.items() >= labels.items()]


def runs(requests):
    """The runs of some requests and the last step asked of each."""
    ends: dict = {}
    for recipe in dag(*(request.measurement for request in requests)).values():
        if isinstance(recipe, At) and recipe.step > recipe.run.first_step:
            ends[recipe.run] = max(recipe.step, ends.get(recipe.run, 0))
    return ends


def test_every_function_is_of_the_same_copies():
    default = asked()
    for functions in (("behavior",), ("state",), ("barrier",), ("error", "state", "behavior")):
        assert runs(asked(functions=functions)) == runs(default)
    assert asked(functions=("error",)) + asked(functions=("barrier",)) != default  # another order
    both = {
        (r.measurement, r.mask) for r in asked(functions=("error",)) + asked(functions=("barrier",))
    }
    assert both == {(r.measurement, r.mask) for r in default}


def test_every_two_copies_behavior_is_compared_from_one_prediction_of_each():
    requests = asked(functions=("behavior",))
    for network, level in (("dense", 0), *((n, x) for n in SPARSE for x in (1, 3))):
        found = of(requests, network=network, level=level, rewind_step=10, initialization=1)
        assert [r.labels["noise"] for r in found] == PAIRS
        assert {r.labels["against"] for r in found} == {network}
        ends = {r.measurement.first for r in found} | {r.measurement.second for r in found}
        assert {end.weights.step for end in ends} == {30} and len(ends) == 3
    predictions = [
        x for x in dag(*(r.measurement for r in requests)).values() if isinstance(x, Predict)
    ]
    assert len(predictions) == 2 * 2 * 7 * 3 and len(requests) == 2 * 2 * 7 * 3


def test_sparse_copies_are_compared_with_dense_ones_of_other_noise():
    requests = asked(functions=("behavior_against_dense",), networks=SPARSE)
    assert {r.labels["against"] for r in requests} == {"dense"}
    assert of(requests, network="dense") == []
    for request in requests:
        sparse, dense = (
            p.weights.run for p in (request.measurement.first, request.measurement.second)
        )
        assert [sparse.noise, dense.noise] == request.labels["noise"]
        assert (sparse.mask, dense.mask) == (request.mask, Ones(MODEL))
        assert dense.first_step == sparse.first_step == request.labels["rewind_step"]
    dense = {r.measurement.second.weights.run for r in requests}
    assert dense <= set(runs(asked(networks=("dense",), levels=())))


@pytest.mark.parametrize("k", [0, 10])
def test_the_state_at_rewinding(k):
    requests = of(asked(functions=("state",)), initialization=1)
    path = train(Init(MODEL, 1), Ones(MODEL), TASK, HPARAMS, 0)
    (error,) = [r for r in requests if isinstance(r.measurement, Evaluate) and r.end.step == k]
    assert (error.measurement.weights, error.end) == (At(path, k), At(path, k))
    assert error.labels == error.labels | {"network": "dense", "rewind_step": 0, "noise": [0]}
    w_k = At(path, k) if k else Init(MODEL, 1)
    for network, level in (("dense", 0), *((n, x) for n in SPARSE[:2] for x in (1, 3))):
        labels = {"network": network, "level": level, "rewind_step": k}
        (way,) = of(requests, **labels, between="initialization_to_k")
        assert way.measurement == Distance(Init(MODEL, 1), w_k, way.mask)
        assert (way.end.step, way.labels["noise"]) == (k, [0])
        (rest,) = of(requests, **labels, between="k_to_end")
        assert rest.measurement == Distance(w_k, rest.end, way.mask)
        assert (rest.end.run.noise, rest.end.step, rest.end.run.mask) == (4, 30, way.mask)
        ends = of(requests, **labels, between="end_to_end")
        assert [r.labels["noise"] for r in ends] == PAIRS
        for request in ends:
            one, other = request.measurement.first, request.measurement.second
            assert [one.run.noise, other.run.noise] == request.labels["noise"]
            assert {request.measurement.mask, one.run.mask, other.run.mask} == {way.mask}
    # New initial weights are on no way from W_0 to W_k.
    assert of(requests, network=SPARSE[2], between="initialization_to_k") == []
    assert isinstance(of(requests, network="random_pruning")[0].mask, Shuffle)


def test_pairs_are_compared_throughout_training():
    requests = asked(functions=("error", "barrier", "behavior"), compare_every=10)
    for k, steps in ((0, [10, 20, 30]), (10, [20, 30])):
        found = of(requests, network="dense", rewind_step=k, initialization=0)
        errors = [r for r in found if isinstance(r.measurement, Evaluate)]
        lines = [r.measurement for r in found if isinstance(r.measurement, Interpolate)]
        compared = [r.measurement for r in found if isinstance(r.measurement, Compare)]
        assert [r.end.step for r in errors] == [30, 30, 30]
        expected = [step for step in steps for _ in PAIRS]
        assert [line.first.step for line in lines] == expected
        assert [line.second.step for line in lines] == expected
        assert [c.second.weights.step for c in compared] == expected
    assert runs(requests) == runs(asked())


def test_copies_on_a_restarted_clock_train_for_all_steps():
    dense = {"networks": ("dense",), "levels": ()}
    absolute, restarted = asked(**dense), asked(**dense, schedule="restarted")
    for one, other in zip(absolute, restarted, strict=True):
        assert {**one.labels, "schedule": "restarted"} == other.labels
        before, after = one.end.run, other.end.run
        assert after == dataclasses.replace(before, first_step=0)
        assert one.end.step == other.end.step == 30
        same = one.labels["rewind_step"] == 0  # where it has not begun, it is not restarted
        assert (one.measurement == other.measurement) == same
    assert sum(end - run.first_step for run, end in runs(restarted).items()) == 2 * (90 + 10 + 90)


def test_the_search_goes_on_from_k_though_the_copies_restart():
    masks = [
        {r.mask for r in asked(networks=("imp",), schedule=s)} for s in ("absolute", "restarted")
    ]
    assert masks[0] == masks[1]


def test_the_clock_at_which_a_restarted_pair_is_compared_is_its_own():
    dense = {"networks": ("dense",), "levels": (), "functions": ("barrier",)}
    requests = asked(**dense, schedule="restarted", compare_every=15)
    for k in (0, 10):
        found = of(requests, rewind_step=k, initialization=0, noise=[4, 5])
        assert [r.end.step for r in found] == [15, 30]


END = At(train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, 4), 30)
SPARSE_END = At(train(Init(MODEL, 0), Shuffle(Ones(MODEL), 0), TASK, HPARAMS, 4), 30)
LATER = At(END.run, 31)
OTHER = At(train(Init(MODEL, 1), Ones(MODEL), TASK, HPARAMS, 4), 30)


@pytest.mark.parametrize("second", [SPARSE_END, LATER])
def test_two_ends_of_the_same_noise_are_refused(second):
    apart = Distance(END, second, Ones(MODEL))
    for pair, labels in (
        (Interpolate(END, second, TASK, 5, "interpolate"), {}),
        (Compare(Predict(END, TASK), Predict(second, TASK)), {}),
        (apart, {"between": "end_to_end"}),
    ):
        with pytest.raises(RecipeError, match="same SGD noise, 4, from the same state") as caught:
            Request(pair, Ones(MODEL), END, labels)
        assert "\n" not in str(caught.value)
    # How far one run goes is no comparison of two.
    assert Request(apart, Ones(MODEL), END, {"between": "k_to_end"}).measurement == apart


def test_ends_of_two_initializations_may_be_of_the_same_noise():
    line = Interpolate(END, OTHER, TASK, 5, "interpolate")
    assert Request(line, Ones(MODEL), END, {}).measurement == line


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"functions": ()}, "Instability.functions is .*different functions, one or more"),
        ({"functions": ("state", "state")}, "Instability.functions is .*different functions"),
        ({"functions": ("loss",)}, "'loss'; allowed: 'error', 'barrier', 'behavior'"),
        ({"compare_every": -1}, "Instability.compare_every is -1; it must be 0 or more"),
        ({"schedule": "reset"}, "schedule is 'reset'; allowed: 'absolute', 'restarted'"),
    ],
)
def test_settings_that_make_no_sense(changes, message):
    with pytest.raises(RecipeError, match=message):
        dataclasses.replace(EXPERIMENT, **changes)
