"""Images that are streamed: the same on any number of threads, in the order and size asked for."""

import io
import subprocess
import sys
import threading

import archives
import binaries
import numpy as np
import pytest
import tensorflow_datasets as tfds
from archives import FEW
from PIL import Image
from resizing import bilinear

from lth_tf.data import Streams, Task, bind, crops, facts, load
from lth_tf.data.images import resized
from lth_tf.data.stream import Stream, decoded

TASK = Task(
    "imagenet2012",
    augmentation="resized_crop_and_flip",
    image_size=24,
    test_split="validation",
)
DRAWS = crops.crop_draws(0, 0, 1, FEW)[0]


@pytest.fixture(scope="module")
def streams(imagenet_folder):
    found = load(bind(TASK, imagenet_folder), imagenet_folder)
    assert isinstance(found, Streams)
    return found


def test_the_facts_are_known_before_anything_is_decoded(imagenet_folder):
    code = (
        f"import sys; from lth_tf.data import *; folder = {imagenet_folder!r}; "
        "task = bind(Task('imagenet2012', image_size=24, test_split='validation'), folder); "
        "print(facts(task, folder)); sys.exit('tensorflow' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    examples = f"train_examples={FEW}, test_examples={FEW}"
    expected = f"Facts({examples}, image_shape=(24, 24, 3), classes=1000)"
    assert (run.returncode, run.stdout.strip()) == (0, expected), run.stderr


def test_examples_are_those_of_the_archive(imagenet_folder, streams):
    """Central crops against the files that TFDS keeps, decoded by Pillow."""
    images, labels = next(iter(streams.test.pieces(FEW, FEW)))
    raw = {"image": tfds.decode.SkipDecoding()}
    builder = tfds.builder("imagenet2012", data_dir=imagenet_folder)
    for image, label, example in zip(
        images, labels, builder.as_data_source("validation", decoders=raw), strict=True
    ):
        whole = np.asarray(Image.open(io.BytesIO(example["image"])))
        top, left, h, w = crops.central_window(0.875, *whole.shape[:2])
        expected = resized(whole[None, top : top + h, left : left + w], (24, 24), "bicubic")[0]
        assert np.abs(image.astype(int) - expected).mean() < 1.5
        assert label == example["label"]


def test_a_drawn_part_is_cut_out_and_flipped():
    picture = archives.picture(1, 2, 90, 120)
    whole = np.asarray(Image.open(io.BytesIO(archives.jpeg(picture))))
    task = Task("x", image_size=30, resize="bilinear")
    flipped = 0
    for draw in DRAWS:
        (top, left, h, w), flip = crops.random_window(draw, 90, 120)
        expected = bilinear(whole[top : top + h, left : left + w], 30)
        found = decoded(task, archives.jpeg(picture), draw)
        difference = np.abs(found[:, ::-1] - expected if flip else found - expected)
        # Colors at the part's edges are smoothed with what lies in it only.
        assert difference[1:-1, 1:-1].mean() < 1.5
        flipped += flip
    assert 5 < flipped < 21


def test_threads_and_the_order_of_asking_change_nothing(imagenet_folder, streams):
    builder = tfds.builder("imagenet2012", data_dir=imagenet_folder)
    expected = streams.train.decode(np.arange(FEW), DRAWS).result()
    assert len(set(expected[1].tolist())) == 5
    for threads in (1, 7):
        stream = Stream(TASK, builder, "train", threads)
        last = stream.decode(np.arange(FEW)[::-1], DRAWS[::-1])
        first = stream.decode(np.arange(3), DRAWS[:3])
        np.testing.assert_array_equal(last.result()[0][::-1], expected[0])
        np.testing.assert_array_equal(last.result()[1][::-1], expected[1])
        np.testing.assert_array_equal(first.result()[0], expected[0][:3])


def test_a_process_decodes_on_as_many_threads_as_its_kernels_have(imagenet_folder, tmp_path):
    (tmp_path / "threads.py").write_text(
        f"from lth_tf.data import *; from lth_tf.training import numerics; numerics.configure(1); "
        "task = Task('imagenet2012', image_size=24, test_split='validation'); "
        f"print(load(task, {imagenet_folder!r}).train.threads)"
    )
    run = binaries.run(str(tmp_path / "threads.py"))
    assert (run.returncode, run.stdout.strip()) == (0, "1"), run.stderr


@pytest.mark.parametrize("size", [1, 10, FEW, 1000])
def test_pieces_hold_every_example_once_in_order(streams, size):
    expected = streams.train.decode(np.arange(FEW)).result()
    pieces = list(streams.train.pieces(FEW, size))
    assert {images.shape[0] for images, _ in pieces} == {min(size, FEW)}
    images, labels = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
    assert (labels[FEW:] == -1).all() and (images[FEW:] == 0).all()
    np.testing.assert_array_equal(images[:FEW], expected[0])
    np.testing.assert_array_equal(labels[:FEW], expected[1])


def test_pieces_that_are_not_wanted_any_more_are_not_decoded(imagenet_folder):
    class Gated(Stream):
        """Reads the first piece, and of the next nothing before it is let."""

        read, gate = 0, threading.Event()

        def _read(self, index):
            assert index < 13 or self.gate.wait(60)
            self.read += 1
            return super()._read(index)

    stream = Gated(TASK, tfds.builder("imagenet2012", data_dir=imagenet_folder), "train", 1)
    pieces = stream.pieces(FEW, 13)
    next(pieces)
    threading.Timer(0.2, stream.gate.set).start()
    pieces.close()
    stream.decode(np.arange(1)).result()
    assert 13 + 1 <= stream.read <= 13 + 1 + 1


def test_a_part_of_a_split(imagenet_folder):
    task = Task("imagenet2012", image_size=24, train_split="train[:15]", test_split="train[15:]")
    part, whole = load(task, imagenet_folder), load(TASK, imagenet_folder)
    assert facts(task, imagenet_folder).train_examples == len(part.train) == 15
    expected = whole.train.decode(np.arange(15, FEW)).result()[0]
    np.testing.assert_array_equal(part.test.decode(np.arange(FEW - 15)).result()[0], expected)
