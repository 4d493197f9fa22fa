"""Images that are streamed: the same on any number of threads, in the order and size asked for."""

import io
import os
import resource
import subprocess
import sys
import threading

import archives
import binaries
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from archives import FEW
from PIL import Image

from lth_tf.data import DataError, Streams, Task, bind, crops, facts, load
from lth_tf.data.images import resized
from lth_tf.data.stream import Stream, decoded

TASK = Task(
    "imagenet2012",
    augmentation="resized_crop_and_flip",
    image_size=24,
    test_split="validation",
)
DRAWS = crops.crop_draws(0, 0, 1, FEW)[0]


class Portraits(tfds.core.GeneratorBasedBuilder):
    """Images of many sizes that are no JPEG files."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {
            "image": tfds.features.Image(encoding_format="png"),
            "label": tfds.features.ClassLabel(num_classes=4),
        }
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(3), "test": self._generate_examples(2)}

    def _generate_examples(self, count):
        for i in range(count):
            yield i, {"image": np.zeros((2 + i, 3, 3), np.uint8), "label": i}


@pytest.fixture(scope="module")
def streams(imagenet_folder):
    found = load(bind(TASK, imagenet_folder), imagenet_folder)
    assert isinstance(found, Streams)
    return found


def bilinear(image, size):
    """Bilinear interpolation between pixel centers at half integers, float64."""

    def axis(length):
        at = np.clip((np.arange(size) + 0.5) * length / size - 0.5, 0, length - 1)
        low = np.floor(at).astype(int)
        return low, np.minimum(low + 1, length - 1), at - low

    (y0, y1, v), (x0, x1, u) = axis(image.shape[0]), axis(image.shape[1])
    image, u, v = image.astype(float), u[None, :, None], v[:, None, None]
    top = image[y0][:, x0] * (1 - u) + image[y0][:, x1] * u
    bottom = image[y1][:, x0] * (1 - u) + image[y1][:, x1] * u
    return top * (1 - v) + bottom * v


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


@pytest.mark.parametrize("shape", [(7, 9), (40, 31), (20, 20)])
def test_bilinear_resizing_equals_its_definition(shape):
    images = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), np.uint8)
    found = resized(images, (20, 20), "bilinear")
    assert found.dtype == np.uint8
    for one, image in zip(found, images, strict=True):
        assert np.abs(one - bilinear(image, 20)).max() <= 0.5001


def test_bicubic_resizing_cuts_off_what_overshoots():
    stripes = np.repeat(np.tile([0, 255], 3), 3).astype(np.uint8)
    images = np.tile(stripes[None, None, :, None], (1, 18, 1, 3))
    exact = tf.image.resize(images, (40, 40), "bicubic").numpy()
    assert exact.min() < -5 and exact.max() > 260
    found = resized(images, (40, 40), "bicubic")
    assert np.abs(found - np.clip(exact, 0, 255)).max() <= 0.5001


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


def test_what_cannot_be_streamed(imagenet_folder, tmp_path):
    for task, message in (
        (Task("imagenet2012"), r"vary in size \(\? x \? x 3\); say with Task.image_size"),
        (
            Task("imagenet2012", image_size=24, rotation=True),
            "Task.rotation is for images of one size, in memory; those of 'imagenet2012' vary",
        ),
        (
            Task("digits", augmentation="resized_crop_and_flip"),
            "'resized_crop_and_flip' is for images that vary in size; those of 'digits' do not",
        ),
    ):
        with pytest.raises(DataError, match=message):
            bind(task, imagenet_folder)
    sized, records, arrays = Task("portraits", image_size=8), tmp_path / "1", tmp_path / "2"
    tfds.builder("portraits", data_dir=records).download_and_prepare()
    with pytest.raises(DataError, match='prepared as tfrecord files.*remove .*file_format="array'):
        bind(sized, str(records))
    tfds.builder("portraits", data_dir=arrays, file_format="array_record").download_and_prepare()
    message = (
        r"^example 1 of split 'test' of portraits, in \S+-test\S+, cannot be decoded as JPEG: "
    )
    with pytest.raises(DataError, match=message):
        load(sized, str(arrays)).test.decode(np.array([1])).result()


def sharded(folder, shards):
    """The stream of a dataset of one image in each of so many files, and the files."""
    archives.make("imagenet2012", folder, images=shards, sides=(16, 17))
    builder = tfds.builder("imagenet2012", data_dir=folder, file_format="array_record")
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(num_shards=shards))
    return Stream(TASK, builder, "train", 1), sorted(builder.data_path.glob("*-train.array*-of-*"))


def in_file(file, change):
    """Writes to a file what a function makes of its bytes."""
    data = file.read_bytes()
    file.write_bytes(change(data))
    assert file.read_bytes() != data


def half(data):
    """The second half is missing."""
    return data[: len(data) // 2]


def flipped(data):
    """One bit of an image is another."""
    place = data.index(b"JFIF") + 100
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_damage_is_said_of_the_example_and_file_that_has_it(tmp_path):
    stream, files = sharded(tmp_path, 8)
    for file, change in ((1, half), (2, lambda data: data[:1000]), (3, lambda data: b"")):
        in_file(files[file], change)
    in_file(files[4], lambda data: bytes(len(data)))
    in_file(files[5], flipped)
    files[6].unlink()
    messages = {
        1: "the record is empty",
        2: "ArrayRecord file should be at least",
        3: "ArrayRecord file should be at least",
        4: "Corrupted Riegeli/records file",
        5: "Corrupted Riegeli/records file: chunk data hash mismatch",
        6: r"open\(\) failed: No such file",
    }
    for index, message in messages.items():
        who = f"example {index} of split 'train' of imagenet2012, in {files[index]}"
        with pytest.raises(DataError, match=f"^{who}, cannot be read: {message}[^\n]*$"):
            stream.decode(np.array([0, index, 7])).result()
    assert len(stream.decode(np.array([0, 7])).result()[0]) == 2


def test_more_files_than_a_process_may_open_at_first(tmp_path):
    """ImageNet has 1,024, and 1,024 is the limit that Linux begins with."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    there = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (there + 20, limits[1]))
    try:
        stream, files = sharded(tmp_path, 40)
        assert len(files) == 40
        assert len(stream.decode(np.arange(40)).result()[0]) == 40
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_what_to_fetch_for_imagenet_and_where_to_put_it(tmp_path):
    with pytest.raises(DataError) as error:
        bind(TASK, str(tmp_path))
    text = str(error.value)
    assert "\n" not in text and "ILSVRC2012_img_train.tar" in text and "image-net.org" in text
    assert f"{tmp_path}/downloads/manual" in text and 'file_format="array_record"' in text
