"""Which part of an image is taken: against torchvision's algorithm, and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_tf.data import crops

sizes = st.integers(1, 700)


def torchvision_window(draw, height, width):
    """torchvision.transforms.RandomResizedCrop.get_params, fed with a draw's numbers."""
    for attempt in range(10):
        area = height * width * (0.08 + 0.92 * draw[attempt])
        low, high = math.log(3 / 4), math.log(4 / 3)
        ratio = math.exp(low + (high - low) * draw[10 + attempt])
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            return int(draw[20] * (height - h + 1)), int(draw[21] * (width - w + 1)), h, w
    if width / height < 3 / 4:
        w, h = width, max(1, round(width / (3 / 4)))
    elif width / height > 4 / 3:
        w, h = max(1, round(height * (4 / 3))), height
    else:
        w, h = width, height
    return (height - h) // 2, (width - w) // 2, h, w


@given(seed=st.integers(0, 50), height=sizes, width=sizes)
def test_it_is_torchvisions_window_and_lies_in_the_image(seed, height, width):
    draw = crops.crop_draws(seed, 3, 1, 1)[0, 0]
    window, flip = crops.random_window(draw, height, width)
    assert window == torchvision_window(draw, height, width)
    assert flip == (draw[22] < 0.5)
    assert window.height > 0 and 0 <= window.top <= height - window.height
    assert window.width > 0 and 0 <= window.left <= width - window.width


def test_a_long_image_has_its_largest_middle_part():
    # No attempt fits: a hundredth of the length at ratio 3/4 is higher than the image.
    assert crops.random_window(np.full(crops.NUMBERS, 0.9), 10, 1000)[0] == (0, 493, 10, 13)
    assert crops.random_window(np.full(crops.NUMBERS, 0.9), 1000, 10)[0] == (493, 0, 13, 10)


@pytest.mark.parametrize(
    "height, width, window",
    [
        (256, 256, (16, 16, 224, 224)),  # what 'resize to 256, crop to 224' takes
        (375, 500, (24, 86, 328, 328)),
        (500, 333, (105, 21, 291, 291)),
        (1, 1, (0, 0, 1, 1)),
    ],
)
def test_the_central_window_by_hand(height, width, window):
    assert crops.central_window(0.875, height, width) == window


@given(first=st.integers(0, 40), steps=st.integers(0, 10), cut=st.integers(0, 10))
def test_draws_are_the_same_however_the_steps_are_cut(first, steps, cut):
    cut = min(cut, steps)
    whole = crops.crop_draws(3, first, steps, 2)
    head, tail = (
        crops.crop_draws(3, first, cut, 2),
        crops.crop_draws(3, first + cut, steps - cut, 2),
    )
    assert whole.shape == (steps, 2, crops.NUMBERS)
    np.testing.assert_array_equal(whole, np.concatenate([head, tail]))


def test_draws_never_change_and_differ_by_seed_and_step():
    # Literal: another value here means that results in every store belong to other numbers.
    np.testing.assert_allclose(crops.crop_draws(0, 5, 1, 1)[0, 0, :3], LITERAL, atol=1e-12)
    drawn = {crops.crop_draws(seed, step, 1, 1).tobytes() for seed in range(4) for step in range(4)}
    assert len(drawn) == 16


LITERAL = [0.681334609133325, 0.574712251126415, 0.2085879682647459]


def test_areas_are_uniform_ratios_log_uniform_and_half_are_flipped():
    draws = crops.crop_draws(1, 0, 40, 100).reshape(-1, crops.NUMBERS)
    found = [crops.random_window(draw, 4000, 4000) for draw in draws]
    areas = np.array([w.height * w.width for w, _ in found]) / 4000**2
    logs = np.log([w.width / w.height for w, _ in found]) / np.log(4 / 3)
    flips = np.array([flip for _, flip in found])
    assert areas.min() > 0.0799 and areas.max() < 1.0001 and np.abs(logs).max() < 1.01
    # Five standard errors of 4,000 draws; the largest windows fit less often.
    assert abs(areas[areas < 0.7].mean() - 0.39) < 0.015
    assert abs(logs.mean()) < 0.05 and abs(flips.mean() - 0.5) < 0.04
