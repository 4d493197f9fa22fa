"""All figures that a log has rows for, as files."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lth_tf.analysis.points import once, split, unique, where
from lth_tf.analysis.variants import Variant, variants
from lth_tf.figures import render, style
from lth_tf.figures.chart import NamedChart
from lth_tf.figures.palette import slug
from lth_tf.figures.standard import charts, figures_of
from lth_tf.log.schema import Row


def standard(rows: Iterable[Row]) -> Iterator[NamedChart]:
    """Yields the charts of the standard figures, for each model and dataset."""
    done = where(once(rows), status="done")
    for (model, dataset), members in split(done, "model", "dataset").items():
        steps = max(row["step"] for row in members)
        subject = f"{model} on {dataset}, {steps:,} steps"
        for figure in figures_of(members):
            for ending, chart in charts(figure.form, members, subject):
                yield NamedChart(f"{figure.number}-{slug(model)}-{slug(dataset)}{ending}", chart)


def of_same_settings(rows: Iterable[Row], asked: Iterable[Row]) -> list[Row]:
    """Returns the rows that may be drawn with those that were asked for: of the same settings."""
    keys = {row["key"] for row in asked}
    chosen: list[Row] = []
    for members in split(once(rows), "model", "dataset").values():
        of_any, of_sparse = list[Variant](), list[Variant]()
        for variant in variants(members):
            own = [row for row in variant.rows if row["key"] in keys]
            of_any += [variant] if own else []
            # Dense networks are in all variants of what masks are searched for with.
            of_sparse += [variant] if any(map(variant.has_names_in, own)) else []
        chosen += [row for variant in of_sparse or of_any for row in variant.rows]
    return unique(chosen)


def draw(named: Iterable[NamedChart], folder: str | os.PathLike[str]) -> list[Path]:
    """Writes charts as PNGs, 200 dots an inch; returns their paths.

    Pictures in the folder that are not among them are removed: they are of rows that the log, or
    the choice of rows, no longer has.

    Raises:
      OSError: the folder cannot be written.
    """
    folder, named = Path(folder), list(named)
    pngs = render.pngs([chart for _, chart in named])
    paths = [style.write(folder / f"{name}.png", content)
             for (name, _), content in zip(named, pngs, strict=True)]  # fmt: skip
    for path in folder.glob("*.png"):
        if path not in paths:
            path.unlink()
    return paths


def notes(rows: Iterable[Row], say: Callable[[str], None]) -> None:
    """Tells which measurements are in no figure."""
    if diverged := sum(row["status"] == "diverged" for row in once(rows)):
        say(f"{diverged} measurements diverged and are in no figure")
