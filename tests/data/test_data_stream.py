"""Images that are streamed: the same on any number of threads, in the order and size asked for."""

import io
import subprocess
import sys

import archives
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image

from lth_tf.data import DataError, Streams, Task, bind, crops, facts, load
from lth_tf.data.stream import Stream, decoded, resized

IMAGES = 23
TASK = Task(
    "imagenet2012",
    augmentation="resized_crop_and_flip",
    image_size=24,
    test_split="validation",
)
DRAWS = crops.crop_draws(0, 0, 1, IMAGES)[0]


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
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    archives.prepare("imagenet2012", folder, images=IMAGES)
    return str(folder)


@pytest.fixture(scope="module")
def streams(data_dir):
    found = load(bind(TASK, data_dir), data_dir)
    assert isinstance(found, Streams)
    return found


def stored(data_dir, split):
    """What TFDS itself reads: file names, decoded images, labels."""
    return list(tfds.builder("imagenet2012", data_dir=data_dir).as_data_source(split=split))


def bilinear(image, size):
    """Bilinear interpolation between pixel centres at half integers, float64."""

    def axis(length):
        at = np.clip((np.arange(size) + 0.5) * length / size - 0.5, 0, length - 1)
        low = np.floor(at).astype(int)
        return low, np.minimum(low + 1, length - 1), at - low

    (y0, y1, v), (x0, x1, u) = axis(image.shape[0]), axis(image.shape[1])
    image, u, v = image.astype(float), u[None, :, None], v[:, None, None]
    top = image[y0][:, x0] * (1 - u) + image[y0][:, x1] * u
    bottom = image[y1][:, x0] * (1 - u) + image[y1][:, x1] * u
    return top * (1 - v) + bottom * v


def test_the_facts_are_known_before_anything_is_decoded(data_dir):
    code = (
        "import sys; from lth_tf.data import *; "
        f"task = bind(Task('imagenet2012', image_size=24, test_split='validation'), {data_dir!r}); "
        f"print(facts(task, {data_dir!r})); sys.exit('tensorflow' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    examples = f"train_examples={IMAGES}, test_examples={IMAGES}"
    expected = f"Facts({examples}, image_shape=(24, 24, 3), classes=1000)"
    assert (run.returncode, run.stdout.strip()) == (0, expected), run.stderr


def test_examples_are_those_of_the_archive(data_dir, streams):
    """Central crops against the files that TFDS keeps, decoded by Pillow."""
    images, labels = next(iter(streams.test.pieces(IMAGES, IMAGES)))
    raw = {"image": tfds.decode.SkipDecoding()}
    builder = tfds.builder("imagenet2012", data_dir=data_dir)
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
        # Colours at the part's edges are smoothed with what lies in it only.
        assert difference[1:-1, 1:-1].mean() < 1.5
        flipped += flip
    assert 5 < flipped < 18


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


def test_threads_and_the_order_of_asking_change_nothing(data_dir, streams):
    builder = tfds.builder("imagenet2012", data_dir=data_dir)
    expected = streams.train.decode(np.arange(IMAGES), DRAWS).result()
    assert len(set(expected[1].tolist())) == 5
    for threads in (1, 7):
        stream = Stream(TASK, builder, "train", threads)
        last = stream.decode(np.arange(IMAGES)[::-1], DRAWS[::-1])
        first = stream.decode(np.arange(3), DRAWS[:3])
        np.testing.assert_array_equal(last.result()[0][::-1], expected[0])
        np.testing.assert_array_equal(last.result()[1][::-1], expected[1])
        np.testing.assert_array_equal(first.result()[0], expected[0][:3])


@pytest.mark.parametrize("size", [1, 10, IMAGES, 1000])
def test_pieces_hold_every_example_once_in_order(streams, size):
    expected = streams.train.decode(np.arange(IMAGES)).result()
    pieces = list(streams.train.pieces(IMAGES, size))
    assert {images.shape[0] for images, _ in pieces} == {min(size, IMAGES)}
    images, labels = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
    assert (labels[IMAGES:] == -1).all() and (images[IMAGES:] == 0).all()
    np.testing.assert_array_equal(images[:IMAGES], expected[0])
    np.testing.assert_array_equal(labels[:IMAGES], expected[1])


def test_a_part_of_a_split(data_dir):
    task = Task("imagenet2012", image_size=24, train_split="train[:15]", test_split="train[15:]")
    part, whole = load(task, data_dir), load(TASK, data_dir)
    assert facts(task, data_dir).train_examples == len(part.train) == 15
    expected = whole.train.decode(np.arange(15, 23)).result()[0]
    np.testing.assert_array_equal(part.test.decode(np.arange(8)).result()[0], expected)


def test_what_cannot_be_streamed(data_dir, tmp_path):
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
            bind(task, data_dir)
    sized = Task("portraits", image_size=8)
    tfds.builder("portraits", data_dir=tmp_path).download_and_prepare()
    with pytest.raises(DataError, match='prepared as tfrecord files.*remove .*file_format="array'):
        bind(sized, str(tmp_path))
    tfds.builder("portraits", data_dir=data_dir, file_format="array_record").download_and_prepare()
    with pytest.raises(
        DataError, match="^example 1 of split 'test' of portraits cannot be decoded"
    ):
        load(sized, data_dir).test.decode(np.array([1])).result()


def test_what_to_fetch_for_imagenet_and_where_to_put_it(tmp_path):
    with pytest.raises(DataError) as error:
        bind(TASK, str(tmp_path))
    text = str(error.value)
    assert "\n" not in text and "ILSVRC2012_img_train.tar" in text and "image-net.org" in text
    assert f"{tmp_path}/downloads/manual" in text and 'file_format="array_record"' in text
