"""All of the papers' figures that a log has rows for.

One set for each model and dataset, at the last step measured, and one figure of all courses of
training. Lines are means, bars and bands
one sample standard deviation (n - 1) over initialisations and noise samples, as in lmc.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from lth_tf.analysis.points import at_the_end, slug
from lth_tf.analysis.where import comparable, split
from lth_tf.figures import (
    plots,
    plots_of_functions,
    plots_of_lines,
    plots_of_sparsity,
    plots_of_training,
    style,
)
from lth_tf.figures.courses import courses
from lth_tf.figures.plots import Draw
from lth_tf.log.schema import Row

# Of the last step measured, on the absolute clock.
_AT_THE_END: tuple[Draw, ...] = (
    plots.accuracy_against_density,
    plots_of_lines.error_along_interpolation,
    plots.instability_against_rewinding_step,
    plots.error_against_rewinding_step,
)
# Of any steps; each chooses its own.
_OF_ALL: tuple[Draw, ...] = (
    plots_of_training.restarted_schedule,
    plots_of_sparsity.first_stable_and_matching_step,
    plots_of_sparsity.extreme_sparsity,
    plots_of_training.error_at_rewinding,
    plots_of_training.distances_at_rewinding,
    plots_of_training.instability_through_training,
    plots_of_sparsity.instability_at_every_level,
    plots_of_sparsity.error_at_every_level,
    plots_of_functions.weight_distances,
    plots_of_functions.different_classifications,
    plots_of_functions.loss_distances,
)


def draw_all(
    rows: Iterable[Row], folder: str | os.PathLike[str], say: Callable[[str], None] = print
) -> list[Path]:
    """Draws every figure that there are rows for.

    Args:
      rows: rows of the log, of any experiments.
      folder: where the PNGs go, 200 dots an inch; files of the same name are replaced.
      say: told, a line each, which rows and figures were left out and why.

    Returns:
      The paths of the figures.

    Raises:
      OSError: the folder cannot be written.
    """
    kept, notes = comparable(rows)
    done = [row for row in kept if row["status"] == "done"]
    if len(done) < len(kept):
        notes.append(f"{len(kept) - len(done)} measurements diverged and are in no figure")
    for note in notes:
        say(note)
    with style.context():
        groups = split(done, "model", "dataset").values()
        paths = [path for group in groups for path in _draw_set(group, Path(folder), say)]
        for ending, figure in courses(done):
            paths.append(style.save(figure, Path(folder) / f"courses{ending}.png"))
        return paths


def _draw_set(rows: list[Row], folder: Path, say: Callable[[str], None]) -> list[Path]:
    """The figures of one model and dataset, at the last step measured."""
    step = max(row["step"] for row in rows)
    last = at_the_end(rows)
    about = f"{rows[0]['model']} on {rows[0]['dataset']}"
    if any(row["step"] < step for row in rows):
        say(f"{about}: the figures show step {step}, the last one measured")
    name, paths, missing = f"{slug(rows[0]['model'])}-{slug(rows[0]['dataset'])}", [], []
    for draw in (*_AT_THE_END, *_OF_ALL):
        chosen = last if draw in _AT_THE_END else rows
        drawn = list(draw(chosen, f"{about}, {step} steps"))
        for ending, figure in drawn:
            paths.append(style.save(figure, folder / f"{draw.__name__}-{name}{ending}.png"))
        if not drawn:
            missing.append(draw.__name__.replace("_", " "))
    if missing:
        say(f"{about}: the log has no rows for figures of {', '.join(missing)}")
    return paths
