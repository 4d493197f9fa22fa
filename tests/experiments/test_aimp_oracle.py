"""AIMP (sgd_noise sec. 4.3): short searches under a cosine of their own, against NumPy."""

import itertools

import numpy as np
import numpy_training
import pytest

from lth_tf import noise as addressed
from lth_tf.data import Task, load
from lth_tf.data.order import batches
from lth_tf.experiments import MaskSearch, SparseTraining
from lth_tf.models import Lenet
from lth_tf.models.network import network
from lth_tf.training import Cosine, Hparams, Momentum

MODEL, TASK = Lenet(widths=(8,), image_shape=(8, 8, 1)), Task("digits")
BATCH, RATE, MOMENTUM, DECAY = 60, 0.1, 0.9, 5e-3
STEPS, SHORT, LEVELS, FRACTION = 40, 10, 3, 0.3


def setting(end):
    optimizer = Momentum(MOMENTUM, velocity="updates")
    return Hparams(BATCH, optimizer, Cosine(RATE, end=end), weight_decay=DECAY, xla="off")


SEARCH_NOISE = 2
SEARCH = MaskSearch(LEVELS, FRACTION, hparams=setting(SHORT), steps=SHORT, noise=SEARCH_NOISE)
EXPERIMENT = SparseTraining(
    MODEL, TASK, setting(STEPS), STEPS, (0, 1), SEARCH, rewind_steps=(0,), levels=(1, 3)
)


@pytest.fixture(scope="module")
def trained(digits_folder):
    """A^{0->T}(mask * W_0, noise) under half a cosine that ends at T."""
    examples = load(TASK, digits_folder)
    images = examples.train_images / 255

    def training(weights, mask, noise, steps):
        order = batches(noise, 0, steps, len(images), BATCH, "drop")
        seen = [(images[chosen], examples.train_labels[chosen]) for chosen in order]
        rates = numpy_training.cosine(RATE, steps, range(steps))
        return numpy_training.sgd(weights, mask, seen, rates, MOMENTUM, DECAY)[0]

    return training


def noise_of(level):
    """Every level, and the ticket that it gives, is trained under a noise of its own."""
    if level == 0:
        return SEARCH_NOISE
    return int(addressed.generator("mask search", SEARCH_NOISE, level).integers(2**31))


def pruned(mask, weights):
    """Algorithm 1: without the fraction of all remaining weights that are smallest."""
    left = [
        (abs(weights[name][index]), name, index)
        for name, kept in mask.items()
        for index in map(tuple, np.argwhere(kept))
    ]
    left.sort(key=lambda entry: entry[0])
    mask = {n: m.copy() for n, m in mask.items()}
    for _, name, index in left[: round(FRACTION * len(left))]:
        mask[name][index] = 0
    return mask


def searched(initial, training):
    """Yields the mask of every level: each is trained from W_0 for T_search steps, then pruned."""
    mask = {n: np.ones(a.shape) for n, a in initial.items() if n.endswith("kernel")}
    for level in itertools.count():
        yield mask
        mask = pruned(mask, training(initial, mask, noise_of(level), SHORT))


def test_masks_are_of_short_runs_and_tickets_of_the_whole_schedule(store, trained):
    requests = {(r.labels["initialization"], r.labels["level"]): r for r in EXPERIMENT.requests()}
    assert [*requests] == [(0, 1), (0, 3), (1, 1), (1, 3)]
    for seed in EXPERIMENT.initializations:
        initial = network(MODEL).initial_weights(seed)
        masks = [*itertools.islice(searched(initial, trained), LEVELS + 1)]
        of_the_search = requests[seed, LEVELS].mask
        for level in range(LEVELS, 0, -1):
            for name, array in store.mask(of_the_search).items():
                np.testing.assert_array_equal(array, masks[level][name], err_msg=str(level))
            end = of_the_search.weights
            assert store.state(end).step == SHORT
            of_the_search = of_the_search.mask
        for level in EXPERIMENT.levels:
            ticket = trained(initial, masks[level], noise_of(level), STEPS)
            state = store.state(requests[seed, level].end)
            assert state.step == STEPS
            for name, array in state.weights.items():
                np.testing.assert_allclose(array, ticket[name], atol=5e-6, err_msg=str(level))
