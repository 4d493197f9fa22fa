"""TensorBoard's view of an experiment: a curve of every run while it trains, then its results."""

from typing import Any

import numpy as np

from lth_tf.experiments.requests import Experiment, Request
from lth_tf.log.schema import Row
from lth_tf.recipes import Train
from lth_tf.store.watcher import Watcher
from lth_tf.tensorboard.board import Board


class Curves:
    """Watches the store: a curve of every run, and all is passed on to whoever shows progress."""

    def __init__(self, board: Board, progress: Watcher) -> None:
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

    def doing(self, about: str) -> None:
        """Only the terminal says so."""
        self._progress.doing(about)


class Outcome:
    """What came of an experiment: its configuration as text, its results beside the curves."""

    def __init__(self, board: Board, experiment: Experiment) -> None:
        self._board, self._experiment = board, experiment

    def measured(self, request: Request, row: Row) -> None:
        """Adds an evaluation's result to the run's curves and to the HParams tab."""
        if row["kind"] != "evaluation" or row["status"] != "done":
            return
        if request.end.run is None:
            return
        name = run_name(request.end.run)
        metrics = {f"eval/{m}": row[m] for m in ("train_error", "test_error", "test_loss")}
        for tag, value in metrics.items():
            self._board.curve(name, tag, row["step"], value)
        self._board.hparams(name, self._hparams(row), metrics)
        self._board.end_run(name)

    def configuration(self, text: str) -> None:
        """Shows the resolved configuration as text."""
        name = type(self._experiment).__name__
        self._board.text(name, "configuration", "    " + text.replace("\n", "\n    "))

    def _hparams(self, row: Row) -> dict[str, Any]:
        hparams = self._experiment.hparams
        labels = ("network", "initialization", "rewind_step", "level", "density", "model")
        return {name: row[name] for name in labels} | {
            "noise": row["noise"][0],
            "dataset": row["dataset"],
            "batch_size": hparams.batch_size,
            "learning_rate": hparams.schedule.rate,
            "weight_decay": hparams.weight_decay,
        }


def run_name(run: Train) -> str:
    """The name of a run's folder in TensorBoard: what it is, and the start of its key."""
    level = run.mask.level
    kind = f"{run.mask.recipe_name.lower()}-level{level:02d}" if level else "dense"
    return f"init{run.initial.seed}-from{run.first_step}-{kind}-noise{run.noise}-{run.short_key}"
