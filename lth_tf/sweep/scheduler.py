"""Gives jobs to workers until none is left, whatever becomes of the workers."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lth_tf.sweep.events import Began, Done, Event, Failed, Lost, Made, Trained, Waiting, Warned
from lth_tf.sweep.jobs import Job
from lth_tf.sweep.queue import Queue
from lth_tf.sweep.worker import Order, order

# A job that so many workers died at is taken to be the reason.
MOST_ATTEMPTS = 3
# Workers may die before they begin, on a node that is dying: a few more of them can be borne.
MOST_FALSE_STARTS = 10
# TensorFlow never gives a compiled program back, and every one keeps its images.
MOST_PROGRAMS = 12
log = logging.getLogger(__name__)


class Hand(Protocol):
    """A worker, seen from here."""

    threads: int

    def start(self, order: Order) -> None:
        """Begins a job; how it goes is told by the engine's events."""


class Engine(Protocol):
    """Where workers come from."""

    def has_room(self, threads: int, open_workers: Sequence[int]) -> bool:
        """Whether one more worker may be opened, beside those of so many threads each."""

    def open(self, threads: int) -> Any:
        """Opens a worker."""

    def events(self, timeout: float) -> Sequence[tuple[Any, Event]]:
        """What workers have said, after waiting for it for at most so many seconds."""

    def close(self, worker: Any) -> None:
        """Closes one worker that has nothing to do."""

    def close_all(self) -> None:
        """Closes all workers, whatever they are doing."""


class Audience(Protocol):
    """Who is told how the sweep goes."""

    def trained(self, event: Trained) -> None:
        """Steps were taken."""

    def waiting(self, about: str) -> None:
        """A worker waits for a process outside the sweep."""

    def done(self, job: Job) -> bool:
        """A job is done; False if its results turn out not to be there after all."""

    def failed(self, job: Job, reason: str, skipped: Sequence[Job]) -> None:
        """A job failed, and others that need it are skipped."""


@dataclass
class _Desk:
    """A worker at its work.

    Attributes:
      job: what it is doing; None if nothing.
      began: whether it has said that it is doing it.
      programs: what it has compiled.
    """

    hand: Hand
    job: Job | None = None
    began: bool = False
    programs: set[str] = field(default_factory=set)


class Scheduler:
    """Runs jobs on an engine's workers.

    Args:
      jobs: each after those that it needs.
      engine: where workers come from; it is closed at the end.
      audience: who is told.
      workdir: the folder of the results, where the jobs' logs go.
    """

    def __init__(
        self, jobs: Iterable[Job], engine: Engine, audience: Audience, workdir: Path
    ) -> None:
        self._queue, self._engine = Queue(jobs), engine
        self._audience, self._workdir = audience, workdir
        self._desks: list[_Desk] = []
        self._attempts, self._false_starts = Counter[str](), Counter[str]()

    def run(self) -> None:
        """Returns when every job is done, failed or skipped."""
        try:
            while self._queue.unfinished:
                self._dispatch()
                assert any(desk.job for desk in self._desks), "jobs wait for each other"
                for hand, event in self._engine.events(timeout=1.0):
                    for desk in [d for d in self._desks if d.hand is hand]:
                        self._handle(desk, event)
        finally:
            self._engine.close_all()

    def _dispatch(self) -> None:
        """Gives every worker that is free, and every one there is room for, the best job for it."""
        for desk in self._free():
            if job := self._queue.take(desk.hand.threads, desk.programs):
                self._start(desk, job)
        while best := self._queue.best():
            if self._engine.has_room(best.threads, [desk.hand.threads for desk in self._desks]):
                self._desks.append(_Desk(self._engine.open(best.threads)))
                job = self._queue.take(best.threads, ())
                assert job is not None
                self._start(self._desks[-1], job)
            elif free := self._free():  # Of another number of threads.
                self._close(free[0])
            else:
                break

    def _free(self) -> list[_Desk]:
        return [desk for desk in self._desks if desk.job is None]

    def _start(self, desk: _Desk, job: Job) -> None:
        desk.job, desk.began = job, False
        desk.programs.add(job.program)
        desk.hand.start(order(job, self._workdir))

    def _close(self, desk: _Desk) -> None:
        self._desks.remove(desk)
        self._engine.close(desk.hand)

    def _handle(self, desk: _Desk, event: Event) -> None:
        match event:
            case Began():
                desk.began = True
            case Trained():
                self._audience.trained(event)
            case Waiting(about):
                self._audience.waiting(about)
            case Warned(text):
                log.warning("%s", text)
            case Made(key):
                self._queue.made(key)
            case Lost(reason):
                self._lost(desk, reason)
            case Done() | Failed():
                job, desk.job = desk.job, None
                assert job is not None
                self._ended(job, event)
                if len(desk.programs) >= MOST_PROGRAMS:
                    self._close(desk)

    def _lost(self, desk: _Desk, reason: str) -> None:
        self._desks.remove(desk)
        if desk.job and desk.began:
            log.warning("a worker died (%s) at %s", reason, desk.job.about)
            self._again(desk.job, f"its worker died ({reason})", self._attempts, MOST_ATTEMPTS)
        elif desk.job:
            died = f"its worker died ({reason}) before it began"
            self._again(desk.job, died, self._false_starts, MOST_FALSE_STARTS)

    def _ended(self, job: Job, event: Done | Failed) -> None:
        if isinstance(event, Failed):
            self._fail(job, event.reason)
        elif self._audience.done(job):
            self._queue.done(job)
        else:
            reason = "its results are not in the store"
            self._again(job, reason, self._attempts, MOST_ATTEMPTS)

    def _again(self, job: Job, reason: str, counts: Counter[str], most: int) -> None:
        """Gives a job another chance, if it has not had enough of them."""
        counts[job.key] += 1
        if counts[job.key] < most:
            self._queue.put(job)
        else:
            self._fail(job, f"{reason}, {most} times")

    def _fail(self, job: Job, reason: str) -> None:
        self._audience.failed(job, reason, self._queue.failed(job))
