"""All figures that a log has rows for, as files."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lth_tf.analysis.points import once, split, unique
from lth_tf.analysis.variants import variants
from lth_tf.figures import render, style
from lth_tf.figures.chart import NamedChart
from lth_tf.figures.palette import slug
from lth_tf.figures.standard import charts, figures_of
from lth_tf.log.schema import Row


def standard(rows: Iterable[Row]) -> Iterator[NamedChart]:
    """Yields the charts of the standard figures, for each model and dataset."""
    done = [row for row in once(rows) if row["status"] == "done"]
    for (model, dataset), group in split(done, "model", "dataset").items():
        steps = max(row["step"] for row in group)
        subject = f"{model} on {dataset}, {steps:,} steps"
        for figure in figures_of(group):
            for ending, chart in charts(figure.form, group, subject):
                yield NamedChart(f"{figure.number}-{slug(model)}-{slug(dataset)}{ending}", chart)


def alike(rows: Iterable[Row], asked: Iterable[Row]) -> list[Row]:
    """Returns the rows that may be drawn with those that were asked for: of the same settings."""
    keys = {row["key"] for row in asked}
    found: list[Row] = []
    for group in split(once(rows), "model", "dataset").values():
        every = [v for v in variants(group) if any(row["key"] in keys for row in v.rows)]
        # Dense networks are in all variants of what masks are searched for with.
        whole = [
            v for v in every if any(row["key"] in keys and v.has_names_in(row) for row in v.rows)
        ]
        found += [row for variant in whole or every for row in variant.rows]
    return unique(found)


def draw(drawn: Iterable[NamedChart], folder: str | os.PathLike[str]) -> list[Path]:
    """Writes charts as PNGs, 200 dots an inch; returns their paths.

    Pictures in the folder that are not among them are removed: they are of rows that the log, or
    the choice of rows, no longer has.

    Raises:
      OSError: the folder cannot be written.
    """
    folder, drawn = Path(folder), list(drawn)
    pngs = render.pngs([each.chart for each in drawn])
    paths = [style.write(folder / f"{n.name}.png", p) for n, p in zip(drawn, pngs, strict=True)]
    for path in folder.glob("*.png"):
        if path not in paths:
            path.unlink()
    return paths


def notes(rows: Iterable[Row], say: Callable[[str], None]) -> None:
    """Tells which measurements are in no figure."""
    if diverged := sum(row["status"] == "diverged" for row in once(rows)):
        say(f"{diverged} measurements diverged and are in no figure")
