"""The style of every figure, its axes, and its file as PNG."""

import errno
import io
import os
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

from lth_tf.figures.chart import Scale
from lth_tf.figures.palette import steps

_DPI = 200  # dots an inch
_TICKS = 6  # densities named under a panel
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
    # A '$' in a name is a dollar.
    "text.parse_math": False,
}


def context() -> Any:
    """Returns a context manager with the settings under which figures are made and saved."""
    return matplotlib.rc_context(_RC)


def apply(axes: Axes, scale: Scale, which: str) -> None:
    """Sets an axis up.

    Args:
      which: 'x' or 'y'.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    limits = axes.set_xlim if which == "x" else axes.set_ylim
    if scale.kind == "steps":
        axis.set_ticks(range(len(scale.values)), [steps(step) for step in scale.values])
        limits(-0.5, len(scale.values) - 0.5)
    elif scale.kind == "alpha":
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    elif scale.kind == "density":
        _density_axis(axes, set(scale.values))
    elif scale.kind == "log":
        axes.set_yscale("log")
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_locator(NullLocator())
    elif scale.kind == "step":
        axis.set_major_formatter(lambda step, _: steps(step))
    elif scale.kind == "whole":
        axis.set_major_locator(MaxNLocator(integer=True))


def _density_axis(axes: Axes, densities: set[float]) -> None:
    """Sets up a logarithmic axis of density in percent, from dense to sparse."""
    labels = sorted({float(f"{density:.3g}") for density in densities}, reverse=True)
    interval = -(-len(labels) // _TICKS)
    named = labels[::-1][::interval]
    axes.set_xscale("log")
    axes.set_xlim(labels[0] * 1.12, labels[-1] / 1.12)
    axes.xaxis.set_major_locator(FixedLocator(named))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(named, [f"{label:.3g}" for label in named])


def png(figure: Figure) -> bytes:
    """Returns a PNG of 200 dots an inch, opaque; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    # The fastest: a report has some thirty of them.
    pillow = {"compress_level": 1}
    figure.savefig(buffer, dpi=_DPI, metadata={"Software": "lth_tf"}, pil_kwargs=pillow)
    return buffer.getvalue()


def save(figure: Figure, path: Path) -> Path:
    """Writes a figure as `png` makes it; returns the path."""
    return write(path, png(figure))


def write(path: Path, content: bytes) -> Path:
    """Writes a file that is there as a whole or not at all; returns its path."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)  # of a full disk
    return path
