"""Augmentation and normalization on the device against NumPy, to the last bit."""

import numpy as np
import pytest
import tensorflow as tf

from lth_tf.data import DataError, Task
from lth_tf.data.preprocess import (
    augment,
    evaluation_inputs,
    evaluation_labels,
    normalize,
    training_batch,
    turn,
)

RANDOM = np.random.default_rng(0)
TASK = Task(
    "cifar10",
    mean=(0.4914, 0.4822, 0.4465),
    std=(0.2023, 0.1994, 0.2010),
    augmentation="crop_and_flip",
    padding=3,
)


def some_images(*shape):
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


def some_draws(batch, padding):
    offsets = RANDOM.integers(0, 2 * padding + 1, (batch, 2))
    return np.concatenate([offsets, RANDOM.integers(0, 2, (batch, 1))], axis=1).astype(np.int32)


def augment_oracle(images, draws, padding):
    _, height, width, _ = images.shape
    padded = np.pad(images, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    crops = [p[y : y + height, x : x + width] for p, (y, x, _) in zip(padded, draws, strict=True)]
    return np.stack([c[:, ::-1] if d[2] else c for c, d in zip(crops, draws, strict=True)])


def normalize_oracle(task, images):
    offset = (255 * np.array(task.mean)).astype(np.float32)
    scale = (1 / (255 * np.array(task.std))).astype(np.float32)
    return (images.astype(np.float32) - offset) * scale


def test_crop_and_flip_by_hand():
    image = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)[None, :, :, None]
    task = Task("mnist", augmentation="crop_and_flip", padding=1)
    tables = {
        (1, 1, 0): [[1, 2, 3], [4, 5, 6]],
        (1, 1, 1): [[3, 2, 1], [6, 5, 4]],
        (0, 0, 0): [[0, 0, 0], [0, 1, 2]],
        (2, 2, 0): [[5, 6, 0], [0, 0, 0]],
        (2, 2, 1): [[0, 6, 5], [0, 0, 0]],
    }
    for draw, expected in tables.items():
        result = augment(task, tf.constant(image), tf.constant([draw]))
        assert result[0, :, :, 0].numpy().tolist() == expected


@pytest.mark.parametrize("jit", [None, False, True], ids=["eager", "graph", "xla"])
@pytest.mark.parametrize("shape", [(128, 32, 32, 3), (5, 7, 4, 1)])
def test_both_steps_equal_numpy(shape, jit):
    task = TASK if shape[-1] == 3 else Task("mnist", (0.1307,), (0.3081,), "crop_and_flip", 3)
    images, draws = some_images(*shape), some_draws(shape[0], 3)

    def step(images, draws):
        augmented = augment(task, images, draws)
        return augmented, normalize(task, augmented)

    run = step if jit is None else tf.function(step, jit_compile=jit)
    augmented, normalized = run(tf.constant(images), tf.constant(draws))
    expected = augment_oracle(images, draws, 3)
    assert augmented.dtype == tf.uint8 and normalized.dtype == tf.float32
    np.testing.assert_array_equal(augmented, expected)
    np.testing.assert_array_equal(normalized, normalize_oracle(task, expected))


@pytest.mark.parametrize("jit", [False, True])
def test_inside_a_compiled_loop_with_static_shapes(jit):
    images, draws = some_images(3, 4, 6, 8, 3), np.stack([some_draws(4, 3) for _ in range(3)])

    @tf.function(jit_compile=jit)
    def loop(images, draws):
        total = tf.zeros([4, 6, 8, 3])
        for i in tf.range(3):
            batch = normalize(TASK, augment(TASK, images[i], draws[i]))
            assert batch.shape == (4, 6, 8, 3)
            total += batch
        return total

    expected = np.zeros([4, 6, 8, 3], np.float32)
    for image, draw in zip(images, draws, strict=True):
        expected += normalize_oracle(TASK, augment_oracle(image, draw, 3))
    result = loop(tf.constant(images), tf.constant(draws))
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-6)


def test_normalization_is_on_the_unit_scale():
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    task = Task("mnist", mean=(0.1307,), std=(0.3081,))
    expected = (images / 255.0 - 0.1307) / 0.3081
    np.testing.assert_allclose(normalize(task, tf.constant(images)), expected, atol=1e-6)


def test_one_number_serves_every_channel():
    images = tf.constant(some_images(2, 3, 3, 3))
    one, three = Task("x", (0.5,), (0.25,)), Task("x", (0.5,) * 3, (0.25,) * 3)
    np.testing.assert_array_equal(normalize(one, images), normalize(three, images))


def test_a_batch_of_any_size_can_be_normalized():
    @tf.function(input_signature=[tf.TensorSpec([None, 6, 8, 3], tf.uint8)])
    def run(images):
        return normalize(TASK, images)

    for size in (1, 5):
        assert run(tf.constant(some_images(size, 6, 8, 3))).shape == (size, 6, 8, 3)


def test_wrong_number_of_channels():
    message = "Task.mean has 3 numbers, but the images of cifar10 have 1 channel;"
    with pytest.raises(DataError, match=message):
        normalize(TASK, tf.constant(some_images(2, 3, 3, 1)))


def test_no_augmentation_leaves_the_images_alone():
    images = tf.constant(some_images(2, 3, 3, 1))
    assert augment(Task("mnist"), images, tf.constant(some_draws(2, 4))) is images


@pytest.mark.parametrize("jit", [None, False, True], ids=["eager", "graph", "xla"])
@pytest.mark.parametrize("shape", [(128, 32, 32, 3), (5, 7, 7, 1)])
def test_turns_equal_numpy(shape, jit):
    images, turns = some_images(*shape), RANDOM.integers(4, size=shape[0]).astype(np.int32)
    run = turn if jit is None else tf.function(turn, jit_compile=jit)
    expected = np.stack([np.rot90(i, k) for i, k in zip(images, turns, strict=True)])
    turned = run(tf.constant(images), tf.constant(turns))
    assert turned.dtype == tf.uint8 and turned.shape == shape
    np.testing.assert_array_equal(turned, expected)


@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
def test_a_training_batch_is_augmented_then_turned_then_normalized(jit):
    task = Task(**TASK.fields() | {"rotation": True})
    images, turns = some_images(16, 8, 8, 3), RANDOM.integers(4, size=(16, 1))
    draws = np.concatenate([some_draws(16, 3), turns], 1).astype(np.int32)
    upright = tf.zeros(16, tf.int32)

    @tf.function(jit_compile=jit)
    def run(images, draws):
        return training_batch(task, images, upright, draws)

    inputs, labels = run(tf.constant(images), tf.constant(draws))
    augmented = augment_oracle(images, draws[:, :3], 3)
    turned = np.stack([np.rot90(i, k) for i, k in zip(augmented, turns[:, 0], strict=True)])
    np.testing.assert_array_equal(inputs, normalize_oracle(task, turned))
    np.testing.assert_array_equal(labels, turns[:, 0])


def test_a_training_batch_of_a_plain_task_is_normalized_only():
    images, labels = some_images(4, 6, 8, 3), np.arange(4, dtype=np.int32)
    task = Task("cifar10", TASK.mean, TASK.std)
    inputs, found = training_batch(task, tf.constant(images), labels, np.zeros((0, 4), np.int32))
    np.testing.assert_array_equal(inputs, normalize_oracle(task, images))
    np.testing.assert_array_equal(found, labels)


def test_rotation_is_evaluated_in_all_four_positions():
    task = Task(**TASK.fields() | {"rotation": True})
    images = some_images(3, 8, 8, 3)
    inputs = evaluation_inputs(task, tf.constant(images))
    labels = evaluation_labels(task, tf.zeros(3, tf.int32))
    assert inputs.shape == (12, 8, 8, 3) and labels.numpy().tolist() == sorted([0, 1, 2, 3] * 3)
    for place, label in enumerate(labels.numpy()):
        expected = normalize_oracle(task, np.rot90(images[place % 3], label))
        np.testing.assert_array_equal(inputs[place], expected)


def test_other_tasks_are_evaluated_as_they_are():
    images, labels = some_images(3, 8, 8, 3), np.array([2, 0, 1], np.int32)
    inputs = evaluation_inputs(TASK, tf.constant(images))
    np.testing.assert_array_equal(inputs, normalize_oracle(TASK, images))
    assert evaluation_labels(TASK, tf.constant(labels)).numpy().tolist() == [2, 0, 1]
