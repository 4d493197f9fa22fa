"""Bilinear interpolation in NumPy."""

import numpy as np


def bilinear(image, size):
    """Bilinear interpolation between pixel centers at half integers, float64."""

    def axis(length):
        at = np.clip((np.arange(size) + 0.5) * length / size - 0.5, 0, length - 1)
        low = np.floor(at).astype(int)
        return low, np.minimum(low + 1, length - 1), at - low

    (y0, y1, v), (x0, x1, u) = axis(image.shape[0]), axis(image.shape[1])
    image, u, v = image.astype(float), u[None, :, None], v[:, None, None]
    top = image[y0][:, x0] * (1 - u) + image[y0][:, x1] * u
    bottom = image[y1][:, x0] * (1 - u) + image[y1][:, x1] * u
    return top * (1 - v) + bottom * v
