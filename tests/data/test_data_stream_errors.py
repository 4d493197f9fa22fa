"""Streams that fail, and what is said: data of another kind, damaged files, too many files."""

import os
import resource

import archives
import numpy as np
import pytest
import tensorflow_datasets as tfds

from lth_tf.data import DataError, Task, bind, load
from lth_tf.data.stream import Stream

TASK = Task(
    "imagenet2012",
    augmentation="resized_crop_and_flip",
    image_size=24,
    test_split="validation",
)


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
