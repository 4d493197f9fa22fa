"""TensorBoard's view of training: a curve of every run while it trains, and its evaluations."""

import numpy as np

from lth_tf.experiments.experiment import Request
from lth_tf.log.schema import Row, kinds
from lth_tf.recipes import Train
from lth_tf.store.observer import Observer
from lth_tf.tensorboard.board import Board

_MOST = 20  # items of a list that have curves


class CurveObserver(Observer):
    """Watches the store: a curve of every run, and all is passed on to whoever shows progress."""

    def __init__(self, board: Board, progress: Observer) -> None:
        self._board, self._progress = board, progress

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None:
        """Adds a point to the run's curves: mean training loss, learning rate, speed."""
        self._progress.trained(run, step, losses, seconds)
        name, schedule = run_name(run), run.hparams.schedule  # type: ignore[attr-defined]
        self._board.curve(name, "train/loss", step, float(np.mean(losses)))
        rate = float(schedule(np.array([step - 1]))[0])
        self._board.curve(name, "train/learning_rate", step, rate)
        self._board.curve(name, "train/steps_per_second", step, len(losses) / seconds)

    def finished(self, run: Train, step: int) -> None:
        """Closes the run's event file."""
        self._progress.finished(run, step)
        self._board.end_run(run_name(run))

    def doing(self, description: str) -> None:
        """Passes on what is being done; only the terminal shows it."""
        self._progress.doing(description)


def measured(board: Board, request: Request, row: Row) -> None:
    """Adds a network's numbers to the curves of its run, at the step they were measured at.

    Evaluations stand under 'eval/', all others under their kind: 'weight/mean_magnitude'. Numbers
    of several networks at one step, such as probes, have curves of their own. Of a list every item
    has a curve, unless it is long.
    """
    kind, run = kinds()[row["kind"]], request.end.run
    if kind.samples != 1 or row["status"] != "done" or run is None:
        return
    group, name = "eval" if kind.name == "evaluation" else kind.name, run_name(run)
    of = [f", {row[label.name]}" for label in kind.labels if label.selects]
    of += [f", {axis} {place}" for axis, place in row["axes"].items() if not isinstance(place, str)]
    for field in kind.values:
        content, tag = row[field.name], f"{group}/{field.name}{''.join(of)}"
        items = {tag: content}
        if isinstance(content, list):
            items = {f"{tag}/{i}": item for i, item in enumerate(content) if len(content) <= _MOST}
        for each, number in items.items():
            if isinstance(number, int | float):
                board.curve(name, each, row["step"], number)
    board.end_run(name)


def run_name(run: Train) -> str:
    """Returns the name of a run's folder: a description, and the start of its key."""
    level = run.mask.level
    kind = f"{run.mask.recipe_name.lower()}-level{level:02d}" if level else "dense"
    return f"init{run.initial.seed}-from{run.first_step}-{kind}-noise{run.noise}-{run.short_key}"
