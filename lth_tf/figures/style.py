"""How every figure looks: colours that colour-blind readers tell apart, names, fonts, files."""

import io
import os
import textwrap
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from lth_tf.analysis.table import Spread
from lth_tf.figures import chart as noted

# The palette of Okabe and Ito; no two of these are told apart by hue alone, markers differ too.
BLUE, ORANGE, GREEN, VERMILLION, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#555555"

NAMES = {
    "dense": "Dense",
    "imp": "IMP",
    "random_pruning": "Random pruning",
    "random_reinitialization": "Random reinitialisation",
}
COLOURS = dict(zip(NAMES, (GREY, BLUE, ORANGE, GREEN), strict=True))
MARKERS = dict(zip(NAMES, "Dos^", strict=True))

_LETTER = 0.08  # width of a letter under the title, inches
_LEGEND_LETTER = 0.07  # the same in the legend
_HANDLE = 0.55  # width of what stands before a label of the legend, inches
_RC = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
}


def context() -> Any:
    """The settings under which a figure is made and saved; a context manager."""
    return matplotlib.rc_context(_RC)


def panels(
    rows: int,
    columns: int,
    title: str,
    subtitle: list[str],
    width: float = 2.7,
    height: float = 2.5,
    sharex: bool = True,
    sharey: bool = True,
) -> tuple[Figure, list[list[Axes]]]:
    """A figure with a grid of panels, a title and lines that say what it shows.

    Args:
      width, height: of one panel, inches.
      sharex, sharey: whether the panels share the axis.
    """
    across = max(columns * width, 5.6) + 0.6
    lines = [part for line in subtitle for part in textwrap.wrap(line, int(across / _LETTER))]
    size = (across, rows * height + 1.0 + 0.17 * len(lines))
    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(h_pad=0.08, w_pad=0.06))
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey)
    figure.suptitle(title + "\n" * len(lines), fontsize=12, fontweight="bold")
    figure.text(
        0.5, 1 - 0.34 / size[1], "\n".join(lines), ha="center", va="top", fontsize=8.5,
        color=GREY, linespacing=1.4,
    )  # fmt: skip
    return figure, [list(row) for row in axes]


def series(
    axes: Axes, places: list[float], spreads: list[Spread], label: str, scale: float = 100,
    **look: Any,
) -> None:  # fmt: skip
    """Draws means as marks, with bars of one standard deviation.

    A single replicate has none (nan), and no bar.

    Args:
      scale: what values are multiplied by; 100 for percent.
      look: colour, marker and such, as matplotlib's errorbar takes them.
    """
    noted.note(axes, label, places, spreads, scale)
    axes.errorbar(
        places,
        [scale * spread.mean for spread in spreads],
        yerr=[scale * spread.std for spread in spreads],
        label=label,
        capsize=2,
        elinewidth=1,
        **look,
    )


def points(
    axes: Axes, network: str, places: list[float], spreads: list[Spread], scale: float = 100
) -> None:
    """Draws one kind of network in its colour, as `series` does."""
    look = {"color": COLOURS[network], "marker": MARKERS[network]}
    series(axes, places, spreads, NAMES[network], scale, **look)


def shades(count: int) -> list[tuple[float, ...]]:
    """Colours in an order, from dark to light, that colour-blind readers see in that order too."""
    places = [0.85 * i / max(count - 1, 1) for i in range(count)]
    return [matplotlib.colormaps["viridis"](place) for place in places]


def line(
    axes: Axes, places: list[float], spreads: list[Spread], label: str, colour: str, dashes: str,
    scale: float = 100,
) -> None:  # fmt: skip
    """Draws a curve with a band of one standard deviation.

    Args:
      scale: what values are multiplied by; 100 for percent.
    """
    noted.note(axes, label, places, spreads, scale)
    means = [scale * spread.mean for spread in spreads]
    stds = [scale * spread.std for spread in spreads]
    axes.plot(places, means, color=colour, linestyle=dashes, label=label)
    low = [mean - std for mean, std in zip(means, stds, strict=True)]
    high = [mean + std for mean, std in zip(means, stds, strict=True)]
    axes.fill_between(places, low, high, color=colour, alpha=0.2, linewidth=0)


def band(axes: Axes, spread: Spread) -> None:
    """Draws the dense network as a grey line with a band of one standard deviation."""
    if spread.n == 0:
        return
    noted.note(axes, NAMES["dense"], [None], [spread], 100)
    mean, std = 100 * spread.mean, 100 * spread.std
    axes.axhline(mean, color=GREY, linewidth=1, label=NAMES["dense"])
    if spread.n > 1:
        axes.axhspan(mean - std, mean + std, color=GREY, alpha=0.22, linewidth=0)


def legend(figure: Figure, axes: list[list[Axes]]) -> None:
    """One legend for all panels, below them."""
    found: dict[str, Any] = {}
    for row in axes:
        for panel in row:
            for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
                found.setdefault(label, handle)
    entry = _LEGEND_LETTER * max(map(len, found), default=0) + _HANDLE
    columns = max(1, min(len(found), 5, int(figure.get_figwidth() / entry)))
    figure.legend(found.values(), found.keys(), loc="outside lower center", ncols=columns)


def png(figure: Figure) -> bytes:
    """A PNG of 200 dots an inch; the same figure gives the same bytes."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=200, metadata={"Software": "lth_tf"})
    return out.getvalue()


def save(figure: Figure, path: Path) -> Path:
    """Writes a figure as `png` makes it."""
    return write(path, png(figure))


def write(path: Path, content: bytes) -> Path:
    """Writes a file that is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)  # of a full disk
    return path


def steps(step: int) -> str:
    """A number of steps as an axis shows it: 24000 as 24K."""
    return f"{step / 1000:g}K" if step >= 1000 else str(step)
