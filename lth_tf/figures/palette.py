"""Colors that color-blind readers tell apart, and names; Matplotlib is loaded where it draws."""

import hashlib
import re

import numpy as np

from lth_tf.figures.chart import Look

# The palette of Okabe and Ito; no two of these are told apart by hue alone, markers differ too.
BLUE, ORANGE, GREEN, VERMILLION, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#555555"
_MARKS = "os^DvP*X"
DASHES = ("-", "--", "-.", ":")
_LONGEST = 60  # letters of a name in a file name


def shades(count: int) -> list[Look]:
    """Returns looks from dark to light, in an order that color-blind readers see too."""
    import matplotlib

    places = [0.85 * i / max(count - 1, 1) for i in range(count)]
    colors = [matplotlib.colormaps["viridis"](place) for place in places]
    return [Look(color, _MARKS[i % len(_MARKS)]) for i, color in enumerate(colors)]


def variation(look: Look, number: int) -> Look:
    """Returns the look of a line under other settings: dashed otherwise, and lighter."""
    from matplotlib.colors import to_rgb

    if number == 0:
        return look
    color = 1 - (1 - np.array(to_rgb(look.color))) * max(0.45, 1 - 0.25 * number)
    return look._replace(color=tuple(color), line=DASHES[number % len(DASHES)], filled=False)


def steps(step: float) -> str:
    """Returns a number of steps as an axis shows it: 24000 as 24K."""
    return f"{step / 1000:g}K" if step >= 1000 else f"{step:g}"


def slug(text: str) -> str:
    """Returns a readable name as part of a file name: 'LeNet 300-100' as 'lenet_300_100'.

    A long one is cut, and one with letters that are left out gets a digest, to tell it from others.
    """
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    # A hyphen may go, the minus of a number not.
    lost = re.sub(r"[a-z0-9 .,()/_:;%]+|(?<=\w)-|-(?![\d.])", "", text.lower())
    return name if len(name) <= _LONGEST and name and not lost else _with_digest(name, text)


def _with_digest(name: str, text: str) -> str:
    return f"{name[:_LONGEST]}_{hashlib.sha256(text.encode()).hexdigest()[:6]}".strip("_")


def distinct(name: str, text: str, taken: set[str]) -> str:
    """Returns the slug of a text, with a digest if it is taken; it is taken from then on.

    Two texts that differ in capital letters alone have one slug.
    """
    name = _with_digest(name, text) if name in taken else name
    taken.add(name)
    return name
