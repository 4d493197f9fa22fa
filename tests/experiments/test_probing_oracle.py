"""Probes of frozen networks against softmax regression on their features, in NumPy."""

import dataclasses

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import Imp, MaskSearch, Probing, study
from lth_tf.models import Lenet, Resnet
from lth_tf.models.features import features
from lth_tf.models.network import network
from lth_tf.models.probe import Probe
from lth_tf.recipes import RecipeError, Shuffle, dag
from lth_tf.store.plan import make_plan
from lth_tf.training import Adam, Constant, Hparams, Momentum

MODEL, TASK = Lenet(widths=(24, 12), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(60, Adam(), Constant(0.01))
HEADS = Hparams(90, Momentum(), Constant(0.05), weight_decay=1e-3, xla="off")
SEARCH = MaskSearch(2, 0.4)
NETWORKS = ("imp", "random_pruning", "dense", "trained_dense")
PROBING = Probing(
    *(MODEL, TASK, HPARAMS, 20, (3,), SEARCH, HEADS, 15), levels=(1, 2), networks=NETWORKS
)


def by_place(experiment):
    return {
        (r.labels["network"], r.labels["level"], r.axes["block"]): r for r in experiment.requests()
    }


def test_every_network_has_a_probe_after_every_block():
    found = by_place(PROBING)
    sparse = [(n, level, b) for n in NETWORKS[:2] for level in (1, 2) for b in (1, 2)]
    dense = [(n, 0, b) for n in NETWORKS[2:] for b in (1, 2)]
    assert {*found} == {*sparse, *dense}
    one = found["imp", 2, 1]
    assert one.axes == {"block": 1, "target": "digits", "searched_with": "adam, batch 60"}
    assert (one.end.run.trained, one.end.run.first_step) == ("head", 0)


def test_networks_are_those_of_the_search_and_its_runs_are_shared(store):
    levels = [*Imp(MODEL, TASK, HPARAMS, 20, (3,), SEARCH).requests()]
    found = by_place(PROBING)
    assert found["imp", 2, 1].mask == levels[2].mask
    assert found["random_pruning", 1, 2].mask == Shuffle(levels[1].mask, 3)
    assert found["trained_dense", 0, 1].end.run.start.weights == levels[0].end
    assert found["imp", 1, 1].end.run.start.weights == found["dense", 0, 1].end.run.start.weights
    trained = {r.made_by for r in dag(*[r.measurement for r in found.values()]).values()} - {None}
    assert len([run for run in trained if run.trained == "all"]) == 2  # levels 0 and 1
    plan = make_plan([r.measurement for r in found.values()], store.layout)
    assert (plan.runs, plan.steps) == (2 + 12, 2 * 20 + 12 * 15)


def regression(weights, hidden, labels, order):
    """SGD with momentum 0.9 and coupled decay on the kernel (sgd_noise eqs 1 and 2)."""
    kernel, bias = (weights[f"logits/{part}"].astype(np.float64) for part in ("kernel", "bias"))
    velocity = [np.zeros_like(kernel), np.zeros_like(bias)]
    for chosen in order:
        x, y = hidden[chosen], labels[chosen]
        p = numpy_training.probabilities(x @ kernel + bias)
        p[np.arange(len(y)), y] -= 1
        gradients = [x.T @ p / len(y) + 1e-3 * kernel, p.mean(0)]
        velocity = [0.9 * v - 0.05 * g for v, g in zip(velocity, gradients, strict=True)]
        kernel, bias = kernel + velocity[0], bias + velocity[1]
    return kernel, bias


@pytest.mark.parametrize("place", [("imp", 2, 1), ("imp", 2, 2), ("dense", 0, 1)])
def test_a_probe_is_softmax_regression_on_what_the_block_puts_out(store, digits_folder, place):
    request = by_place(PROBING)[place]
    examples, block = load(TASK, digits_folder), place[2]
    initial = network(MODEL).initial_weights(3)
    mask = store.mask(request.mask)
    frozen = {n: a * mask.get(n, 1) for n, a in initial.items()}
    hidden = numpy_training.activations(frozen, examples.train_images / 255)[block]
    start = network(Probe(MODEL, block, 10, (8, 8, 1))).initial_weights(3)
    order = batches(0, 0, 15, len(hidden), 90, "drop")
    kernel, bias = regression(start, hidden, examples.train_labels, order)
    state = store.state(request.end)
    np.testing.assert_allclose(state.weights["logits/kernel"], kernel, atol=1e-5)
    below = [f"dense_{n}/{part}" for n in range(1, block + 1) for part in ("kernel", "bias")]
    assert list(state.weights) == [*below, "logits/kernel", "logits/bias"]
    for name in below:
        np.testing.assert_array_equal(state.weights[name], frozen[name])
    test = numpy_training.activations(frozen, examples.test_images / 255)[block]
    error = np.mean((test @ kernel + bias).argmax(1) != examples.test_labels)
    assert store.measure(request.measurement)["test_errors"][0] == pytest.approx(error)


def test_rows_have_model_and_dataset_of_the_ticket(store):
    chosen = dataclasses.replace(PROBING, networks=("trained_dense",), levels=(), blocks=(2,))
    (row,) = rows(chosen, store, {"experiment": "probing"})
    assert (row["model"], row["dataset"], row["kind"]) == (MODEL.title, "digits", "evaluation")
    assert (row["network"], row["level"], row["step"]) == ("trained_dense", 0, 15)
    assert row["axes"]["block"] == 2 and 0 < row["test_error"] < 0.9


SMALL = Resnet(depth=8, width=2, image_shape=(8, 8, 1))
AUGMENTED = Task("digits", mean=(0.3,), std=(0.4,), augmentation="crop_and_flip", padding=1)


def transferred(**task):
    target = Task("digits", **task)
    heads = (Hparams(60, Momentum(), Constant(0.1)), 3)
    return Probing(
        *(SMALL, AUGMENTED, HPARAMS, 4, (0,), MaskSearch(1, 0.5), *heads),
        levels=(1,), networks=("imp", "trained_dense"), blocks=(3,), head_task=target,
        head_image_shape=(12, 12, 1),
    )  # fmt: skip


def test_a_ticket_goes_to_images_of_another_size_and_all_but_the_head_stays(store, digits_folder):
    bound = study.bind(transferred(image_size=12), "", digits_folder).experiment
    for request in bound.requests():
        run = request.end.run
        state, start = store.state(request.end), store.state(run.start)
        frozen = start.masked(store.mask(run.mask)).weights
        for name, array in state.weights.items():
            assert np.array_equal(array, frozen[name]) != name.startswith("logits/"), name
        assert any((state.statistics[n] != a).any() for n, a in start.statistics.items())
        assert store.measure(request.measurement)["test_errors"].shape == (1,)
    with pytest.raises(RecipeError, match="Probe.image_shape is .12, 12, 1.; the images of 'digi"):
        study.bind(transferred(), "", digits_folder)


def test_a_probe_sees_the_mean_over_the_pixels_of_a_block(store):
    whole, built = network(SMALL), network(Probe(SMALL, 2, 7, (8, 8, 1)))
    images = np.random.default_rng(0).random((5, 8, 8, 1), np.float32)
    weights, statistics = whole.initial_weights(0), whole.initial_statistics()
    block = SMALL.blocks[1]
    pixels = features(whole, (block,), weights, statistics, images)[block].numpy()
    own = built.initial_weights(1)
    probe = {n: own[n] if n.startswith("logits") else weights[n] for n in built.weight_names}
    kept = {n: statistics[n] for n in built.statistic_names}
    logits, _ = built.apply(probe, kept, None, images, False)
    expected = pixels.mean((1, 2)) @ own["logits/kernel"] + own["logits/bias"]
    np.testing.assert_allclose(logits, expected, atol=1e-5)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"blocks": (3,)}, "Probing.blocks is .3,.; it must be blocks from 1 to 2, as many as LeN"),
        ({"levels": (3,)}, "Probing.levels is .3,.; it must be levels from 1 to 2"),
        ({"levels": ()}, "Probing.levels is ..; it must be levels from 1 to 2"),
        ({"head_steps": 0}, "Probing.head_steps is 0; it must be 1 or more"),
        ({"networks": ()}, "Probing.networks is ..; it must be one kind of network or more"),
    ],
)
def test_what_cannot_be_meant_is_refused(change, message):
    with pytest.raises(RecipeError, match=message):
        dataclasses.replace(PROBING, **change)
