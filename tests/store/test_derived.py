"""Weights made of others on the way, and training of the head alone, against NumPy."""

import dataclasses

import numpy as np
import pytest

from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.measurements import Evaluate
from lth_tf.models import Lenet, Resnet
from lth_tf.recipes import (
    AddNoise,
    At,
    HeadMask,
    Init,
    Magnitude,
    NewHead,
    Ones,
    Project,
    Prune,
    RecipeError,
    Shuffle,
    train,
)
from lth_tf.store import artifacts
from lth_tf.store.observer import SilentObserver
from lth_tf.store.store import Store
from lth_tf.training import Adam, Constant, Hparams, Momentum

MODEL, TASK = Lenet(widths=(40, 20), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(60, Momentum(), Constant(0.05), weight_decay=1e-3, xla="off")
RUN = train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, noise=0)
END = At(RUN, 10)
MASK = Prune(END, Ones(MODEL), 0.5, Magnitude(), "global", ())
KERNELS = ("dense_1/kernel", "dense_2/kernel", "logits/kernel")


@pytest.fixture(scope="module")
def store(engine, tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), lambda: engine, SilentObserver())


def test_projected_weights_are_zero_where_the_mask_is_and_the_same_elsewhere(store):
    before, after, mask = store.state(END), store.state(Project(END, MASK)), store.mask(MASK)
    for name, array in before.weights.items():
        kept = mask.get(name, np.ones_like(array))
        np.testing.assert_array_equal(after.weights[name], array * kept)
    assert (after.step, after.slots, after.updates) == (10, {}, 0)
    assert not [*store.layout.root.rglob(f"*{Project(END, MASK).key}*")]


def test_noise_has_the_deviation_of_each_layers_initialization(store):
    before, mask = store.state(END), store.mask(MASK)
    noisy = [store.state(AddNoise(END, MASK, 0.5, seed)) for seed in range(30)]
    fans = {"dense_1/kernel": (64, 40), "dense_2/kernel": (40, 20), "logits/kernel": (20, 10)}
    for name, array in before.weights.items():
        added = np.stack([state.weights[name] - array for state in noisy])
        if name in KERNELS:
            sigma = np.sqrt(2 / sum(fans[name]))  # Glorot normal
            drawn = added[:, mask[name] == 1] / (0.5 * sigma)
            assert np.abs(drawn.mean()) < 5 / np.sqrt(drawn.size)
            assert abs(drawn.std() - 1) < 5 / np.sqrt(2 * drawn.size)
            assert not added[:, mask[name] == 0].any()
        else:
            assert not added.any()
    again = store.state(AddNoise(END, MASK, 0.5, 3))
    np.testing.assert_array_equal(again.weights[KERNELS[0]], noisy[3].weights[KERNELS[0]])


def test_what_is_derived_has_clock_model_run_and_precision_of_what_it_comes_from(store):
    noisy = AddNoise(Project(END, MASK), MASK, 0.5, 0)
    assert (noisy.step, noisy.model, noisy.run, noisy.initial) == (10, MODEL, RUN, Init(MODEL, 0))
    going_on = train(noisy, MASK, TASK, HPARAMS, noise=4)
    assert going_on.first_step == 10
    trained = store.state(At(going_on, 14))
    mask = store.mask(MASK)
    assert trained.step == 14 and trained.updates == 4
    assert all(not trained.weights[name][mask[name] == 0].any() for name in KERNELS)
    numbers = store.measure(Evaluate(noisy, TASK))
    assert 0 < numbers["test_errors"][0] < 1


TWO = dataclasses.replace(MODEL, classes=12)


def test_a_new_head_is_that_of_the_other_network_and_all_else_stays(store, engine):
    start = NewHead(END, TWO, 5)
    state, before, fresh = store.state(start), store.state(END), engine.initial(TWO, 5)
    for name in state.weights:
        source = fresh if name.startswith("logits/") else before
        np.testing.assert_array_equal(state.weights[name], source.weights[name])
    assert start.step == state.step == 0 and start.model == TWO
    mask, old = store.mask(HeadMask(MASK, TWO)), store.mask(MASK)
    assert mask["logits/kernel"].all() and mask["logits/kernel"].shape == (20, 12)
    np.testing.assert_array_equal(mask["dense_1/kernel"], old["dense_1/kernel"])
    assert HeadMask(MASK, TWO).level == 1
    run = train(start, HeadMask(MASK, TWO), TASK, HPARAMS, noise=1)
    assert store.state(At(run, 3)).updates == 3


def test_a_head_for_a_network_that_differs_elsewhere_is_refused(store):
    other = dataclasses.replace(MODEL, widths=(40, 30))
    with pytest.raises(RecipeError, match="NewHead.to is LeNet 40-30, whose dense_2/kernel is not"):
        store.state(NewHead(END, other, 0))
    with pytest.raises(RecipeError, match="Train.mask is of LeNet 40-20; it must be of the netw"):
        train(Init(other, 0), Ones(MODEL), TASK, HPARAMS, noise=0)


def softmax_regression(features, labels, kernel, bias, steps):
    """SGD with momentum 0.9 and coupled weight decay on the kernel, from Keras' names alone."""
    velocity = [np.zeros_like(kernel), np.zeros_like(bias)]
    for x, y in zip(features, labels, strict=True):
        logits = x @ kernel + bias
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        gradients = [x.T @ p / len(y) + 1e-3 * kernel, p.mean(0)]
        velocity = [0.9 * v + g for v, g in zip(velocity, gradients, strict=True)]
        kernel, bias = kernel - 0.05 * velocity[0], bias - 0.05 * velocity[1]
    return kernel, bias


def test_training_the_head_alone_is_softmax_regression_on_what_is_below(store, digits_folder):
    run = train(NewHead(END, MODEL, 9), HeadMask(MASK, MODEL), TASK, HPARAMS, 3, trained="head")
    start = store.state(run.start).masked(store.mask(run.mask))
    state = store.state(At(run, 20))
    for name in start.weights:
        if not name.startswith("logits/"):
            np.testing.assert_array_equal(state.weights[name], start.weights[name])
    examples = load(TASK, digits_folder)
    indices = batches(3, 0, 20, len(examples.train_labels), 60, "drop")
    hidden = examples.train_images.reshape(-1, 64) / 255.0
    for layer in ("dense_1", "dense_2"):
        hidden = hidden @ start.weights[f"{layer}/kernel"] + start.weights[f"{layer}/bias"]
        hidden = np.maximum(hidden, 0)
    kernel, bias = softmax_regression(
        hidden[indices],
        examples.train_labels[indices],
        start.weights["logits/kernel"].astype(np.float64),
        start.weights["logits/bias"].astype(np.float64),
        20,
    )
    np.testing.assert_allclose(state.weights["logits/kernel"], kernel, atol=1e-5)
    np.testing.assert_allclose(state.weights["logits/bias"], bias, atol=1e-5)


def test_the_file_of_such_a_run_holds_the_head_alone_and_goes_on_from_there(engine, tmp_path):
    run = train(NewHead(END, MODEL, 9), HeadMask(MASK, MODEL), TASK, HPARAMS, 3, trained="head")
    whole = Store(tmp_path / "whole", lambda: engine, SilentObserver()).state(At(run, 12))
    store = Store(tmp_path / "parts", lambda: engine, SilentObserver())
    store.state(At(run, 5))
    _, arrays = artifacts.read(store.layout.artifact(At(run, 5)))
    assert {name.split("/", 1)[1] for name in arrays if name.startswith("weights/")} == {
        "logits/kernel",
        "logits/bias",
    }
    parts = store.state(At(run, 12))
    for name, array in whole.weights.items():
        np.testing.assert_array_equal(parts.weights[name], array)
    assert whole.updates == parts.updates == 12


def test_a_head_under_batch_norm_and_a_mask_of_its_own(engine, store):
    model = Resnet(depth=8, image_shape=(8, 8, 1))
    assert {name.rpartition("/")[2] for name in engine.head(model)} == {"kernel", "bias"}
    hparams = Hparams(60, Adam(), Constant(0.01), xla="off")
    run = train(Init(model, 0), Shuffle(Ones(model), 0), TASK, hparams, 0, trained="head")
    start, state = store.state(run.start), store.state(At(run, 2))
    moved = [n for n in start.weights if not np.array_equal(start.weights[n], state.weights[n])]
    assert set(moved) == set(engine.head(model))
    assert any((start.statistics[n] != state.statistics[n]).any() for n in start.statistics)
