"""What a long job shows while it runs: one line on a terminal, nothing in a pipe."""

import sys
import time
from typing import TextIO

import numpy as np

from lth_tf.recipes import Train
from lth_tf.store.plan import Plan, duration
from lth_tf.store.runs import describe

# Steps per second is averaged over about this much time, so that it follows a change of network.
MEMORY_SECONDS = 20.0


class Progress:
    """A line that is rewritten in place: steps, steps per second, time left, the present run."""

    def __init__(self, plan: Plan, stream: TextIO = sys.stderr) -> None:
        self._stream, self._shown = stream, stream.isatty()
        self._total, self._done = plan.steps_left, 0
        self._steps, self._seconds = 0.0, 0.0
        self._drawn = 0.0

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None:
        """Counts the steps and redraws, at most ten times a second."""
        keep = max(0.0, 1 - seconds / MEMORY_SECONDS)
        self._steps = self._steps * keep + len(losses)
        self._seconds = self._seconds * keep + seconds
        self._done += len(losses)
        if self._shown and time.monotonic() - self._drawn > 0.1:
            self._draw(self._line(run, step, float(losses[-1])))

    def finished(self, run: Train, step: int) -> None:
        """Nothing to show: the next run's first steps say it."""

    def doing(self, about: str) -> None:
        """Says what goes on while no steps are taken."""
        if self._shown:
            self._draw(f"{self._done:,} of {self._total:,} steps | {about}")

    def close(self) -> None:
        """Clears the line."""
        if self._shown:
            self._draw("")

    def _line(self, run: Train, step: int, loss: float) -> str:
        rate = self._steps / self._seconds
        left = max(0, self._total - self._done)
        return (
            f"{self._done:,} of {self._total:,} steps, {rate:,.0f} a second, "
            f"{duration(left / rate)} left | step {step:,}, loss {loss:.3g}, {describe(run)}"
        )

    def _draw(self, line: str) -> None:
        self._drawn = time.monotonic()
        draw(self._stream, line)


def draw(stream: TextIO, line: str) -> None:
    """Puts a line in the place of the last one drawn, on a terminal."""
    stream.write(f"\r\x1b[2K{line[:160]}")
    stream.flush()
