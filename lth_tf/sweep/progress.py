"""The progress line of a sweep: one line on a terminal, nothing in a pipe."""

import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TextIO

from lth_tf.store.plan import duration
from lth_tf.sweep.events import Doing, Trained
from lth_tf.sweep.jobs import Job


class SweepProgress:
    """The steps and jobs that are done, and the time left.

    Jobs are weighed by their work and by the speed of their program, so that small networks that
    are done first do not distort the estimate for large ones.

    Args:
      rates: seconds a step of every program that was ever timed.
    """

    def __init__(self, rates: Mapping[str, float], stream: TextIO = sys.stderr) -> None:
        self._stream, self._is_terminal = stream, stream.isatty()
        self._left: dict[str, Job] = {}
        self._total = self._steps = 0
        self._trained, self._failed, self._description = 0, 0, ""
        self._rates = dict(rates)
        self._seconds: dict[str, tuple[int, float]] = {}
        # Steps of jobs that are not done, by program.
        self._unfinished = Counter[str]()
        # The clock runs from the first sign of work: workers have to start, and to compile.
        self._work, self._began, self._drawn = 0.0, math.inf, 0.0

    def add(self, jobs: Iterable[Job]) -> None:
        """Adds jobs that are to be done."""
        for job in jobs:
            self._left[job.key] = job
            self._total += 1
            self._steps += job.steps

    def progressed(self, event: Trained | Doing) -> None:
        """Shows what a worker does, and counts the steps that it has taken."""
        if isinstance(event, Trained):
            self._count(event)
        self.show(event.description)

    def _count(self, event: Trained) -> None:
        """Counts steps, and measures their time, except for a program's first call."""
        self._began = min(self._began, time.monotonic())
        self._trained += event.steps
        if event.program in self._seconds:
            steps, seconds = self._seconds[event.program]
            steps, seconds = steps + event.steps, seconds + event.seconds
            self._seconds[event.program] = steps, seconds
            self._rates[event.program] = seconds / steps
            self._unfinished[event.program] += event.steps
        else:
            self._seconds[event.program] = 0, 0.0

    def done(self, job: Job) -> None:
        """Counts a finished job."""
        if self._began < math.inf:
            self._work += self._seconds_of(job)
        self._unfinished[job.program] = max(self._unfinished[job.program] - job.steps, 0)
        self._began = min(self._began, time.monotonic())
        self._left.pop(job.key, None)
        self.show()

    def failed(self, jobs: Iterable[Job]) -> None:
        """Counts jobs that failed or are skipped."""
        for job in jobs:
            self._left.pop(job.key, None)
            self._failed += 1
        self.clear()

    def seconds_left(self) -> float | None:
        """Returns an estimate from the work so far; None before there is any."""
        unfinished = sum(n * self._rates[p] for p, n in self._unfinished.items() if n)
        if not (work := self._work + unfinished):
            return None
        left = sum(map(self._seconds_of, self._left.values())) - unfinished
        return max(left, 0.0) * (time.monotonic() - self._began) / work

    def show(self, description: str | None = None) -> None:
        """Draws the line anew, at most ten times a second."""
        self._description = self._description if description is None else description
        if self._is_terminal and time.monotonic() - self._drawn > 0.1:
            self._drawn = time.monotonic()
            self._draw(self.line())

    def line(self) -> str:
        """Returns the progress line."""
        left = self.seconds_left()
        finished = self._total - len(self._left) - self._failed
        failed = f", {self._failed} failed or skipped" if self._failed else ""
        return (
            f"{finished:,} of {self._total:,} jobs{failed}, "
            f"{self._trained:,} of {self._steps:,} steps, "
            f"{'time left unknown' if left is None else duration(left) + ' left'} | "
            f"{self._description}"
        )

    def clear(self) -> None:
        """Clears the progress line."""
        if self._is_terminal:
            self._draw("")

    def _seconds_of(self, job: Job) -> float:
        """Returns a job's time on one worker, at its program's rate or else the mean of others."""
        usual = sum(self._rates.values()) / len(self._rates) if self._rates else 1.0
        return job.cost * self._rates.get(job.program, usual)

    def _draw(self, line: str) -> None:
        self._stream.write(f"\r\x1b[2K{line[:160]}")
        self._stream.flush()
