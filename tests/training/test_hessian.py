"""The Hessian of a tiny network against central differences of gradients in NumPy float64."""

import numpy as np
import numpy_training
import pytest
import tensorflow as tf

from lth_tf.data import Task, load
from lth_tf.measurements import Curvature
from lth_tf.models import Lenet, from_keras
from lth_tf.pruning import shuffle
from lth_tf.recipes import At, Init, Magnitude, Ones, Prune, RecipeError, train
from lth_tf.state import State, apply_mask
from lth_tf.store.observer import SilentObserver
from lth_tf.store.store import Store
from lth_tf.training import Constant, Hparams, Momentum
from lth_tf.training.engine import Engine

MODEL, TASK = Lenet(widths=(1,), image_shape=(8, 8, 1)), Task("digits", mean=(0.3,), std=(0.4,))
RUN = train(
    Init(MODEL, 2), Ones(MODEL), TASK, Hparams(60, Momentum(), Constant(0.05), xla="off"), 0
)
EXAMPLES = 300


@pytest.fixture(scope="module")
def store(digits_folder, tmp_path_factory):
    engine = Engine(digits_folder, tf.distribute.get_strategy())
    return Store(tmp_path_factory.mktemp("store"), lambda: engine, SilentObserver())


def flat(arrays):
    return np.concatenate([np.asarray(a, np.float64).ravel() for a in arrays.values()])


def dense_hessian(weights, images, labels, step=1e-4):
    """H, column by column, and g; all weights in order."""
    start = {n: np.asarray(a, np.float64) for n, a in weights.items()}

    def gradient(vector):
        ends = np.cumsum([a.size for a in start.values()])[:-1]
        parts = zip(start.items(), np.split(vector, ends), strict=True)
        moved = {n: part.reshape(a.shape) for (n, a), part in parts}
        found = numpy_training.gradients(moved, images, labels)
        return flat({n: found[n] for n in start})

    at = flat(start)
    columns = [
        (gradient(at + step * e) - gradient(at - step * e)) / (2 * step) for e in np.eye(at.size)
    ]
    return np.stack(columns, axis=1), gradient(at)


@pytest.mark.parametrize("batch", [300, 100])  # as one, and as three
@pytest.mark.parametrize("sparse", [False, True])
def test_eigenvalues_are_those_of_the_dense_hessian(store, digits_folder, batch, sparse):
    state = At(RUN, 5)
    mask = Prune(state, Ones(MODEL), 0.5, Magnitude(), "global", ()) if sparse else Ones(MODEL)
    numbers = store.measure(Curvature(state, mask, TASK, EXAMPLES, batch, 85, 10, 0))
    weights, kept = store.state(state).weights, store.mask(mask)
    examples = load(TASK, digits_folder)
    images = (examples.train_images[:EXAMPLES] / 255 - 0.3) / 0.4
    masked = apply_mask(weights, kept)
    hessian, gradient = dense_hessian(masked, images, examples.train_labels[:EXAMPLES])
    left = flat({n: kept.get(n, np.ones_like(a)) for n, a in weights.items()}) == 1
    values, vectors = np.linalg.eigh(hessian[np.ix_(left, left)])
    scale = values[-1]
    np.testing.assert_allclose(numbers["leading_eigenvalues"], values[-10:], atol=1e-3 * scale)
    assert numbers["largest_eigenvalue"] == pytest.approx(values[-1], rel=1e-3)
    # Pruned coordinates are no eigenvalues of 0: the start vector has nothing there.
    assert numbers["smallest_eigenvalue"] == pytest.approx(values[0], abs=1e-3 * scale)
    inside = vectors[:, -10:].T @ gradient[left]
    share = np.sum(inside**2) / np.sum(gradient[left] ** 2)
    assert numbers["gradient_in_leading"] == pytest.approx(share, abs=1e-2)
    assert values[0] < 0 < numbers["negative_share"] < 0.5


def smooth_model():
    """With batch norm, and without ReLU, at whose kinks gradients jump."""
    import keras

    layers = [keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 3, use_bias=False)]
    layers += [keras.layers.BatchNormalization(), keras.layers.Activation("tanh")]
    layers += [keras.layers.Flatten(), keras.layers.Dense(10)]
    return from_keras(keras.Sequential(layers), name="smooth")


def test_under_batch_norm_it_is_the_slope_of_the_gradient(store):
    model = smooth_model()
    weights, engine = Init(model, 0), store.engine
    state, draws = store.state(weights), np.random.default_rng(0)
    mask = shuffle(store.mask(Ones(model)), 0)

    def hessian(state):
        return engine.hessian(weights, TASK, state, mask, 100, 50)

    def moved(vector, length):
        ends = np.cumsum([a.size for a in state.weights.values()])[:-1]
        parts = zip(state.weights.items(), np.split(length * vector, ends), strict=True)
        arrays = {n: a + part.reshape(a.shape).astype(np.float32) for (n, a), part in parts}
        return State(0, arrays, state.statistics)

    one, other = (draws.standard_normal(hessian(state).size) for _ in range(2))
    products = [hessian(state).product(each) for each in (one, other)]
    assert one @ products[1] == pytest.approx(other @ products[0], rel=1e-3)
    step = 1e-2
    ahead, back = (hessian(moved(one, sign * step)).gradient() for sign in (1, -1))
    slope = (ahead - back) / (2 * step)
    error = np.linalg.norm(slope - products[0]) / np.linalg.norm(products[0])
    assert error < 0.05


def test_wrong_fields_are_named():
    with pytest.raises(RecipeError, match="Curvature.iterations is 5; it must be at least 10"):
        Curvature(At(RUN, 5), Ones(MODEL), TASK, iterations=5)
