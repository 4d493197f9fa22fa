"""Probes of frozen networks against softmax regression on their features, in NumPy."""

import dataclasses

import numpy as np
import numpy_training
import pytest
from listing import rows

from lth_tf.data import ForgottenSubset, Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import Imp, MaskSearch, Probing, study
from lth_tf.models import Lenet, Resnet
from lth_tf.models.features import features
from lth_tf.models.network import network
from lth_tf.models.probe import Probes
from lth_tf.recipes import Init, Ones, RecipeError, Shuffle, dag, train
from lth_tf.state import State
from lth_tf.store.plan import make_plan
from lth_tf.training import Adam, Constant, Hparams, Momentum

MODEL, TASK = Lenet(widths=(24, 12), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(60, Adam(), Constant(0.01), xla="off")
FORGOTTEN = dataclasses.replace(TASK, subset=ForgottenSubset("highest", 0.5))
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
    assert (plan.runs, plan.steps) == (2 + 6, 2 * 20 + 6 * 15)  # both probes of a network at once


def regression(weights, hidden, labels, order):
    """SGD with momentum 0.9 and coupled decay on the kernel (sgd_noise eqs 1 and 2)."""
    kernel, bias = (weights[part].astype(np.float64) for part in ("kernel", "bias"))
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
    start = network(Probes(MODEL, (1, 2), 10, (8, 8, 1))).initial_weights(3)
    start = {part: start[f"logits_{block}/{part}"] for part in ("kernel", "bias")}
    order = batches(0, 0, 15, len(hidden), 90, "drop")
    kernel, bias = regression(start, hidden, examples.train_labels, order)
    state = store.state(request.end)
    np.testing.assert_allclose(state.weights[f"logits_{block}/kernel"], kernel, atol=1e-5)
    layers = [f"{layer}_{n}" for layer in ("dense", "logits") for n in (1, 2)]
    assert {*state.weights} == {f"{n}/{part}" for n in layers for part in ("kernel", "bias")}
    below = [name for name in state.weights if name.startswith("dense")]
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
    heads = (Hparams(60, Momentum(), Constant(0.1), xla="off"), 3)
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
            assert np.array_equal(array, frozen[name]) != name.startswith("logits_3/"), name
        assert any((state.statistics[n] != a).any() for n, a in start.statistics.items())
        assert store.measure(request.measurement)["test_errors"].shape == (1,)
    with pytest.raises(RecipeError, match="Probes.image_shape is .12, 12, 1.; the images of 'digi"):
        study.bind(transferred(), "", digits_folder)


def test_a_retrained_dense_network_is_trained_as_a_whole_on_the_target(store, digits_folder):
    chosen = dataclasses.replace(transferred(image_size=12), networks=("retrained_dense",),
                                 levels=(), rewind_steps=(0, 2))  # fmt: skip
    (request,) = study.bind(chosen, "", digits_folder).experiment.requests()  # once for both k
    assert (request.labels["rewind_step"], request.axes["target"]) == (0, "digits")
    run, state = request.end.run, store.state(request.end)
    start, source = store.state(run.start), network(SMALL).initial_weights(0)
    assert (run.trained, run.mask.is_dense, run.first_step) == ("all", True, 0)
    for name, array in state.weights.items():
        assert name.startswith("logits_3/") or np.array_equal(start.weights[name], source[name])
        assert not np.array_equal(array, start.weights[name]), name
    with pytest.raises(RecipeError, match="blocks is .*; it must be one block"):
        dataclasses.replace(chosen, blocks=(2, 3))


def test_probes_see_the_means_over_the_pixels_of_their_blocks(engine):
    """And one pass over the data evaluates them all."""
    model = Probes(SMALL, (1, 3), 10, (8, 8, 1))
    whole, built = network(SMALL), network(model)
    start = engine.initial(model, 0)
    images, labels = engine.inputs(TASK, "test")
    below = {n: start.weights.get(n, a) for n, a in whole.initial_weights(0).items()}
    statistics = whole.initial_statistics()
    blocks = [SMALL.blocks[0], SMALL.blocks[2]]
    found = features(whole, blocks, below, statistics, images)
    logits, _ = built.all_logits(start.weights, start.statistics, None, images, False)
    errors = engine.heads(Init(model, 0), TASK, start)["test_errors"]
    assert built.heads == len(logits) == len(errors) == 2
    for number, block, ours, error in zip((1, 3), blocks, logits, errors, strict=True):
        pixels = found[block].numpy().mean((1, 2))
        kernel, bias = (start.weights[f"logits_{number}/{part}"] for part in ("kernel", "bias"))
        np.testing.assert_allclose(ours, pixels @ kernel + bias, atol=1e-5)
        assert error == np.mean(ours.numpy().argmax(1) != labels)


@pytest.mark.parametrize("xla", ["off", "on"])
def test_probes_that_are_trained_together_are_those_trained_one_by_one(engine, xla):
    """Bit for bit, batch norm's statistics on the way, their crops and their slots included."""
    model = SMALL if xla == "off" else MODEL
    task = AUGMENTED if xla == "off" else TASK
    hparams = dataclasses.replace(HEADS, xla=xla)
    together = Probes(model, (1, len(model.blocks)), 10, (8, 8, 1))
    start = engine.initial(together, 0)

    def trained(probes):
        built = network(probes)
        weights = {n: start.weights[n] for n in built.weight_names}
        statistics = {n: start.statistics[n] for n in built.statistic_names}
        run = train(Init(probes, 0), Ones(probes), task, hparams, 0, trained="head")
        trajectory = engine.trajectory(run, State(0, weights, statistics), {})
        while trajectory.step < 20:
            trajectory.advance(20)
        return trajectory.state()

    every = trained(together)
    for block in together.blocks_probed:
        alone = trained(dataclasses.replace(together, blocks_probed=(block,)))
        assert {*alone.slots["velocity"]} == {f"logits_{block}/kernel", f"logits_{block}/bias"}
        for kind in ("weights", "statistics"):
            for name, array in getattr(alone, kind).items():
                np.testing.assert_array_equal(getattr(every, kind)[name], array, name)
        for name, array in alone.slots["velocity"].items():
            np.testing.assert_array_equal(every.slots["velocity"][name], array, name)


@pytest.mark.parametrize(
    "change, message",
    [
        (
            {"blocks": (3,)},
            "Probing.blocks is .3,.; it must be rising blocks from 1 to 2, as many as",
        ),
        ({"blocks": (2, 1)}, "Probing.blocks is .2, 1.; it must be rising blocks"),
        ({"levels": (3,)}, "Probing.levels is .3,.; it must be levels from 1 to 2"),
        ({"levels": ()}, "Probing.levels is ..; it must be levels from 1 to 2"),
        (
            {"search": MaskSearch(2, steps=3), "rewind_steps": (3,)},
            "Probing.rewind_steps is .3,.; it must be different steps from 0 to 2, before the end",
        ),
        ({"head_steps": 0}, "Probing.head_steps is 0; it must be 1 or more"),
        (
            {"head_task": FORGOTTEN},
            "Probing.head_task is Task.*; it must be a task without a ForgottenSubset",
        ),
        (
            {"task": FORGOTTEN, "search": MaskSearch(2, task=TASK)},
            "Probing.head_task is None; it must be a task without a ForgottenSubset",
        ),
        ({"networks": ()}, "Probing.networks is ..; it must be one kind of network or more"),
    ],
)
def test_what_cannot_be_meant_is_refused(change, message):
    with pytest.raises(RecipeError, match=message):
        dataclasses.replace(PROBING, **change)
