"""Gives jobs to workers until none is left, whatever becomes of the workers."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lth_tf.errors import UserError
from lth_tf.sweep.events import Doing, Done, Event, Failed, Lost, Made, Ready, Trained, Warned
from lth_tf.sweep.jobs import Job
from lth_tf.sweep.queue import Queue
from lth_tf.sweep.worker import Order, order

# A job that so many workers died at is taken to be the reason.
MOST_ATTEMPTS = 3
# Workers may die before they are up, on a node that is dying: so many in a row can be borne.
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

    def doing(self, about: str) -> None:
        """A worker is at something that takes no steps."""

    def done(self, job: Job) -> bool:
        """A job is done; False if its results turn out not to be there after all."""

    def more(self, under_way: Sequence[Job]) -> Sequence[Job]:
        """Returns jobs that follow from what is done by now, beside those that are not."""

    def failed(self, job: Job, reason: str, skipped: Sequence[Job]) -> None:
        """A job failed, and others that need it are skipped."""


@dataclass
class _Desk:
    """A worker at its work.

    Attributes:
      ready: whether it is up. No job waits for a worker that may never be.
      job: what it is doing; None if nothing.
      programs: what it has compiled.
    """

    hand: Hand
    ready: bool = False
    job: Job | None = None
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
        self._attempts, self._false_starts = Counter[str](), 0

    def run(self) -> None:
        """Returns when every job is done, failed or skipped.

        Raises:
          UserError: no worker lives until it is up, or the disk is full or read-only.
        """
        try:
            while self._queue.unfinished:
                self._dispatch()
                assert any(d.job or not d.ready for d in self._desks), "jobs wait for each other"
                for hand, event in self._engine.events(timeout=1.0):
                    for desk in [d for d in self._desks if d.hand is hand]:
                        self._handle(desk, event)
        finally:
            self._engine.close_all()

    def _dispatch(self) -> None:
        """Gives every worker that is free the best job for it; opens more while there is room."""
        for desk in self._free():
            if job := self._queue.take(desk.hand.threads, desk.programs):
                self._start(desk, job)
        while (best := self._queue.best()) and self._queue.ready > self._opening:
            if self._engine.has_room(best.threads, [desk.hand.threads for desk in self._desks]):
                self._desks.append(_Desk(self._engine.open(best.threads)))
            elif free := self._free():  # Of another number of threads.
                self._close(free[0])
            else:
                break

    @property
    def _opening(self) -> int:
        return sum(not desk.ready for desk in self._desks)

    def _free(self) -> list[_Desk]:
        return [desk for desk in self._desks if desk.ready and desk.job is None]

    def _start(self, desk: _Desk, job: Job) -> None:
        desk.job = job
        desk.programs.add(job.program)
        desk.hand.start(order(job, self._workdir))

    def _close(self, desk: _Desk) -> None:
        self._desks.remove(desk)
        self._engine.close(desk.hand)

    def _handle(self, desk: _Desk, event: Event) -> None:
        match event:
            case Ready():
                desk.ready, self._false_starts = True, 0
            case Trained():
                self._audience.trained(event)
            case Doing(about):
                self._audience.doing(about)
            case Warned(text):
                log.warning("%s", text)
            case Made(key):
                self._queue.made(key)
            case Lost(reason):
                self._lost(desk, reason)
            case Failed(reason, ends_sweep=True):
                raise UserError(reason)
            case Done() | Failed():
                job, desk.job = desk.job, None
                assert job is not None
                self._ended(job, event)
                if len(desk.programs) >= MOST_PROGRAMS:
                    self._close(desk)

    def _lost(self, desk: _Desk, reason: str) -> None:
        self._desks.remove(desk)
        if desk.job:
            log.warning("a worker died (%s) at %s", reason, desk.job.about)
            self._again(desk.job, f"its worker died ({reason})")
        self._false_starts += not desk.ready
        if self._false_starts == MOST_FALSE_STARTS:
            raise UserError(
                f"{MOST_FALSE_STARTS} workers in a row died before they were up, the last: {reason}"
            )

    def _ended(self, job: Job, event: Done | Failed) -> None:
        if isinstance(event, Failed):
            self._fail(job, event.reason)
        elif self._audience.done(job):
            self._queue.done(job)
            self._queue.add(self._audience.more(self._queue.left()))
        else:
            self._again(job, "its results are not in the store")

    def _again(self, job: Job, reason: str) -> None:
        """Gives a job another chance, if it has not had enough of them."""
        self._attempts[job.key] += 1
        if self._attempts[job.key] < MOST_ATTEMPTS:
            self._queue.put(job)
        else:
            self._fail(job, f"{reason}, {MOST_ATTEMPTS} times")

    def _fail(self, job: Job, reason: str) -> None:
        self._audience.failed(job, reason, self._queue.failed(job))
