"""Streamed training and evaluation give the numbers of training on the same images in memory."""

import numpy as np
import pytest
import tensorflow as tf
from archives import FEW
from binaries import succeed_program
from stream_on_devices import HPARAMS, MODEL, STEPS, TASK, in_memory, trained

from lth_tf.data import bind, crops, load
from lth_tf.models.network import network
from lth_tf.training import feed
from lth_tf.training.batches import Batches
from lth_tf.training.evaluation import Evaluator
from lth_tf.training.feed import StreamedFeed
from lth_tf.training.pieces import StreamedSplit, WholeSplit
from lth_tf.training.state import State


@pytest.fixture(scope="module")
def streams(imagenet_folder):
    return load(bind(TASK, imagenet_folder), imagenet_folder)


@pytest.fixture(scope="module")
def expected(streams):
    """The same steps on the same parts of the images, all of them decoded beforehand."""
    return trained(tf.distribute.get_strategy(), in_memory(streams), augmentation="none")


@pytest.mark.parametrize("steps_per_call", [1, 3, 100])
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
    indices = np.array(rows, np.int32)
    rates = np.zeros(len(rows), np.float32)
    nothing = np.zeros((len(rows), 0, crops.NUMBERS))
    return Batches(indices, np.zeros((len(rows), 0, 4), np.int32), nothing, rates, rates)


def test_what_was_expected_in_vain_is_forgotten(streams):
    supplier = StreamedFeed(streams, 2, None)
    supplier.expect(lambda: batches([0, 1], [2, 3], [4, 5]))
    images, labels, rows = supplier.supply(batches([2, 3], [8, 9]))
    wanted = streams.train.decode(np.array([2, 3, 8, 9])).result()
    assert rows.tolist() == [[0, 1], [2, 3]]
    np.testing.assert_array_equal(images[:4], wanted[0])
    np.testing.assert_array_equal(labels[:4], wanted[1])
    assert supplier._coming == {}


@pytest.mark.parametrize("statistics", ["interpolate", "reestimate"])
def test_a_line_over_streamed_images_is_that_over_the_same_in_memory(streams, statistics):
    net = network(MODEL)
    first, second = (State(0, net.initial_weights(i), net.initial_statistics()) for i in range(2))
    evaluator = Evaluator(net, TASK, False, 4)
    whole = {
        name: WholeSplit(*stream.decode(np.arange(FEW)).result())
        for name, stream in (("train", streams.train), ("test", streams.test))
    }
    alphas = np.linspace(0, 1, 3)
    expected = evaluator.line(first, second, alphas, whole["test"], statistics, whole["train"])
    test, train = StreamedSplit(streams.test, FEW, 4), StreamedSplit(streams.train, FEW, 4)
    found = evaluator.line(first, second, alphas, test, statistics, train)
    np.testing.assert_array_equal(found.error, expected.error)
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-5)
    # One trace serves all pieces, the last one too, which is not full.
    assert evaluator.traces == 2
