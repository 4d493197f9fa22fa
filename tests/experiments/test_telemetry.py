"""Telemetry of runs that another experiment trained, against NumPy on their saved states."""

import dataclasses

import keras_networks
import numpy as np
import pytest
from listing import rows

from lth_tf.connectivity import changed_signs, cosine_similarity, vectors
from lth_tf.data import Task
from lth_tf.experiments import Imp, MaskSearch, Telemetry, Training, study
from lth_tf.experiments.mask_search import replicate_noise
from lth_tf.log.validation import validate
from lth_tf.measurements import Difference, WeightStatistics
from lth_tf.models import Lenet
from lth_tf.recipes import At, Init, Ones, RecipeError, train
from lth_tf.training import Constant, Hparams, Momentum

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(60, Momentum(), Constant(0.05), weight_decay=1e-3, xla="off")
SETTING = (MODEL, TASK, HPARAMS, 30)
SEARCH = MaskSearch(2, 0.5)
IMP = Imp(*SETTING, (0, 1), SEARCH)
TELEMETRY = Telemetry(
    *SETTING, (0, 1), SEARCH, levels=(0, 2), at=(0, 1, 10), differences=(1, 10), count=4
)
KERNELS = ("dense_1/kernel", "logits/kernel")


@pytest.fixture(scope="module")
def trained(store):
    """What Imp trained, and its files; then what telemetry says of it."""
    list(rows(IMP, store, {}))
    before = {path: path.read_bytes() for path in store.layout.root.rglob("at-*.state")}
    constants = {"experiment": "telemetry", "configuration": "0" * 64}
    return before, list(rows(TELEMETRY, store, constants))


def test_it_leaves_every_state_as_it_was_and_adds_those_it_was_asked_for(store, trained):
    before, _ = trained
    after = {path: path.read_bytes() for path in store.layout.root.rglob("at-*.state")}
    assert {path: after[path] for path in before} == before
    assert {path.name for path in set(after) - set(before)} == {
        f"at-{step:09d}.state" for step in (1, 10)
    }
    folders = {path.parent for path in before}
    assert {path.parent for path in after} == folders  # no other run


def test_asked_before_the_run_is_finished_it_says_the_same(store, trained, tmp_path):
    from lth_tf.store.observer import SilentObserver
    from lth_tf.store.store import Store

    other = Store(tmp_path / "store", lambda: store.engine, SilentObserver())
    run = train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, 0)
    early = other.state(At(run, 10))
    late = store.state(At(run, 10))
    for name, array in early.weights.items():
        np.testing.assert_array_equal(array, late.weights[name])


def kernels(store, request):
    """The remaining kernel entries of the states of a weights row, by hand, float64."""
    mask, measured = store.mask(request.mask), request.measurement
    states = [store.state(w).weights for w in (measured.weights, measured.initial, measured.final)]
    return [
        np.concatenate([state[name][mask[name] == 1].astype(np.float64) for name in KERNELS])
        for state in states
    ]


def test_numbers_are_those_of_the_states_by_hand(store, trained):
    requests = list(TELEMETRY.requests())
    seen = 0
    for request, row in zip(requests, trained[1], strict=True):
        validate(row)
        if row["kind"] != "weight":
            continue
        seen += 1
        now, first, last = kernels(store, request)
        assert row["mean_magnitude"] == pytest.approx(np.abs(now).mean())
        assert row["signs_changed"] == np.mean(np.sign(now) * np.sign(first) == -1)
        assert row["l2_to_final"] == pytest.approx(np.sqrt(((now - last) ** 2).sum()))
        angle = now @ first / np.sqrt((now**2).sum() * (first**2).sum())
        assert row["cosine_to_initial"] == pytest.approx(angle)
        assert set(row["weight_values"]) <= set(now)
        if row["step"] == 0:
            assert (row["signs_changed"], row["l2_to_initial"]) == (0, 0)
            assert row["cosine_to_initial"] == pytest.approx(1)
    assert seen == 2 * 2 * 3
    values = [r["weight_values"] for r in trained[1] if r["kind"] == "weight"]
    assert {len(each) for each in values} == {4}


def test_at_the_end_the_final_weights_are_as_the_initial_ones_at_the_beginning(store, trained):
    run = train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, 0)
    end = At(run, 30)
    numbers = store.measure(WeightStatistics(end, Init(MODEL, 0), end, Ones(MODEL), 10, 0))
    assert numbers["l2_to_final"] == 0 and numbers["cosine_to_final"] == pytest.approx(1)
    assert numbers["l2_to_initial"] > 0


def test_rows_of_weights_say_the_step_of_the_final_ones():
    longer = dataclasses.replace(TELEMETRY, steps=60)
    for experiment in (TELEMETRY, longer):
        for request in experiment.requests():
            said = request.row_settings.get("Telemetry.steps")
            is_of_weights = isinstance(request.measurement, WeightStatistics)
            assert said == (experiment.steps if is_of_weights else None)


def test_differences_between_two_steps(store, trained):
    (row,) = [r for r in trained[1] if r["kind"] == "difference" and not r["level"]][:1]
    assert (row["rewind_step"], row["step"], row["between"]) == (1, 10, "k_to_later")
    run = train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, 0)
    one, other = (store.state(At(run, step)).weights for step in (1, 10))
    delta = np.concatenate([(other[n] - one[n]).ravel().astype(np.float64) for n in KERNELS])
    assert row["weights_left"] == delta.size == 444
    assert row["mean_difference"] == pytest.approx(delta.mean(), rel=1e-4)
    assert row["effective_deviation"] == pytest.approx(
        np.sqrt(((delta - delta.mean()) ** 2).mean())
    )


def test_a_table_of_six_weights():
    mask = {"a/kernel": np.array([[1, 1], [0, 1]]), "b/kernel": np.array([1, 0, 1])}
    first = {"a/kernel": np.array([[1.0, -2], [9, 3]]), "b/kernel": np.array([0.0, 9, -1])}
    second = {"a/kernel": np.array([[-1.0, -2], [7, 5]]), "b/kernel": np.array([4.0, 9, 2])}
    a, b = vectors(first, second, mask=mask)
    assert a.tolist() == [1, -2, 3, 0, -1] and b.tolist() == [-1, -2, 5, 4, 2]
    assert changed_signs(a, b) == 0.4  # zero has no sign
    assert cosine_similarity(a, b) == pytest.approx((-1 + 4 + 15 - 2) / np.sqrt(15 * 50))


def test_a_difference_of_equal_states_is_zero(store):
    w0 = Init(MODEL, 0)
    numbers = store.measure(Difference(w0, w0, Ones(MODEL)))
    assert numbers["effective_deviation"] == numbers["mean_difference"] == 0


def test_replicates_with_noise_of_their_own_share_no_seed():
    own = [replicate_noise("own_noise", noise, i) for noise in (0, 1) for i in range(5)]
    assert len(set(own)) == 10 and all(0 <= seed < 2**31 for seed in own)
    assert [replicate_noise("shared_noise", 7, i) for i in range(3)] == [7, 7, 7]
    for kind, more in ((Training, ()), (Imp, (SEARCH,)), (Telemetry, (SEARCH,))):
        asked = {"at": (30,)} if kind is Telemetry else {}
        found = kind(*SETTING, (0, 1), *more, replicates="own_noise", **asked)
        seeds = {r.labels["initialization"]: r.labels["noise"] for r in found.requests()
                 if r.labels["level"] == 0}  # fmt: skip
        assert seeds == {i: [replicate_noise("own_noise", 0, i)] for i in (0, 1)}


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"levels": (3,)}, "Telemetry.levels is (3,); it must be levels from 0 to 2"),
        ({"at": (31,)}, "Telemetry.at is (31,); it must be rising steps from 0 to 30"),
        ({"differences": (10, 1)}, "Telemetry.differences is (10, 1); it must be rising steps"),
        (
            {"differences": (5, 9), "rewind_steps": (0, 2)},
            "Telemetry.differences is (5, 9); it must be () with several rewind_steps",
        ),
        ({"count": 0}, "Telemetry.count is 0; it must be 1 or more"),
    ],
)
def test_wrong_fields_are_named(changes, message):
    with pytest.raises(RecipeError) as error:
        Telemetry(*SETTING, (0,), SEARCH, **changes)
    assert str(error.value).startswith(message)


def test_the_gradient_is_what_moves_the_velocity_less_the_decay(store, trained):
    """g_t = (v_t+1 - 0.9 v_t) / eta - lambda w_t on kernels, from two states and their slots."""
    run = train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, 0)
    now, after = store.state(At(run, 10)), store.state(At(run, 11))
    (velocity,) = now.slots
    slopes = []
    for name in KERNELS:
        before, then = (each.slots[velocity][name].astype(np.float64) for each in (now, after))
        moved = then - 0.9 * before
        rate = 1.0 if HPARAMS.optimizer.velocity == "gradients" else 0.05
        slopes.append((moved / rate - 1e-3 * now.weights[name]).ravel())
    gradient = np.concatenate(slopes)
    (row,) = [
        r
        for r in trained[1]
        if (r["kind"], r["step"], r["level"], r["initialization"]) == ("gradient", 10, 0, 0)
    ]
    assert row["mean_gradient"] == pytest.approx(np.abs(gradient).mean(), rel=1e-4)
    assert row["gradient_norm"] == pytest.approx(np.linalg.norm(gradient), rel=1e-4)


def test_a_hessian_that_cannot_be_is_refused_before_anything_is_trained(
    digits_folder, imagenet_folder
):
    wanted = dataclasses.replace(TELEMETRY, hessian_at=(0,))
    study.bind(wanted, "", digits_folder)
    random = dataclasses.replace(wanted, model=keras_networks.recipe("dropout"))
    with pytest.raises(RecipeError, match="hessian_at is .0,.; .* draws at random: .*dropout"):
        study.bind(random, "", digits_folder)
    study.bind(dataclasses.replace(random, hessian_at=()), "", digits_folder)
    streamed = dataclasses.replace(
        wanted,
        model=Lenet(widths=(6,), classes=1000, image_shape=(8, 8, 3)),
        task=Task("imagenet2012", image_size=8, test_split="validation"),
        hparams=dataclasses.replace(HPARAMS, batch_size=2),
    )
    with pytest.raises(RecipeError, match="no Hessian over images that are streamed"):
        study.bind(streamed, "", imagenet_folder)
