"""The digits that come with the package: what they are, and that preparing them is safe."""

import os

import numpy as np
import pytest

from lth_tf.data import DataError, Task, bind, digits, load

# The dataset's fingerprint is part of every key of a run on digits: it must not depend on the
# machine, nor change without a new version of the dataset.
FINGERPRINT = "2cc1338f86f50f7c"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return str(tmp_path_factory.mktemp("digits") / "made" / "on_demand")


def test_literal_facts(data_dir):
    examples = load(Task("digits"), data_dir)
    assert examples.train_images.shape == (1437, 8, 8, 1)
    assert examples.test_images.shape == (360, 8, 8, 1)
    assert examples.train_images.dtype == np.uint8 and examples.train_labels.dtype == np.int32
    assert examples.classes == 10
    train, test = np.bincount(examples.train_labels), np.bincount(examples.test_labels)
    assert test.tolist() == [36] * 10
    assert (train + test).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert bind(Task("digits"), data_dir).fingerprint == FINGERPRINT


def test_they_are_the_bundled_images_each_once(data_dir):
    examples = load(Task("digits"), data_dir)
    bundled, labels = digits.bundled()
    assert (bundled.min(), bundled.max(), len(np.unique(bundled))) == (0, 255, 17)
    images = np.concatenate([examples.train_images, examples.test_images])[..., 0]
    found = zip(images, np.concatenate([examples.train_labels, examples.test_labels]), strict=True)
    expected = zip(bundled, labels, strict=True)
    assert sorted((i.tobytes(), int(n)) for i, n in found) == sorted(
        (i.tobytes(), int(n)) for i, n in expected
    )
    test = digits.test_indices(labels)
    assert sorted(i.tobytes() for i in bundled[test]) == sorted(
        i.tobytes() for i in examples.test_images
    )


def test_nothing_is_printed(tmp_path, capfd, caplog):
    digits.prepare(str(tmp_path))
    assert not caplog.records
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "digits" not in captured.err


def test_the_loser_of_a_race_uses_the_winners_files(tmp_path, monkeypatch):
    generators = digits.Digits._split_generators

    def beaten(builder, dl_manager):
        # Between this builder's start and its end another one does the whole work.
        monkeypatch.setattr(digits.Digits, "_split_generators", generators)
        digits.prepare(str(tmp_path))
        return generators(builder, dl_manager)

    monkeypatch.setattr(digits.Digits, "_split_generators", beaten)
    digits.prepare(str(tmp_path))
    assert os.listdir(tmp_path / "digits") == ["1.0.0"]
    assert bind(Task("digits"), str(tmp_path)).fingerprint == FINGERPRINT


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def full(builder, *_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(digits.Digits, "download_and_prepare", full)
    message = f"^cannot write dataset 'digits' to {tmp_path}: No space left on device$"
    with pytest.raises(DataError, match=message):
        bind(Task("digits"), str(tmp_path))
