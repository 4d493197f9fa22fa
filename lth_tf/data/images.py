"""Stored images in another form: their size, their channels, their sharpness."""

from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

RESIZE = {"bicubic": tf.raw_ops.ResizeBicubic, "bilinear": tf.raw_ops.ResizeBilinear}


def resized(images: Any, size: tuple[int, ...], method: str) -> np.ndarray:
    """Returns images in another size, (height, width), uint8 [batch, *size, channels].

    Pixel centers are at half integers, and shrinking averages nothing away: there is no
    anti-aliasing, as in Google's networks for TPUs. Rounded to the nearest of 0..255.
    """
    if tuple(images.shape[1:3]) == size:
        return np.asarray(images)
    pixels = RESIZE[method](images=images, size=size, half_pixel_centers=True)
    return np.clip(np.rint(pixels.numpy()), 0, 255).astype(np.uint8)


def in_channels(images: np.ndarray, channels: int) -> np.ndarray:
    """Returns uint8 images with 1 or 3 channels: gray repeated, or the luminance of colors.

    Luminance is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601), rounded. A product of matrices
    would round exact halves as the machine's library does, a sum is the same everywhere.
    """
    if images.shape[-1] == channels:
        return images
    if channels == 3:
        return np.repeat(images, 3, axis=-1)
    red, green, blue = (images[..., i : i + 1].astype(np.float64) for i in range(3))
    return np.rint(0.299 * red + 0.587 * green + 0.114 * blue).astype(np.uint8)


def blur(images: np.ndarray, factor: int) -> np.ndarray:
    """Returns the images at 1 / factor of their size, scaled up again (early_phase sec. 6.3).

    Both ways with the triangle filter of Pillow's BILINEAR, whose support grows with the factor
    on the way down, as torchvision's Resize in open_lth (datasets/base.py) has it. Pillow computes
    in integers: the result is the same on every machine.

    Args:
      images: uint8 [examples, height, width, channels]; both sizes multiples of the factor.
      factor: 1 for the images themselves.
    """
    if factor == 1:
        return images
    height, width = images.shape[1:3]
    small = (width // factor, height // factor)
    # Channels apart: Pillow knows only some numbers of them.
    planes = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(-1, height, width)
    blurred = np.empty_like(planes)
    for plane, out in zip(planes, blurred, strict=True):
        shrunk = Image.fromarray(plane).resize(small, Image.Resampling.BILINEAR)
        out[:] = shrunk.resize((width, height), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(
        blurred.reshape(len(images), -1, height, width).transpose(0, 2, 3, 1)
    )
