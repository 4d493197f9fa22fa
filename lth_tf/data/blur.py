"""Blur: images made small and large again, which leaves them their size and takes their details."""

import numpy as np
from PIL import Image


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
