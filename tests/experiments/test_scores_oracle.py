"""SNIP, GraSP and SynFlow against NumPy: from formulae and central differences, in float64."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import numpy_training
import pytest
import tensorflow as tf
from listing import rows

from lth_tf import pruning
from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import Imp, Instability, MaskSearch
from lth_tf.experiments.planning import plan
from lth_tf.log.validation import validate
from lth_tf.measurements import Evaluate, Gradient, HessianGradient
from lth_tf.models import Lenet, Resnet, from_keras
from lth_tf.models.layers import BatchNorm
from lth_tf.models.network import network
from lth_tf.pruning.masks import PruningError
from lth_tf.recipes import (
    AddNoise,
    At,
    Init,
    Ones,
    Prune,
    RecipeError,
    Score,
    Shuffle,
    dag,
    train,
)
from lth_tf.scores import Grasp, Snip, SynFlow
from lth_tf.store.layout import Layout
from lth_tf.training import Adam, Constant, Hparams, Momentum

TASK = Task("digits", mean=(0.3,), std=(0.4,))
MODEL = Lenet(widths=(20, 10), image_shape=(8, 8, 1))
HPARAMS = Hparams(60, Adam(), Constant(5e-3), weight_decay=1e-2, xla="off")
ONES = Ones(MODEL)
RUN = train(Init(MODEL, 0), ONES, TASK, HPARAMS, noise=3)
START = At(RUN, 0)
RATE = 0.05
RESNET = Resnet(depth=8, width=2, image_shape=(8, 8, 1), norm_scale="uniform")
CROPPED = dataclasses.replace(TASK, augmentation="crop_and_flip", padding=1)
SEARCH = MaskSearch(3, 0.3, noise=3)


def pruned(score, fraction=0.4, mask=ONES, weights=START, scope="global", exclude=()):
    return Prune(weights, mask, fraction, score, scope, exclude)


def lowest(scores, mask, count):
    """The mask without the lowest-scored of what remains."""
    names = list(mask)
    flat = np.concatenate([mask[n].ravel() for n in names]).astype(bool)
    values = np.where(flat, np.concatenate([scores[n].ravel() for n in names]), np.inf)
    flat[np.argsort(values, kind="stable")[:count]] = False
    parts = np.split(flat, np.cumsum([mask[n].size for n in names])[:-1])
    return {n: part.reshape(mask[n].shape) for n, part in zip(names, parts, strict=True)}


def same(mask, other):
    return list(mask) == list(other) and all(np.array_equal(mask[n], other[n]) for n in mask)


@pytest.fixture(scope="module")
def weights(store):
    return store.state(START).weights


@pytest.fixture(scope="module")
def batch(digits_folder):
    """The first batches of the run: images and labels."""
    found = load(TASK, digits_folder)
    order = batches(3, 0, 2, len(found.train_labels), 60, HPARAMS.remainder)
    images = (found.train_images / 255 - 0.3) / 0.4
    return [(images[i], found.train_labels[i]) for i in order]


# SNIP


def test_the_gradient_is_that_of_the_first_batch_without_decay(store, weights, batch):
    found = store.measure(Gradient(START))
    expected = numpy_training.gradients(weights, *batch[0])
    assert set(found) == set(expected)
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, atol=1e-6)


def test_several_batches_are_averaged(store, weights, batch):
    found = store.measure(Gradient(START, 2))
    both = [numpy_training.gradients(weights, *each) for each in batch]
    for name in found:
        np.testing.assert_allclose(found[name], (both[0][name] + both[1][name]) / 2, atol=1e-6)


def test_sensitivity_is_how_the_loss_changes_with_a_factor_on_a_weight(store, weights, batch):
    gradient, step = store.measure(Gradient(START)), 1e-5
    for name in ONES.make(store):
        place = np.unravel_index(np.abs(gradient[name]).argmax(), gradient[name].shape)
        losses = []
        for factor in (1 + step, 1 - step):
            changed = {n: w.astype(float) for n, w in weights.items()}
            changed[name][place] *= factor
            losses.append(numpy_training.error_and_loss(changed, *batch[0])[1])
        slope = (losses[0] - losses[1]) / (2 * step)
        assert weights[name][place] * gradient[name][place] == pytest.approx(slope, rel=1e-4)


def test_layers_are_equally_sensitive_in_sum_with_signs(store, weights):
    """Of ReLUs without biases: scaling any layer scales the logits alike."""
    gradient = store.measure(Gradient(START))
    sums = [(weights[n].astype(float) * gradient[n]).sum() for n in ONES.make(store)]
    assert sums == pytest.approx([sums[0]] * 3, rel=1e-4)


def test_snip_removes_the_least_sensitive(store, weights, batch):
    gradient = numpy_training.gradients(weights, *batch[0])
    kernels = ONES.make(store)
    scores = {n: np.abs(weights[n] * gradient[n]) for n in kernels}
    total = sum(mask.size for mask in kernels.values())
    found = store.mask(pruned(Snip()))
    # A pixel that is blank throughout has scores of exactly 0, which go first.
    assert same(found, lowest(scores, kernels, round(0.4 * total)))
    kept = np.concatenate([scores[n][found[n] == 1] for n in found])
    gone = np.concatenate([scores[n][found[n] == 0] for n in found])
    assert gone.max() <= kept.min()


STEPS = {
    "lenet": (MODEL, TASK, {}),
    "lenet without xla": (MODEL, TASK, {"xla": "off"}),
    "smoothed": (MODEL, TASK, {"label_smoothing": 0.1, "remainder": "carry"}),
    "resnet": (RESNET, CROPPED, {}),
    "bfloat16": (RESNET, CROPPED, {"precision": "mixed_bfloat16"}),
}


@pytest.mark.parametrize("name", STEPS)
def test_it_is_the_gradient_that_the_trainer_steps_along(store, name):
    """W_1 = W_0 - rate (g + decay W_0): batch, augmentation, batch norm are those of training."""
    model, task, changes = STEPS[name]
    hparams = Hparams(60, Momentum(), Constant(RATE), weight_decay=0.5, **changes)
    run = train(Init(model, 0), Ones(model), task, hparams, noise=5)
    gradient = store.measure(Gradient(At(run, 0)))
    before, after = (store.state(At(run, step)).weights for step in (0, 1))
    kernels = store.engine.prunable_shapes(model)
    for weight, found in gradient.items():
        decay = 0.5 * before[weight] if weight in kernels else 0
        moved = before[weight] - RATE * (found + decay)
        np.testing.assert_allclose(after[weight], moved, atol=2e-7)


@pytest.fixture(scope="module")
def normed():
    """A convolution with batch norm, and the logits: quick to trace twice over."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(3, 3, padding="same", use_bias=False)(inputs)
    x = keras.layers.ReLU()(BatchNorm(epsilon=1e-6)(x))
    return from_keras(keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(x))))


def test_a_later_state_has_the_gradient_of_its_next_batch_and_nothing_moves(store, normed):
    hparams = Hparams(60, Momentum(0.9), Constant(RATE), xla="off")
    dense = At(train(Init(normed, 0), Ones(normed), CROPPED, hparams, noise=5), 0)
    mask = Shuffle(pruned(Snip(), 0.5, Ones(normed), dense), 0)
    run = train(Init(normed, 0), mask, CROPPED, hparams, noise=5)
    state, kept = store.state(At(run, 2)), store.mask(mask)
    trajectory = store.engine.trajectory(run, state, kept)
    first, second = trajectory.gradient(1), trajectory.gradient(1, times_hessian=True)
    for group in ("weights", "statistics"):
        for name, array in getattr(trajectory.state(), group).items():
            np.testing.assert_array_equal(array, getattr(state, group)[name])
    for name, remains in kept.items():
        for derivative in (first, second):
            assert np.any(derivative[name]) and not np.any(derivative[name][remains == 0])
    trajectory.advance(3)
    (slot,) = state.slots.values()
    (moved,) = trajectory.state().slots.values()
    for name, value in moved.items():
        slope = (value - 0.9 * slot[name]) / RATE  # v <- 0.9 v + rate g
        np.testing.assert_allclose(slope, first[name], atol=1e-5, err_msg=name)


def test_the_hessian_product_goes_through_convolutions_and_batch_norm(store, normed):
    """Batch norm undoes the scale a of a convolution, so that g(a w) = g(w) / a: H w = -g."""
    hparams = Hparams(60, Momentum(0.9), Constant(RATE), xla="off")
    run = train(Init(normed, 0), Ones(normed), CROPPED, hparams, noise=5)
    state = store.state(At(run, 2))
    trajectory = store.engine.trajectory(run, state, Ones(normed).make(store))
    (gradient,) = (g for n, g in trajectory.gradient(1).items() if g.ndim == 4)
    along = {n: w for n, w in state.weights.items() if w.ndim == 4}
    where = (trajectory._batches(0, 1), lambda: trajectory._batches(1, 0), 1.0)
    product = trajectory._program.derivatives.gradient(*where, along)
    (found,) = product.values()
    np.testing.assert_allclose(found, -gradient, atol=1e-3 * np.abs(gradient).max())


def test_a_gradient_is_of_a_run():
    with pytest.raises(RecipeError, match="Gradient.weights is initialization 0, .* of no run"):
        Gradient(Init(MODEL, 0))
    with pytest.raises(RecipeError, match="Snip.batches is 0; it must be 1 or more"):
        Snip(0)
    with pytest.raises(RecipeError, match="HessianGradient.temperature is 0.0; it must be gre"):
        HessianGradient(START, 1, 0)


# GraSP


def cold_gradients(weights, images, labels, temperature):
    """Of the loss of logits / temperature, which is that of the last layer divided by it."""
    cold = {n: w / temperature if n.startswith("logits") else w for n, w in weights.items()}
    found = numpy_training.gradients(cold, images, labels)
    return {n: g / temperature if n.startswith("logits") else g for n, g in found.items()}


@pytest.mark.parametrize(("temperature", "count"), [(1.0, 1), (1.0, 2), (200.0, 1)])
def test_the_hessian_product_is_the_central_difference_along_the_gradient(
    store, weights, batch, temperature, count
):
    start = {n: w.astype(float) for n, w in weights.items()}
    kernels = list(ONES.make(store))

    def mean(at):
        each = [cold_gradients(at, *batch[i], temperature) for i in range(count)]
        return {n: sum(g[n] for g in each) / count for n in kernels}

    gradient = mean(start)
    step = 1e-4 / np.sqrt(sum((g**2).sum() for g in gradient.values()))
    ends = [
        mean(start | {n: start[n] + sign * step * gradient[n] for n in kernels}) for sign in (1, -1)
    ]
    found = store.measure(HessianGradient(START, count, temperature))
    assert list(found) == kernels
    for name in kernels:
        expected = (ends[0][name] - ends[1][name]) / (2 * step)
        np.testing.assert_allclose(found[name], expected, atol=1e-4 * np.abs(expected).max())


def test_grasp_removes_what_the_gradient_flow_gains_most_without(store, weights):
    product = store.measure(HessianGradient(START, 1, 200.0))
    gain = {n: -weights[n].astype(float) * product[n] for n in product}  # the paper's S
    kernels = ONES.make(store)
    count = round(0.4 * sum(mask.size for mask in kernels.values()))
    found = store.mask(pruned(Grasp()))
    assert same(found, lowest({n: -s for n, s in gain.items()}, kernels, count))
    assert min(s[found[n] == 0].max() for n, s in gain.items()) > 0  # signs count


# SynFlow


def flow_scores(weights, mask):
    """|w| dR/d|w| of a fully connected network of absolute weights, on an image of ones."""
    layers = numpy_training.layer_names(weights)
    absolute = [np.abs(weights[f"{n}/kernel"].astype(float)) * mask[f"{n}/kernel"] for n in layers]
    reached = [np.ones(absolute[0].shape[0])]
    for layer, kernel in zip(layers, absolute, strict=True):
        reached.append(reached[-1] @ kernel + np.abs(weights[f"{layer}/bias"]))
    left = np.ones(absolute[-1].shape[1])
    scores = {}
    for place in reversed(range(len(layers))):
        scores[f"{layers[place]}/kernel"] = absolute[place] * np.outer(reached[place], left)
        left = absolute[place] @ left
    return scores


def test_synaptic_flow_is_conserved_from_layer_to_layer(store, weights):
    mask = store.mask(pruned(Snip()))
    slopes = store.engine.synaptic_flow(MODEL, store.state(START), mask)
    expected = flow_scores(weights, mask)
    for name, scores in expected.items():
        found = np.abs(weights[name]) * mask[name] * slopes[name]
        np.testing.assert_allclose(found, scores, rtol=1e-5)
    sums = [scores.sum() for scores in expected.values()]
    assert sums == pytest.approx([sums[0]] * 3)


@pytest.mark.parametrize("iterations", [1, 7])
def test_synflow_prunes_over_exponentially_falling_densities(store, weights, iterations):
    mask = {n: np.asarray(m, bool) for n, m in ONES.make(store).items()}
    total = sum(m.size for m in mask.values())
    for iteration in range(1, iterations + 1):
        kept = total * 0.2 ** (iteration / iterations)
        count = sum(int(m.sum()) for m in mask.values()) - round(kept)
        mask = lowest(flow_scores(weights, mask), mask, count)
    found = store.mask(pruned(SynFlow(iterations), 0.8))
    assert same(found, mask)


def test_synflow_knows_batch_norm_as_in_evaluation(store):
    """R is linear in any one weight, so that a difference of any size is its slope."""
    state = store.state(Init(RESNET, 0))
    mask = Ones(RESNET).make(store)
    slopes = store.engine.synaptic_flow(RESNET, state, mask)
    net = network(RESNET)
    absolute = {n: np.abs(w) for n, w in state.weights.items()}
    image = tf.ones((1, 8, 8, 1))

    def flow(weights):
        return float(tf.reduce_sum(net.apply(weights, state.statistics, None, image, False)[0]))

    for name in mask:
        place = np.unravel_index(slopes[name].argmax(), slopes[name].shape)
        more = {**absolute, name: absolute[name].copy()}
        more[name][place] += 1
        assert slopes[name][place] == pytest.approx(flow(more) - flow(absolute), rel=1e-3)


# Searches


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


@pytest.mark.parametrize(
    ("score", "derivative"),
    [
        (Snip(), "the gradient"),
        (Grasp(), "the Hessian-gradient product"),
        (SynFlow(), "the synaptic flow"),
    ],
    ids=["snip", "grasp", "synflow"],
)
def test_derivatives_that_are_not_finite_are_said_so(store, score, derivative):
    far = AddNoise(Init(MODEL, 0), ONES, 1e20, 0)
    run = train(far, ONES, TASK, HPARAMS, noise=0)
    with pytest.raises(PruningError, match=f"{derivative} to prune by is not finite in .*/kernel"):
        store.mask(pruned(score, weights=At(run, 0)))


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
