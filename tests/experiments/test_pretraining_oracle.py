"""Pretraining through the whole package against early_phase section 6 in NumPy, on the digits."""

import dataclasses

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf import noise as addressed
from lth_tf.data import Pretext, Task, load
from lth_tf.data.order import batches, rotation_draws
from lth_tf.experiments import MaskSearch, Pretraining, SparsePretraining, study
from lth_tf.experiments.search import reinitialization_seed
from lth_tf.log.validation import validate
from lth_tf.models import Lenet, from_keras
from lth_tf.models.network import network
from lth_tf.recipes import RecipeError
from lth_tf.training import Adam, Constant, Hparams

MODEL = Lenet(widths=(6,), image_shape=(8, 8, 1))
FOUR = dataclasses.replace(MODEL, classes=4)
TASK = Task("digits", mean=(0.3,), std=(0.4,))
BATCH, RATE, STEPS, EPOCH, LEVELS = 60, 0.02, 30, 5, 2
SEARCH = MaskSearch(LEVELS, 0.3, noise=7)
SETTING = (MODEL, TASK, Hparams(BATCH, Adam(), Constant(RATE), xla="off"), STEPS, (3,), SEARCH)
DENSE = Pretraining(*SETTING, lengths=(1, 2), epoch=EPOCH, pretexts=("rotation", "blur"))
NETWORKS = ("imp", "initial_weights", "random_reinitialization", "random_pruning")
SPARSE = SparsePretraining(
    *SETTING, levels=(LEVELS,), length=2, epoch=EPOCH, networks=NETWORKS, rewind_steps=(10,)
)
KERNELS = ("dense_1/kernel", "logits/kernel")
HEAD = ("logits/kernel", "logits/bias")


@pytest.fixture(scope="module")
def examples(digits_folder):
    return load(TASK, digits_folder)


def search_noise(level):
    return 7 if level == 0 else int(addressed.generator("mask search", 7, level).integers(2**31))


def trained(weights, mask, noise, s, t, examples, turned=False):
    """A^{s->t}(mask * weights, noise), on the digits or on how they are turned."""
    images, labels = examples.train_images, examples.train_labels
    order = batches(noise, s, t - s, len(images), BATCH, "drop")
    seen = [(images[chosen], labels[chosen]) for chosen in order]
    if turned:
        turns = rotation_draws(noise, s, t - s, BATCH).reshape(t - s, BATCH)
        seen = [
            (np.stack([np.rot90(i, n) for i, n in zip(batch, by, strict=True)]), by)
            for (batch, _), by in zip(seen, turns, strict=True)
        ]
    seen = [((batch / 255 - 0.3) / 0.4, expected) for batch, expected in seen]
    return numpy_training.adam(weights, mask, seen, RATE)[0]


def pruned(mask, end):
    kept = np.concatenate([np.abs(end[n][mask[n] == 1]) for n in KERNELS])
    cut = np.sort(kept)[round(0.3 * kept.size) - 1]
    return {n: mask[n] * (np.abs(end[n]) > cut) for n in KERNELS}


def with_head(weights, seed, model):
    """The weights, with the head that a fresh initialization of a network has."""
    return {**weights, **{n: network(model).initial_weights(seed)[n] for n in HEAD}}


def ones(model=MODEL):
    shapes = network(model).shapes
    return {name: np.ones(shapes[name]) for name in KERNELS}


def close(store, request, wanted):
    state = store.state(request.end)
    for name, array in wanted.items():
        np.testing.assert_allclose(state.weights[name], array, atol=1e-5)


@pytest.mark.parametrize("length", [1, 2])
def test_rotation_then_a_new_head_then_imp_from_there(store, examples, length):
    w0 = network(FOUR).initial_weights(3)
    np.testing.assert_array_equal(w0[KERNELS[0]], network(MODEL).initial_weights(3)[KERNELS[0]])
    before = trained(w0, ones(FOUR), 0, 0, length * EPOCH, examples, turned=True)
    start, mask = with_head(before, 3, MODEL), ones()
    asked = [r for r in DENSE.requests() if r.labels["network"] == f"rotation_{length}_epochs"]
    assert [r.labels["level"] for r in asked] == [0, 1, 2]
    for level, request in enumerate(asked):
        for name, array in store.mask(request.mask).items():
            np.testing.assert_array_equal(array, mask[name])
        # Clock 0: the batches of steps 0 to T, moments from zero.
        end = trained(start, mask, search_noise(level), 0, STEPS, examples)
        assert store.state(request.end).updates == STEPS
        close(store, request, end)
        begin = store.state(request.end.run.start)
        for name in HEAD:
            np.testing.assert_array_equal(begin.weights[name], start[name])
        mask = pruned(mask, end)


def test_where_classes_agree_the_head_is_kept_and_lengths_are_states_of_one_run(store):
    asked = [r for r in DENSE.requests() if r.labels["network"].startswith("blur")]
    starts = {r.labels["network"]: r.end.run.start for r in asked}
    assert {n: s.step for n, s in starts.items()} == {"blur_1_epochs": 5, "blur_2_epochs": 10}
    assert len({start.run for start in starts.values()}) == 1
    for request in asked:
        assert request.end.run.first_step == 0 and request.end.step == STEPS
        assert request.end.run.start.run.task.blur == 4 and request.end.run.task.blur == 1


def test_the_other_reading_of_the_clock_goes_on_from_the_pretraining():
    absolute = dataclasses.replace(DENSE, schedule="absolute")
    for request in absolute.requests():
        epochs = int(request.labels["network"].split("_")[1])
        assert request.end.run.first_step == request.labels["rewind_step"] == epochs * EPOCH
    assert {r.labels["rewind_step"] for r in DENSE.requests()} == {0}
    with pytest.raises(
        RecipeError, match=r"Pretraining.lengths is \(6,\); it must be at most 5 ep"
    ):
        dataclasses.replace(absolute, lengths=(6,))


def test_sparse_networks_are_trained_on_the_pretext_under_their_mask(store, examples):
    w0 = network(MODEL).initial_weights(3)
    rewound, mask = trained(w0, ones(), 0, 0, 10, examples), ones()
    for level in range(LEVELS):
        mask = pruned(mask, trained(rewound, mask, search_noise(level), 10, STEPS, examples))
    fresh = reinitialization_seed(3)
    starts = {
        "imp": (rewound, 3),
        "initial_weights": (w0, 3),
        "random_reinitialization": (network(MODEL).initial_weights(fresh), fresh),
        "random_pruning": (rewound, 3),
    }
    seen = []
    for request in SPARSE.requests():
        name = request.labels["network"].removesuffix("_after_rotation")
        own = {n: a.astype(float) for n, a in store.mask(request.mask).items()}
        counts = [{n: a.sum() for n, a in each.items()} for each in (own, mask)]
        assert counts[0] == counts[1]
        if name != "random_pruning":
            for kernel in KERNELS:
                np.testing.assert_array_equal(own[kernel], mask[kernel])
        start, seed = starts[name]
        whole_head = {**own, "logits/kernel": np.ones((6, 4))}
        before = trained(
            with_head(start, seed, FOUR), whole_head, 0, 0, 2 * EPOCH, examples, turned=True
        )
        assert np.all(before[KERNELS[0]][own[KERNELS[0]] == 0] == 0)
        end = trained(with_head(before, seed, MODEL), own, search_noise(LEVELS), 0, STEPS, examples)
        close(store, request, end)
        trunk = store.state(request.end.run.start).weights[KERNELS[0]]
        assert not trunk[own[KERNELS[0]] == 0].any()
        seen.append(name)
    assert seen == list(starts)


def test_rows_have_networks_of_their_own_and_the_settings_of_tickets(store):
    constants = {"experiment": "pretraining", "configuration": "0" * 64}
    found = [row for each in (DENSE, SPARSE) for row in rows(each, store, constants)]
    for row in found:
        validate(row)
    assert {row["network"] for row in found}.isdisjoint({"dense", "imp", "random_pruning"})
    sparse = [row["settings"] for row in found if row["level"]]
    # Names of networks do not say for how long these were trained on the pretext task.
    lengths = [settings.pop("SparsePretraining.length", None) for settings in sparse]
    assert {*lengths[-len(NETWORKS) :]} == {2}
    assert all(settings == sparse[0] for settings in sparse)
    assert not any("start" in name or "rotation" in name and value
                   for name, value in sparse[0].items())  # fmt: skip


def test_pretext_tasks_by_name():
    assert [Pretext(**fields).name for fields in Pretext.NAMES.values()] == list(Pretext.NAMES)
    assert (
        Pretext(blur=2).name == "blur_2"
        and Pretext(rotation=True, blur=2).name == "rotation_blur_2"
    )
    assert Pretext(random_labels=0.5).name == "random_labels_0.5"
    task = Pretext(random_labels=1.0).applied_to(TASK)
    assert (task.label_noise.fraction, task.label_noise.seed) == (1.0, 0)
    turned = Pretext(rotation=True, blur=4).applied_to(
        dataclasses.replace(TASK, fingerprint="0" * 16)
    )
    assert (turned.rotation, turned.blur, turned.fingerprint) == (True, 4, "0" * 16)


def keras_model():
    import keras

    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    return from_keras(keras.Sequential(layers), name="mine")


def test_a_keras_model_takes_no_other_classes_which_is_said_before_training(digits_folder):
    mine = dataclasses.replace(DENSE, model=keras_model())
    with pytest.raises(RecipeError, match="the Keras model 'mine' has 10 logits; a task of 4 clas"):
        study.bind(mine, "", digits_folder)
    study.bind(dataclasses.replace(mine, pretexts=("blur",)), "", digits_folder)


@pytest.mark.parametrize(
    "experiment, changes, message",
    [
        (
            DENSE,
            {"pretexts": ("turns",)},
            "Pretraining.pretexts: 'turns' is no pretext task; allowed",
        ),
        (
            DENSE,
            {"lengths": (0,)},
            "Pretraining.lengths is (0,); it must be different numbers of ep",
        ),
        (
            SPARSE,
            {"networks": ("dense",)},
            "SparsePretraining.networks is 'dense'; allowed: 'imp', 'initial_weights'",
        ),
        (
            SPARSE,
            {"levels": (3,)},
            "SparsePretraining.levels is (3,); it must be levels from 1 to 2",
        ),
    ],
)
def test_wrong_fields_are_named(experiment, changes, message):
    with pytest.raises(RecipeError) as error:
        dataclasses.replace(experiment, **changes)
    assert str(error.value).startswith(message)
