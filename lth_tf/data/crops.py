"""Crops, the parts of stored images that are decoded: NumPy only, drawn by address.

Training takes a random part of every image (Szegedy et al. 2015, section 6: 8 % to 100 % of the
area, aspect ratio from 3/4 to 4/3), in the formulation of torchvision's RandomResizedCrop.
Google's ResNet and Inception for TPUs have TensorFlow's sample_distorted_bounding_box instead,
whose aspect ratios are uniform, not log-uniform, and which must cover a tenth of the image.
"""

from typing import NamedTuple

import numpy as np

from lth_tf import noise as addressed

ATTEMPTS = 10
AREA = (0.08, 1.0)
RATIO = (3 / 4, 4 / 3)
# Numbers drawn for an image: area and aspect ratio of every attempt, row, column, flip.
NUMBERS = 2 * ATTEMPTS + 3


class Window(NamedTuple):
    """A part of an image, in pixels from its upper left corner."""

    top: int
    left: int
    height: int
    width: int


def crop_draws(noise: int, first_step: int, steps: int, batch_size: int) -> np.ndarray:
    """Returns draws of crops and flips, float64 [steps, batch_size, NUMBERS], uniform in [0, 1).

    They are drawn at the addresses ('resized crop', noise, step).
    """
    draws = np.empty((steps, batch_size, NUMBERS))
    for i in range(steps):
        addressed.generator("resized crop", noise, first_step + i).random(out=draws[i])
    return draws


def random_window(draw: np.ndarray, height: int, width: int) -> tuple[Window, bool]:
    """Returns the window of an image that a draw, float64 [NUMBERS], gives, and whether to flip it.

    It is the first of ATTEMPTS pairs of area and aspect ratio that fits into the image; if none
    does, the largest central part whose aspect ratio is within RATIO, as in torchvision.
    """
    areas = height * width * (AREA[0] + (AREA[1] - AREA[0]) * draw[:ATTEMPTS])
    low, high = np.log(RATIO)
    ratios = np.exp(low + (high - low) * draw[ATTEMPTS : 2 * ATTEMPTS])
    widths, heights = np.rint(np.sqrt(areas * ratios)), np.rint(np.sqrt(areas / ratios))
    fits = (widths > 0) & (widths <= width) & (heights > 0) & (heights <= height)
    row, column, flip = draw[-3:]
    if not fits.any():
        return _largest_window(height, width), bool(flip < 0.5)
    first = int(np.argmax(fits))
    h, w = int(heights[first]), int(widths[first])
    top, left = int(row * (height - h + 1)), int(column * (width - w + 1))
    return Window(top, left, h, w), bool(flip < 0.5)


def central_window(fraction: float, height: int, width: int) -> Window:
    """Returns the central square of a fraction of the shorter side, as Google's ResNet for TPUs."""
    side = max(1, int(fraction * min(height, width)))
    return Window((height - side + 1) // 2, (width - side + 1) // 2, side, side)


def _largest_window(height: int, width: int) -> Window:
    w, h = width, height
    if width / height < RATIO[0]:
        h = round(width / RATIO[0])
    elif width / height > RATIO[1]:
        w = round(height * RATIO[1])
    h, w = max(1, min(h, height)), max(1, min(w, width))
    return Window((height - h) // 2, (width - w) // 2, h, w)
