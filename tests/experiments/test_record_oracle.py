"""The record of runs with momentum, decay and augmentation against sgd_noise, in NumPy.

Its equations 1 and 2 are in numpy_training; what a step trains on is made here, from the addresses
of the draws and the text of docs/data.md.
"""

import numpy as np
import numpy_training
import pytest

from lth_tf import noise as addressed
from lth_tf.data import Task, load
from lth_tf.models import Lenet
from lth_tf.models.network import network
from lth_tf.recipes import At, Init, Magnitude, Ones, Prune, Recorded, train
from lth_tf.store.observer import SilentObserver
from lth_tf.store.store import Store
from lth_tf.training import Cosine, Hparams, Momentum

PADDING, BATCH, EPOCH = 1, 120, 11  # 1,437 images: 11 batches, the rest is dropped
NOISE = 13  # under it the two highest logits are nowhere closer than 8e-5
FIRST, LAST, END = 240, 276, 400  # in epochs 21 to 25; step 256 begins a block of draws
RATE, MOMENTUM, DECAY = 0.5, 0.9, 5e-3
MODEL = Lenet(widths=(48, 24), image_shape=(8, 8, 1))
TASK = Task("digits", mean=(0.3,), std=(0.4,), augmentation="crop_and_flip", padding=PADDING)
MASKS = {
    "dense": Ones(MODEL),
    "sparse": Prune(Init(MODEL, 0), Ones(MODEL), 0.4, Magnitude(), "global", ()),
}


def run_of(kind, xla):
    optimizer = Momentum(MOMENTUM, velocity="updates")
    hparams = Hparams(BATCH, optimizer, Cosine(RATE, end=END), weight_decay=DECAY, xla=xla)
    return train(Init(MODEL, 0), MASKS[kind], TASK, hparams, NOISE, first_step=FIRST)


def members(step, examples):
    """The examples of a step's batch: a part of its epoch's permutation."""
    epoch, place = divmod(step, EPOCH)
    order = addressed.generator("data order", NOISE, epoch).permutation(examples)
    return order[place * BATCH : (place + 1) * BATCH]


def crop_and_flip(images, step):
    """A crop of each image with black borders, and then a flip from left to right."""
    block, place = divmod(step, 256)
    generator = addressed.generator("augmentation", NOISE, block)
    corners = generator.integers(2 * PADDING + 1, size=(256, BATCH, 2))[place]
    flips = generator.integers(2, size=(256, BATCH))[place]
    made = np.zeros_like(images)
    for i, (top, left) in enumerate(corners):
        bordered = np.pad(images[i], ((PADDING, PADDING), (PADDING, PADDING), (0, 0)))
        crop = bordered[top : top + 8, left : left + 8]
        made[i] = crop[:, ::-1] if flips[i] else crop
    return made


@pytest.fixture(scope="module")
def batches(digits_folder):
    examples, made = load(TASK, digits_folder), []
    for step in range(FIRST, LAST):
        chosen = members(step, len(examples.train_labels))
        images = crop_and_flip(examples.train_images[chosen], step)
        made.append(((images / 255 - 0.3) / 0.4, examples.train_labels[chosen]))
    return made


def expected(mask, batches):
    """The oracle's last weights, and of every step hits and loss before the update."""
    rates = numpy_training.cosine(RATE, END, range(FIRST, LAST))
    initial = network(MODEL).initial_weights(0)
    end, logits = numpy_training.sgd(initial, mask, batches, rates, MOMENTUM, DECAY)
    hits, losses = [], []
    for z, (_, labels) in zip(logits, batches, strict=True):
        right = numpy_training.probabilities(z)[np.arange(BATCH), labels]
        hits.append(z.argmax(1) == labels)
        losses.append(-np.log(right).mean())
    return end, np.array(hits), losses


@pytest.mark.parametrize("kind, xla", [("dense", "off"), ("sparse", "off"), ("sparse", "on")])
def test_hits_are_those_before_each_update_however_the_run_is_cut(
    store, engine, batches, tmp_path, kind, xla
):
    run = run_of(kind, xla)
    whole, end = store.record(Recorded(run, LAST)), store.state(At(run, LAST))
    weights, hits, losses = expected(store.mask(run.mask), batches)
    assert whole.steps.tolist() == [*range(FIRST, LAST)] and LAST - FIRST > 3 * EPOCH
    assert 0.1 < hits[:EPOCH].mean() < hits[-EPOCH:].mean() < 0.9
    np.testing.assert_array_equal(whole.correct, hits)
    np.testing.assert_allclose(whole.losses, losses, rtol=1e-5)
    for name, array in end.weights.items():
        np.testing.assert_allclose(array, weights[name], atol=2e-6, err_msg=name)
    # At every step it is left, and goes on from its files.
    resumed = Store(tmp_path / "store", lambda: engine, SilentObserver())
    for step in range(FIRST + 1, LAST + 1):
        last = resumed.state(At(run, step))
    assert len([*resumed.layout.run(run).glob("record-*")]) == LAST - FIRST
    again = resumed.record(Recorded(run, LAST))
    np.testing.assert_array_equal(again.correct, hits)
    np.testing.assert_array_equal(again.losses, whole.losses)
    for name, array in last.weights.items():
        np.testing.assert_array_equal(array, end.weights[name], err_msg=name)
