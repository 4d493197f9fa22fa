"""Reading TFDS datasets: what is returned, and one clear line for all that can be wrong."""

import importlib
import shutil
import subprocess

import numpy as np
import pytest
import real_data
import tensorflow as tf
import tensorflow_datasets as tfds

from lth_tf.data import DataError, Task, bind, digits, load


class TinyFaults(tfds.core.GeneratorBasedBuilder):
    """Three images, of which the last has no label."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(2, 3, 3)),
            "label": tfds.features.ClassLabel(num_classes=4),
        }
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {
            "train": self._generate_examples([1, 2]),
            "unlabeled": self._generate_examples([-1]),
        }

    def _generate_examples(self, labels):
        for label in labels:
            yield label, {"image": np.full((2, 3, 3), label % 256, np.uint8), "label": label}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("tfds"))
    TinyFaults(data_dir=folder).download_and_prepare()
    digits.prepare(folder)
    return folder


def one_line(error):
    text = str(error.value)
    assert "\n" not in text
    return text


def test_examples_are_read_only_shared_and_in_one_order(data_dir):
    examples = load(Task("digits"), data_dir)
    assert load(Task("digits", mean=(0.3,)), data_dir) is examples
    with pytest.raises(ValueError, match="read-only"):
        examples.train_images[0] = 0
    part = load(Task("digits", train_split="train[:100]", test_split="train[100:]"), data_dir)
    joined = np.concatenate([part.train_images, part.test_images])
    np.testing.assert_array_equal(joined, examples.train_images)


def test_binding_fills_only_the_fingerprint(data_dir):
    task = Task("digits", mean=(0.3,))
    bound = bind(task, data_dir)
    assert bound.fields() == task.fields() | {"fingerprint": bound.fingerprint}
    assert len(bound.fingerprint) == 16
    assert bind(bound, data_dir) == bound
    assert load(bound, data_dir) is load(task, data_dir)
    other = Task("tiny_faults", train_split="train[:1]", test_split="train[1:]")
    assert bind(other, data_dir).fingerprint != bound.fingerprint


def test_a_jpeg_copy_is_other_data(data_dir, tmp_path, monkeypatch):
    def jpeg(image):
        return tf.io.encode_jpeg(image[..., None]).numpy()

    monkeypatch.setattr(digits, "_png", jpeg)
    digits.prepare(str(tmp_path))
    original, copy = bind(Task("digits"), data_dir), bind(Task("digits"), str(tmp_path))
    assert original.key != copy.key
    assert len(load(copy, str(tmp_path)).test_labels) == 360
    with pytest.raises(DataError) as error:
        load(original, str(tmp_path))
    assert one_line(error) == (
        f"the task was bound to digits with fingerprint {original.fingerprint}, "
        f"but {tmp_path} holds other data, {copy.fingerprint}"
    )


@pytest.mark.parametrize("use", [bind, load])
@pytest.mark.parametrize(
    "task, message",
    [
        (
            Task("diggits"),
            "there is no dataset 'diggits'; ready to use in {0}: digits, tiny_faults; "
            "closest among those of TFDS: digits",
        ),
        (Task("zqxj"), "there is no dataset 'zqxj'; ready to use in {0}: digits, tiny_faults; all"),
        (
            Task("digits:9.0.0"),
            "dataset 'digits:9.0.0' cannot be used: .* version 9.0.0, only: 1.0.0",
        ),
        (Task("digits/big"), "dataset 'digits/big' cannot be used: BuilderConfig big not found"),
        (Task("huggingface:mnist"), "'huggingface:mnist' is not a name as NAME, NAME/CONFIG or"),
        (Task("two words"), "'two words' is not a name as NAME, NAME/CONFIG or NAME:VERSION"),
        (Task("fashion_mnist"), "dataset 'fashion_mnist' is not prepared in {0}; to do so: "),
        (
            Task("imdb_reviews"),
            "dataset 'imdb_reviews' is not for image classification: it needs the features "
            "'image' .* and 'label' .*, and has 'text', 'label'$",
        ),
        (
            Task("imagenet2012"),
            r"images of dataset 'imagenet2012' vary in size \(\? x \? x 3\)",
        ),
        (
            Task("digits", train_split="trian"),
            "dataset 'digits' has no split 'trian'; it has 'train', 'test', and parts",
        ),
        (Task("digits", test_split="test[:x%]"), r"dataset 'digits' has no split 'test\[:x%\]'"),
        (
            Task("digits", test_split="test[:0]"),
            r"split 'test\[:0\]' of .*'digits' holds no examples",
        ),
        (Task("digits", train_split="train[5:3]"), r"'train\[5:3\]' of .* ends before it begins$"),
        (Task("digits", train_split="train[9%:5%]+train"), "'digits' ends before it begins$"),
    ],
)
def test_what_cannot_be_used(use, task, message, data_dir):
    with pytest.raises(DataError, match=message.format(data_dir)) as error:
        use(task, data_dir)
    one_line(error)


def test_what_only_reading_shows(data_dir):
    with pytest.raises(DataError, match="^split 'unlabeled' of tiny_faults has examples without"):
        load(Task("tiny_faults", test_split="unlabeled"), data_dir)
    with pytest.raises(DataError, match="^Task.std has 2 numbers, but .* tiny_faults have 3 ch"):
        load(Task("tiny_faults", std=(0.1, 0.2), test_split="train"), data_dir)


def test_images_of_more_than_8_bits(data_dir, monkeypatch):
    features = {
        "image": tfds.features.Image(shape=(2, 3, 1), dtype=np.uint16),
        "label": tfds.features.ClassLabel(num_classes=4),
    }
    info = tfds.core.DatasetInfo
    monkeypatch.setattr(info, "features", tfds.features.FeaturesDict(features))
    with pytest.raises(DataError, match="'tiny_faults' are uint16; only 8-bit images"):
        bind(Task("tiny_faults"), data_dir)


def test_a_data_dir_that_is_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("")
    for name in ("digits", "mnist"):
        with pytest.raises(DataError, match=f"^data_dir {path} is not a folder$"):
            bind(Task(name), str(path))


# Those of other datasets: test_datasets.py, every time.
@pytest.mark.faults
def test_the_command_for_preparing_runs_as_it_is_printed(data_dir, tmp_path):
    folder = tmp_path / "with space"
    with pytest.raises(DataError) as error:
        bind(Task("fashion_mnist"), str(folder))
    command = one_line(error).partition("to do so: ")[2]
    # Any dataset that is already there will do: nothing is downloaded in a test.
    shutil.copytree(data_dir, folder)
    command = command.replace("fashion_mnist", "digits")
    assert subprocess.run(command, shell=True, capture_output=True).returncode == 0


OWN = """
import numpy as np
import tensorflow_datasets as tfds

class Squares(tfds.core.GeneratorBasedBuilder):
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {"image": tfds.features.Image(shape=(4, 4, 1)),
                    "label": tfds.features.ClassLabel(num_classes=2)}
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(), "test": self._generate_examples()}

    def _generate_examples(self):
        for label in (0, 1):
            yield label, {"image": np.full((4, 4, 1), 255 * label, np.uint8), "label": label}
"""


def test_the_command_for_preparing_imports_the_module_of_an_own_builder(tmp_path, monkeypatch):
    (tmp_path / "squares_of_mine.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("squares_of_mine")
    with pytest.raises(DataError) as error:
        bind(Task("squares"), str(tmp_path / "data"))
    command = one_line(error).partition("to do so: ")[2]
    subprocess.run(command, shell=True, check=True, capture_output=True, cwd=tmp_path)
    assert load(Task("squares"), str(tmp_path / "data")).train_labels.tolist() == [0, 1]


@pytest.mark.integration
@pytest.mark.parametrize(
    "name, image, train, test, histogram",
    [
        (
            "mnist",
            (28, 28, 1),
            60000,
            10000,
            [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
        ),
        ("cifar10", (32, 32, 3), 50000, 10000, [5000] * 10),
    ],
)
def test_the_real_datasets(name, image, train, test, histogram):
    real_data.require(name)
    task = bind(Task(name), None)
    examples = load(task, None)
    assert examples.train_images.shape == (train, *image)
    assert examples.test_images.shape == (test, *image)
    assert np.bincount(examples.train_labels).tolist() == histogram
    assert len(examples.test_labels) == test and examples.classes == 10
    assert 30 < examples.train_images.mean() < 130
