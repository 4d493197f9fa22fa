"""Batch norm of a frozen residual network (sgd_noise sec. 5.1) against convolutions in NumPy."""

import numpy as np
import pytest

from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.models import Resnet
from lth_tf.models.network import network
from lth_tf.recipes import Init, Magnitude, Ones, Prune, train
from lth_tf.state import State
from lth_tf.training import Constant, Hparams, Momentum

MODEL, TASK = Resnet(depth=8, width=2, image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(60, Momentum(), Constant(0.1), weight_decay=1e-3, xla="off")
BLOCKS = (("stage1_1", 1), ("stage2_1", 2), ("stage3_1", 2))


def convolution(x, kernel, stride):
    """With half a kernel of zeros on every side."""
    size, half = len(kernel), len(kernel) // 2
    x = np.pad(x, ((0, 0), (half, half), (half, half), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), (1, 2))
    return np.einsum("nijcab,abco->nijo", windows[:, ::stride, ::stride], kernel)


class Frozen:
    """The network in training mode: every layer is normalized by the batch, whose moments it keeps.

    The variance that is kept has Bessel's correction, as PyTorch's.
    """

    def __init__(self, weights):
        self.weights = {n: a.astype(np.float64) for n, a in weights.items()}
        self.moments = {}

    def norm(self, x, name, stride=1):
        """A convolution and its batch norm."""
        z = convolution(x, self.weights[f"{name}_conv/kernel"], stride)
        mean, values = z.mean((0, 1, 2)), z.size // z.shape[-1]
        variance = np.square(z - mean).mean((0, 1, 2))
        kept = {"moving_mean": mean, "moving_variance": variance * values / (values - 1)}
        self.moments |= {f"{name}_norm/{part}": array for part, array in kept.items()}
        gamma, beta = (self.weights[f"{name}_norm/{part}"] for part in ("gamma", "beta"))
        return gamma * (z - mean) / np.sqrt(variance + 1e-5) + beta

    def __call__(self, images):
        x = np.maximum(self.norm(images, "stem"), 0)
        for name, stride in BLOCKS:
            y = np.maximum(self.norm(x, f"{name}_first", stride), 0)
            y = self.norm(y, f"{name}_second")
            x = self.norm(x, f"{name}_shortcut", stride) if stride > 1 else x
            x = np.maximum(x + y, 0)
        return self.moments


@pytest.mark.parametrize("steps", [1, 3])
def test_statistics_of_a_frozen_network_move_by_a_tenth_to_each_batch(store, digits_folder, steps):
    """And nothing else but the head does: each batch has the moments of the first weights."""
    draw, net = np.random.default_rng(0), network(MODEL)
    mask = Prune(Init(MODEL, 0), Ones(MODEL), 0.4, Magnitude(), "global", ())
    kept = store.mask(mask)
    weights = {n: a + draw.normal(0, 0.1, a.shape) for n, a in net.initial_weights(0).items()}
    weights = {n: (a * kept.get(n, 1)).astype(np.float32) for n, a in weights.items()}
    before = {n: draw.uniform(0.5, 2, a.shape) for n, a in net.initial_statistics().items()}
    run = train(Init(MODEL, 0), mask, TASK, HPARAMS, noise=3, trained="head")
    start = State(0, weights, {n: a.astype(np.float32) for n, a in before.items()})
    trajectory = store.engine.trajectory(run, start, kept)
    while trajectory.step < steps:
        trajectory.advance(steps)
    end = trajectory.state()
    images, frozen = load(TASK, digits_folder).train_images / 255, Frozen(weights)
    for chosen in batches(3, 0, steps, len(images), HPARAMS.batch_size, "drop"):
        moments = frozen(images[chosen])
        assert {*moments} == {*before}
        before = {n: 0.9 * old + 0.1 * moments[n] for n, old in before.items()}
    for name, array in before.items():
        np.testing.assert_allclose(end.statistics[name], array, rtol=2e-5, atol=1e-6, err_msg=name)
    for name, array in weights.items():
        moved = name in ("logits/kernel", "logits/bias")
        assert np.array_equal(end.weights[name], array) != moved, name
