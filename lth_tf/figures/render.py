"""Draws charts, as files."""

import multiprocessing
import os
import signal
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from lth_tf.figures import palette, style
from lth_tf.figures.chart import COLOR_MAP, Chart, Colors, NamedChart, Panel

_LETTER = 0.08  # width of a letter under the title, inches
_LEGEND_LETTER = 0.07  # the same in the legend
_HANDLE = 0.55  # width of what stands before a label of the legend, inches
_TITLE_LETTER = 0.11
_MANY = 8  # steps that are labeled in a panel before their labels are turned
_NARROW = 2.5  # inches of a panel in which labels of steps stand upright
_BAR = 0.95  # width of a bar of colors with its name, inches
_TITLE, _LINE = 0.21, 0.175  # heights of lines of the title and of other text, inches


def png(chart: Chart) -> bytes:
    """Returns the picture of a chart."""
    with style.context():
        return style.png(draw(chart))


def pngs(charts: Sequence[Chart]) -> list[bytes]:
    """Returns the pictures of charts, drawn on every core.

    A process whose TensorFlow has started threads cannot be forked, and draws them by itself.
    """
    processes = min(len(os.sched_getaffinity(0)), len(charts))
    if processes < 2 or "tensorflow" in sys.modules:
        return [png(chart) for chart in charts]
    fork, deaf = multiprocessing.get_context("fork"), (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(processes, fork, signal.signal, deaf) as pool:
        return list(pool.map(png, charts))


def save(named: Iterable[NamedChart], folder: str | os.PathLike[str]) -> list[Path]:
    """Writes charts as PNGs, 200 dots an inch; returns their paths.

    Pictures in the folder that are not among them are removed: they are of rows that the log, or
    the choice of rows, no longer has.

    Raises:
      OSError: the folder cannot be written.
    """
    folder, named = Path(folder), list(named)
    pictures = pngs([chart for _, chart in named])
    paths = [style.write(folder / f"{name}.png", content)
             for (name, _), content in zip(named, pictures, strict=True)]  # fmt: skip
    for path in folder.glob("*.png"):
        if path not in paths:
            path.unlink()
    return paths


def draw(chart: Chart) -> Figure:
    """Returns the figure of a chart: title, lines about it, panels, one legend for all of them."""
    rows, columns = len(chart.panels), len(chart.panels[0])
    across = max(columns * chart.size[0], 5.6) + 0.6
    lines = [part for line in chart.notes for part in textwrap.wrap(line, int(across / _LETTER))]
    titles = textwrap.wrap(chart.title, int(across / _TITLE_LETTER)) or [""]
    below = list(_legend_rows(chart, across))
    named = any(panel.title for panel in chart.panels[0])
    top = 0.26 + _TITLE * len(titles) + _LINE * len(lines) + 0.2 * named
    bottom = 0.62 + _LINE * sum(1 + max(label.count("\n") for label in row) for row in below)
    # Panels with titles or x axes of their own stand further apart.
    row_gap = 0.32 if all(not panel.title for row in chart.panels[1:] for panel in row) else 0.55
    own_names = any(panel.y_name for row in chart.panels for panel in row)
    column_gap = 0.75 if own_names or not chart.share_y else 0.22
    height = chart.size[1] - row_gap
    size = (across, top + bottom + rows * height + (rows - 1) * row_gap)
    figure = Figure(figsize=size)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=chart.share_y)
    left = 0.95 if any(p.side for row in chart.panels for p in row) else 0.75
    right = _BAR if chart.colors else 0.15
    wide = (across - left - right - (columns - 1) * column_gap) / columns
    figure.subplots_adjust(
        left=left / across, right=1 - right / across, bottom=bottom / size[1],
        top=1 - top / size[1], wspace=column_gap / wide, hspace=row_gap / height,
    )  # fmt: skip
    where: dict[str, Any] = {"ha": "center", "va": "top"}
    figure.text(0.5, 1 - 0.1 / size[1], "\n".join(titles), fontsize=12, weight="bold", **where)
    y = 1 - (0.14 + _TITLE * len(titles)) / size[1]
    figure.text(
        0.5, y, "\n".join(lines), fontsize=8.5, color=palette.GREY, linespacing=1.4, **where
    )
    for line, panels in zip(axes, chart.panels, strict=True):
        for axis, panel in zip(line, panels, strict=False):
            _panel(axis, panel, chart)
        for axis in line[len(panels) :]:
            axis.set_axis_off()
    style.apply(axes[0][0], chart.x, "x")  # which all panels share
    for axis in axes.flat if not chart.share_y else axes[0][:1]:
        style.apply(axis, chart.y, "y")
    _names(axes, chart)
    if chart.colors:
        place = (1 - (_BAR - 0.12) / across, bottom / size[1], 0.14 / across)
        _color_bar(figure, chart.colors, (*place, 1 - (top + bottom) / size[1]))
    if below:
        _legend(figure, axes, len(below[0]), 0.08 / size[1])
    return figure


def _color_bar(figure: Figure, colors: Colors, place: tuple[float, float, float, float]) -> None:
    """Draws a bar of the colors at left, bottom, width and height, each of the figure's 1."""
    scale = ScalarMappable(Normalize(colors.low, colors.high), COLOR_MAP)
    bar = figure.colorbar(scale, cax=figure.add_axes(place))
    bar.set_label(colors.name)
    bar.outline.set_visible(False)  # type: ignore[operator]


def _panel(axes: Axes, panel: Panel, chart: Chart) -> None:
    for mark in panel.marks:
        mark.draw(axes, chart.x, chart.y)
    if chart.x.kind == "steps":
        many = 45 if len(chart.x.values) > _MANY else 0
        axes.tick_params(axis="x", rotation=90 if chart.size[0] < _NARROW else many)
    if panel.title:
        weight: dict[str, Any] = {"fontweight": "bold", "color": panel.color} if panel.color else {}
        axes.set_title(panel.title, y=1.0, **weight)  # without a y all texts are measured
    if not panel.marks:
        place: dict[str, Any] = {"transform": axes.transAxes, "ha": "center", "color": palette.GREY}
        axes.text(0.5, 0.5, "not measured", **place)
    if panel.note:
        axes.text(
            0.5, 0.96, panel.note, transform=axes.transAxes, ha="center", va="top", fontsize=7.5,
            color=palette.GREY, bbox={"facecolor": "white", "linewidth": 0, "pad": 1},
        )  # fmt: skip
    if chart.from_zero:
        room = 1.2 if panel.note else 1.05
        axes.set_ylim(0, max(axes.dataLim.y1 * room, axes.get_ylim()[1] if chart.share_y else 0))


def _names(axes: Any, chart: Chart) -> None:
    """Names the axes at the lower and the left edge only, or where a panel has its own."""
    rows = len(chart.panels)
    for row, (line, panels) in enumerate(zip(axes, chart.panels, strict=True)):
        below = len(chart.panels[row + 1]) if row + 1 < rows else 0
        for column, (place, panel) in enumerate(zip(line, panels, strict=False)):
            if column >= below:
                place.set_xlabel(chart.x.name)
                place.tick_params(axis="x", labelbottom=True)
            if column == 0 or panel.y_name:
                name = panel.y_name or chart.y.name
                place.set_ylabel(f"{panel.side}\n{name}" if panel.side else name)


def _legend_rows(chart: Chart, across: float) -> Iterator[list[str]]:
    """Yields the labels of the legend, as many in each row as have room."""
    marks = (mark for row in chart.panels for panel in row for mark in panel.marks)
    # What is told by its color alone, the bar explains.
    names = dict.fromkeys(mark.label for mark in marks if not hasattr(mark, "colors"))
    labels = [_wrapped(name, across) for name in names]
    letters = (len(line) for label in labels for line in label.split("\n"))
    entry = _LEGEND_LETTER * max(letters, default=0) + _HANDLE
    columns = max(1, min(len(labels), 5, int(across / entry)))
    for start in range(0, len(labels), columns):
        yield labels[start : start + columns]


def _wrapped(label: str, across: float) -> str:
    """Returns a label of the legend in as many lines as a picture so wide takes."""
    return textwrap.fill(label, int((across - _HANDLE) / _LEGEND_LETTER))


def _legend(figure: Figure, axes: Any, columns: int, bottom: float) -> None:
    """Draws one legend for all panels, below them."""
    handles: dict[str, Any] = {}
    for panel in axes.flat:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, bottom), "borderaxespad": 0}
    labels = [_wrapped(label, figure.get_figwidth()) for label in handles]
    figure.legend(handles.values(), labels, ncols=columns, **place)
