"""Tasks that change their dataset: what is loaded, what is known before, and what is refused."""

import dataclasses

import numpy as np
import pytest

from lth_tf.data import (
    DataError,
    LabelNoise,
    RandomSubset,
    ScoredSubset,
    Task,
    bind,
    class_names,
    digits,
    facts,
    load,
)
from lth_tf.data.selection import select
from lth_tf.recipes import RecipeError

PLAIN = Task("digits")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    digits.prepare(str(folder))
    return folder


@pytest.fixture(scope="module")
def whole(data_dir):
    return load(PLAIN, str(data_dir))


def scores_file(data_dir, name, scores):
    np.save(data_dir / name, scores)
    return ScoredSubset(name, "lowest", 0.1)


def test_facts_are_those_of_what_is_loaded(data_dir, whole):
    subset = scores_file(data_dir, "facts.npy", np.arange(1437))
    for task in (
        PLAIN,
        Task("digits", subset=RandomSubset(0.1)),
        Task("digits", subset=dataclasses.replace(subset, balanced=False)),
        Task("digits", subset=subset, rotation=True, blur=2),
        Task("digits", label_noise=LabelNoise(), blur=4),
    ):
        known, examples = facts(task, str(data_dir)), load(task, str(data_dir))
        assert known.train_examples == len(examples.train_labels) == len(examples.train_images)
        assert known.image_shape == examples.train_images.shape[1:]
        assert known.classes == examples.classes == (4 if task.rotation else 10)
        assert examples.train_labels.dtype == examples.test_labels.dtype == np.int32
        with pytest.raises(ValueError, match="read-only"):
            examples.train_images[0] = 0


def test_a_subset_is_rows_of_the_whole_and_leaves_the_test_set_alone(data_dir, whole):
    task = Task("digits", subset=RandomSubset(0.1, 3), label_noise=LabelNoise(0.2, 4))
    examples = load(task, str(data_dir))
    indices, labels = select(task.subset, task.label_noise, whole.train_labels, 10)
    np.testing.assert_array_equal(examples.train_images, whole.train_images[indices])
    np.testing.assert_array_equal(examples.train_labels, labels)
    assert np.bincount(labels).tolist() == [14] * 10
    assert examples.test_images is whole.test_images and examples.test_labels is whole.test_labels
    assert load(task, str(data_dir)) is examples


def test_the_rotation_task_has_upright_images_of_label_0(data_dir, whole):
    examples = load(Task("digits", rotation=True), str(data_dir))
    assert not examples.train_labels.any() and not examples.test_labels.any()
    assert examples.train_images is whole.train_images


def test_blur_is_of_both_splits(data_dir, whole):
    examples = load(Task("digits", blur=4), str(data_dir))
    for sharp, blurred in (
        (whole.train_images, examples.train_images),
        (whole.test_images, examples.test_images),
    ):
        assert blurred.shape == sharp.shape and blurred.dtype == np.uint8
        assert blurred.std() < sharp.std() / 2
    np.testing.assert_array_equal(examples.train_labels, whole.train_labels)


def test_a_score_file_is_known_by_its_numbers(data_dir, whole):
    """The same path with other numbers is another recipe; the same numbers as text are not."""
    scores = np.random.default_rng(0).random(1437)
    task = Task("digits", subset=scores_file(data_dir, "known.npy", scores))
    first = bind(task, str(data_dir))
    assert first == bind(first, str(data_dir)) != task
    kept = load(first, str(data_dir))
    scores_file(data_dir, "known.npy", scores[::-1])
    second = bind(task, str(data_dir))
    assert second.key != first.key
    assert not np.array_equal(load(task, str(data_dir)).train_labels, kept.train_labels)
    for use in (load, bind):
        message = "^ScoredSubset.scores is 'known.npy'; it must be the numbers .* bound to"
        with pytest.raises(RecipeError, match=message):
            use(first, str(data_dir))
    np.savetxt(data_dir / "known.csv", scores, "%.17g")
    text = dataclasses.replace(task.subset, scores=str(data_dir / "known.csv"))
    written = bind(Task("digits", subset=text), str(data_dir))
    assert written.subset.fingerprint == first.subset.fingerprint
    np.testing.assert_array_equal(load(written, str(data_dir)).train_images, kept.train_images)


BAD_SCORES = {
    "short.npy": (np.arange(1436), "1,437 numbers, .*; their shape is (1436,)"),
    "square.npy": (np.zeros((1437, 2)), "1,437 numbers, .*; their shape is (1437, 2)"),
    "nan.npy": (np.r_[np.zeros(1436), np.nan], "numbers; that of example 1436 is NaN"),
    "words.npy": (np.array(["a", "b"]), "one number for each training example"),
    "complex.npy": (np.arange(1437) * 1j, "one number for each training example"),
    "complex.csv": ("1+2j\n" * 1437, "one number for each training example"),
    "dates.npy": (np.arange(1437).astype("datetime64[D]"), "one number for each training example"),
    "words.csv": ("score\n1\n2\n", "one number for each training example"),
    "empty.csv": ("", "1,437 numbers, .*; their shape is (0,)"),
    "damaged.npy": ("x", "one number for each training example"),
}


@pytest.mark.parametrize("name", BAD_SCORES)
def test_a_score_file_that_is_none(name, data_dir):
    content, message = BAD_SCORES[name]
    if isinstance(content, str):
        (data_dir / name).write_text(content)
    else:
        np.save(data_dir / name, content)
    with pytest.raises(RecipeError) as caught:
        bind(Task("digits", subset=ScoredSubset(name, "lowest", 0.5)), str(data_dir))
    start, end = f"ScoredSubset.scores is {name!r}; it must be ", message.split(".*")
    assert str(caught.value).startswith(start + end[0]) and str(caught.value).endswith(end[-1])
    assert "\n" not in str(caught.value)


def test_a_score_file_that_is_not_there(data_dir):
    subset = ScoredSubset("gone.npy", "lowest", 0.5)
    message = f"^ScoredSubset.scores is 'gone.npy'; it must be a file; there is no {data_dir}/gone"
    for use in (bind, load):
        with pytest.raises(RecipeError, match=message):
            use(Task("digits", subset=subset), str(data_dir))


def test_what_cannot_be_is_refused_before_anything_is_read(data_dir):
    message = "^RandomSubset.fraction is 0.0001; it must be enough for one example of each of"
    with pytest.raises(RecipeError, match=message):
        facts(Task("digits", subset=RandomSubset(1e-4)), str(data_dir))
    message = "^Task.blur is 3; it must divide the sizes of images: the images of digits are 8 x 8"
    for use in (facts, load):
        with pytest.raises(DataError, match=message):
            use(Task("digits", blur=3), str(data_dir))
    message = "^RandomSubset.fraction is 1.0; class 8 has 138 training examples, .* must give 144$"
    with pytest.raises(RecipeError, match=message):
        load(Task("digits", subset=RandomSubset(1.0)), str(data_dir))


def test_the_names_of_the_classes(data_dir):
    assert class_names(PLAIN, str(data_dir)) == [str(n) for n in range(10)]
