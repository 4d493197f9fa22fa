"""Streamed training and evaluation give the numbers of training on the same images in memory."""

import dataclasses
import gc
import shutil
import weakref

import numpy as np
import pytest
import tensorflow as tf
from archives import FEW
from binaries import succeed_program
from stream_on_devices import HPARAMS, MODEL, STEPS, TASK, in_memory, trained

from lth_tf.data import DataError, bind, crops, load
from lth_tf.data.stream import Stream
from lth_tf.models.network import network
from lth_tf.state import State
from lth_tf.training import feed
from lth_tf.training.batches import Batches
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.feed import StreamedFeed, StreamedSplit, WholeSplit, open_feed, placed


@pytest.fixture(scope="module")
def streams(imagenet_folder):
    return load(bind(TASK, imagenet_folder), imagenet_folder)


@pytest.fixture(scope="module")
def expected(streams):
    """The same steps on the same parts of the images, all of them decoded beforehand."""
    return trained(tf.distribute.get_strategy(), in_memory(streams), augmentation="none")


# Of one step and of all steps, by `make faults`; of two, below.
@pytest.mark.parametrize(
    "steps_per_call", [3, *(pytest.param(n, marks=pytest.mark.faults) for n in (1, 100))]
)
def test_however_calls_are_cut_it_gives_the_bytes_of_training_in_memory(
    streams, expected, steps_per_call
):
    found = trained(tf.distribute.get_strategy(), streams, steps_per_call=steps_per_call)
    assert found.keys() == expected.keys() and len(found["losses"]) == STEPS
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_calls_of_as_few_steps_as_fit_in_memory(streams, expected, monkeypatch):
    monkeypatch.setattr(feed, "STREAMED_BYTES", 2 * HPARAMS.batch_size * 24 * 24 * 3)
    found = trained(tf.distribute.get_strategy(), streams)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_two_devices_share_what_is_decoded(imagenet_folder, expected, tmp_path):
    path = tmp_path / "found.npz"
    succeed_program("training/stream_on_devices.py", imagenet_folder, path)
    found = np.load(path)
    assert found["replicas"] == 2
    for name, array in expected.items():
        np.testing.assert_allclose(found[name.replace("/", ".")], array, atol=2e-5, err_msg=name)


def batches(*rows):
    indices = np.array(rows, np.int32).reshape(len(rows), 2)
    rates = np.zeros(len(rows), np.float32)
    nothing = np.zeros((len(rows), 0, crops.NUMBERS))
    return Batches(indices, np.zeros((len(rows), 0, 4), np.int32), nothing, rates, rates)


@pytest.fixture
def supplier(streams, monkeypatch):
    """Feeds calls of at most four steps of two images."""
    monkeypatch.setattr(feed, "STREAMED_BYTES", 4 * 2 * 24 * 24 * 3)
    made = StreamedFeed(streams, 2, None)
    assert made.capacity == 4
    return made


@pytest.fixture(scope="module")
def wanted(streams):
    """Images and labels of all examples."""
    return streams.train.decode(np.arange(FEW)).result()


def check_supply(supplier, wanted, *rows):
    """A call gets the images and labels of its own examples."""
    images, labels, places = supplier.supply(batches(*rows))
    assert images.shape == (8, 24, 24, 3) and places.shape == np.shape(rows)
    np.testing.assert_array_equal(images.numpy()[places], wanted[0][np.array(rows)])
    np.testing.assert_array_equal(labels.numpy()[places], wanted[1][np.array(rows)])


def test_what_was_expected_in_vain_is_forgotten(supplier, wanted):
    supplier.expect(lambda: batches([0, 1], [2, 3], [4, 5]))
    check_supply(supplier, wanted, [2, 3], [8, 9])
    supplier.expect(lambda: batches([0, 1], [2, 3], [4, 5], [6, 7]))
    check_supply(supplier, wanted, [0, 1], [9, 8], [4, 5])
    assert not supplier._coming


def test_every_step_is_decoded_once_however_the_pace_changes(supplier, wanted, monkeypatch):
    """Calls of as many steps as the pace allows, and as many ahead; some steps are the same."""
    steps = [[2 * i, 2 * i + 1] for i in range(10)] + [[1, 1]] * 3
    decoded, decode = [], Stream.decode

    def noting(stream, indices, *arguments):
        decoded.append(indices.tolist())
        return decode(stream, indices, *arguments)

    monkeypatch.setattr(Stream, "decode", noting)
    first = 0
    for taken, ahead in ((1, 1), (4, 4), (1, 1), (1, 1), (2, 2), (3, 1), (1, 0)):
        check_supply(supplier, wanted, *steps[first : first + taken])
        first += taken
        coming = batches(*steps[first : first + ahead])
        supplier.expect(lambda coming=coming: coming)
    assert decoded == steps and not supplier._coming


def test_damage_ends_what_is_being_decoded(tmp_path, imagenet_folder):
    shutil.copytree(imagenet_folder, tmp_path / "data")
    (file,) = tmp_path.glob("data/imagenet2012/*/*-train.array_record-*")
    file.write_bytes(file.read_bytes().replace(b"JFIF", b"jfif", 1))
    supplier = StreamedFeed(load(TASK, str(tmp_path / "data")), 2, None)
    with pytest.raises(DataError, match="cannot be read: Corrupted"):
        supplier.supply(batches(*[[i, i + 1] for i in range(0, FEW, 2)]))
    assert not supplier._coming


@pytest.mark.parametrize("reestimated", [False, True])
def test_a_line_over_streamed_images_is_that_over_the_same_in_memory(streams, reestimated):
    net = network(MODEL)
    first, second = (State(0, net.initial_weights(i), net.initial_statistics()) for i in range(2))
    evaluator = Evaluator(net, TASK, False, 4)
    whole = {
        name: WholeSplit(*stream.decode(np.arange(FEW)).result())
        for name, stream in (("train", streams.train), ("test", streams.test))
    }
    alphas = np.linspace(0, 1, 3)
    test, train = StreamedSplit(streams.test, FEW, 4), StreamedSplit(streams.train, FEW, 4)
    resident, streamed = (whole["train"], train) if reestimated else (None, None)
    expected = evaluator.line(first, second, alphas, whole["test"], resident)
    found = evaluator.line(first, second, alphas, test, streamed)
    np.testing.assert_array_equal(found.error, expected.error)
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-5)
    # One trace serves all pieces, the last one too, which is not full.
    assert evaluator.traces == 2


def test_images_are_on_the_device_once_as_long_as_something_uses_them(streams):
    examples = in_memory(streams)
    ours = dataclasses.replace(examples)
    one, other = open_feed(ours, 4, None), open_feed(ours, 8, None)
    split = placed(ours, "train")
    assert one.images is other.images is split.images
    assert split.images is not open_feed(examples, 4, None).images
    np.testing.assert_array_equal(split.images, ours.train_images)
    left = weakref.ref(split)
    del one, split
    gc.collect()
    assert left()
    del other
    gc.collect()
    assert not left()
