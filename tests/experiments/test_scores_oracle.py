"""SNIP, GraSP and SynFlow against NumPy: from formulae and central differences, in float64."""

import numpy as np
import numpy_training
import pytest
import tensorflow as tf
from score_example import HPARAMS, MODEL, ONES, RESNET, START, TASK, pruned, same

from lth_tf.measurements import Gradient, HessianGradient
from lth_tf.models.network import network
from lth_tf.pruning import PruningError
from lth_tf.recipes import (
    AddNoise,
    At,
    Init,
    Ones,
    train,
)
from lth_tf.scores import Grasp, Snip, SynFlow


def lowest(scores, mask, count):
    """The mask without the lowest-scored of what remains."""
    names = list(mask)
    flat = np.concatenate([mask[n].ravel() for n in names]).astype(bool)
    values = np.where(flat, np.concatenate([scores[n].ravel() for n in names]), np.inf)
    flat[np.argsort(values, kind="stable")[:count]] = False
    parts = np.split(flat, np.cumsum([mask[n].size for n in names])[:-1])
    return {n: part.reshape(mask[n].shape) for n, part in zip(names, parts, strict=True)}


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


def test_grasp_removes_what_the_gradient_flow_gains_most_without(store, weights):
    product = store.measure(HessianGradient(START, 1, 200.0))
    gain = {n: -weights[n].astype(float) * product[n] for n in product}  # the paper's S
    kernels = ONES.make(store)
    count = round(0.4 * sum(mask.size for mask in kernels.values()))
    found = store.mask(pruned(Grasp()))
    assert same(found, lowest({n: -s for n, s in gain.items()}, kernels, count))
    assert min(s[found[n] == 0].max() for n, s in gain.items()) > 0  # signs count


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


@pytest.mark.parametrize("score", [Snip(), Grasp(), SynFlow()], ids=["snip", "grasp", "synflow"])
def test_scores_that_are_not_finite_are_said_so(store, score):
    far = AddNoise(Init(MODEL, 0), ONES, 1e20, 0)
    run = train(far, ONES, TASK, HPARAMS, noise=0)
    said = (
        f"{score.recipe_name} of step 0 of run .*: the scores of .*/kernel are not all finite: sca"
    )
    with pytest.raises(PruningError, match=said):
        store.mask(pruned(score, weights=At(run, 0)))
