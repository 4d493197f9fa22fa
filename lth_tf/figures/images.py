"""Images in strips, each under the name of its label."""

import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lth_tf.figures import palette

_SIDE = 0.78  # of one image, inches
_HEAD = 0.2  # of the label above it
_MARGIN = 1.05  # for the titles of the strips
_LETTERS = 14  # of a title in a line


@dataclass(frozen=True)
class Strip:
    """A row of images.

    Attributes:
      title: left of them.
      images: float [n, height, width, 1 or 3], from 0 to 1.
      labels: the name of each one's label.
      marked: which labels are drawn in another color, bool [n].
    """

    title: str
    images: np.ndarray
    labels: list[str]
    marked: np.ndarray


def draw(strips: list[Strip], title: str, lines: list[str]) -> Figure:
    """Returns a figure of strips below each other, under a title and lines of text."""
    columns = max(len(strip.images) for strip in strips)
    width, top = _MARGIN + columns * _SIDE + 0.1, 0.35 + 0.17 * len(lines)
    height = top + len(strips) * (_SIDE + _HEAD) + 0.1
    figure = Figure(figsize=(width, height))
    figure.text(0.1 / width, 1 - 0.1 / height, title, va="top", fontsize=11, fontweight="bold")
    text = "\n".join(lines)
    figure.text(0.1 / width, 1 - 0.32 / height, text, va="top", fontsize=8.5, color=palette.GREY)
    for number, strip in enumerate(strips, start=1):
        bottom = height - top - number * (_SIDE + _HEAD)
        middle = (bottom + _SIDE / 2) / height
        name = textwrap.fill(strip.title, _LETTERS)
        figure.text(0.1 / width, middle, name, va="center", fontsize=8.5)
        images = zip(strip.images, strip.labels, strip.marked, strict=True)
        for column, (image, label, marked) in enumerate(images):
            left = _MARGIN + column * _SIDE
            place = (left / width, bottom / height, 0.94 * _SIDE / width, 0.94 * _SIDE / height)
            axes = figure.add_axes(place)
            axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axes.set_axis_off()
            color = palette.VERMILLION if marked else "black"
            axes.set_title(label, fontsize=7.5, pad=2, color=color)
    return figure
