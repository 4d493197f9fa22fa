"""Blur and sizes of images against the definitions of their filters; the luminance of colors."""

import numpy as np
import pytest
import tensorflow as tf
from resizing import bilinear

from lth_tf.data.images import blur, in_channels, resized

RANDOM = np.random.default_rng(0)


def triangle(to, size):
    """The matrix [to, size] that scales one axis: the triangle filter, as wide as a pixel of the
    smaller of the two, cut off and normalized at the edges."""
    scale = size / to
    width = max(scale, 1.0)
    centers = (np.arange(to) + 0.5) * scale
    distances = np.abs(np.arange(size) + 0.5 - centers[:, None]) / width
    weights = np.maximum(0, 1 - distances)
    return weights / weights.sum(1, keepdims=True)


def oracle(images, factor):
    height, width = images.shape[1:3]
    rows = triangle(height, height // factor) @ triangle(height // factor, height)
    columns = triangle(width, width // factor) @ triangle(width // factor, width)
    return np.einsum("yr,nrkc,xk->nyxc", rows, images.astype(float), columns)


@pytest.mark.parametrize(
    "shape, factor", [((3, 32, 32, 3), 4), ((2, 12, 8, 1), 2), ((1, 6, 9, 4), 3)]
)
def test_it_is_the_triangle_filter_down_and_up(shape, factor):
    images = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    blurred = blur(images, factor)
    assert blurred.dtype == np.uint8 and blurred.shape == shape
    # Each of four passes rounds to whole numbers.
    np.testing.assert_allclose(blurred, oracle(images, factor), atol=2.01)


def test_literal():
    # Literal: another value here means that Pillow computes otherwise than before.
    images = (np.arange(64).reshape(1, 8, 8, 1) ** 2 % 256).astype(np.uint8)
    assert blur(images, 4)[0, :, :, 0].tolist() == [
        [79, 79, 85, 97, 108, 120, 126, 126],
        [79, 79, 85, 97, 108, 120, 126, 126],
        [83, 83, 89, 100, 110, 121, 127, 127],
        [91, 91, 96, 105, 114, 124, 129, 129],
        [98, 98, 103, 111, 118, 126, 130, 130],
        [106, 106, 110, 116, 122, 129, 132, 132],
        [110, 110, 113, 119, 124, 130, 133, 133],
        [110, 110, 113, 119, 124, 130, 133, 133],
    ]


def test_a_plain_image_stays_what_it_is():
    for value in (0, 7, 255):
        images = np.full((2, 8, 12, 3), value, np.uint8)
        np.testing.assert_array_equal(blur(images, 4), images)


def test_channels_and_images_do_not_mix():
    images = RANDOM.integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    blurred = blur(images, 4)
    for i in range(4):
        for c in range(3):
            alone = blur(images[i : i + 1, :, :, c : c + 1], 4)
            np.testing.assert_array_equal(blurred[i, :, :, c], alone[0, :, :, 0])


def test_it_commutes_with_a_flip():
    images = RANDOM.integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(blur(images[:, :, ::-1], 4), blur(images, 4)[:, :, ::-1])


def test_factor_1_is_the_images_themselves():
    images = np.zeros((1, 8, 8, 1), np.uint8)
    assert blur(images, 1) is images


def test_the_luminance_of_a_color_does_not_depend_on_the_pixels_beside_it():
    green, blue = np.divmod(np.arange(2**16), 2**8)
    colors = np.stack([np.full(2**16, 45), green, blue], axis=-1).astype(np.uint8)
    together = in_channels(colors.reshape(-1, 32, 32, 3), 1)
    alone = in_channels(colors.reshape(-1, 1, 1, 3), 1)
    assert together.dtype == np.uint8
    np.testing.assert_array_equal(together.ravel(), alone.ravel())
    exact = colors.astype(int) @ [299, 587, 114] / 1000
    assert np.abs(together.ravel() - exact).max() <= 0.5


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
