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


class WorkerHandle(Protocol):
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


class SweepObserver(Protocol):
    """Who is told how the sweep goes."""

    def trained(self, event: Trained) -> None:
        """Steps were taken."""

    def doing(self, description: str) -> None:
        """A worker is at something that takes no steps."""

    def done(self, job: Job) -> bool:
        """A job is done; False if its results turn out not to be there after all."""

    def more(self, under_way: Sequence[Job]) -> Sequence[Job]:
        """Returns jobs that follow from what is done by now, beside those that are not."""

    def failed(self, job: Job, reason: str, skipped: Sequence[Job]) -> None:
        """A job failed, and others that need it are skipped."""


@dataclass
class _Worker:
    """A worker at its work.

    Attributes:
      ready: whether it is up. No job waits for a worker that may never be.
      job: what it is doing; None if nothing.
      programs: what it has compiled.
    """

    handle: WorkerHandle
    ready: bool = False
    job: Job | None = None
    programs: set[str] = field(default_factory=set)


class Scheduler:
    """Runs jobs on an engine's workers.

    Args:
      jobs: each after those that it needs.
      engine: where workers come from; it is closed at the end.
      observer: who is told.
      workdir: the folder of the results, where the jobs' logs go.
    """

    def __init__(
        self, jobs: Iterable[Job], engine: Engine, observer: SweepObserver, workdir: Path
    ) -> None:
        self._queue, self._engine = Queue(jobs), engine
        self._observer, self._workdir = observer, workdir
        self._workers: list[_Worker] = []
        self._attempts, self._false_starts = Counter[str](), 0

    def run(self) -> None:
        """Returns when every job is done, failed or skipped.

        Raises:
          UserError: no worker lives until it is up, or the disk is full or read-only.
        """
        try:
            while self._queue.unfinished:
                self._dispatch()
                assert any(d.job or not d.ready for d in self._workers), "jobs wait for each other"
                for handle, event in self._engine.events(timeout=1.0):
                    for worker in [d for d in self._workers if d.handle is handle]:
                        self._handle(worker, event)
        finally:
            self._engine.close_all()

    def _dispatch(self) -> None:
        """Gives every worker that is free the best job for it; opens more while there is room."""
        for worker in self._free():
            if job := self._queue.take(worker.handle.threads, worker.programs):
                self._start(worker, job)
        while (best := self._queue.best()) and self._queue.ready > self._opening:
            if self._engine.has_room(best.threads, [each.handle.threads for each in self._workers]):
                self._workers.append(_Worker(self._engine.open(best.threads)))
            elif free := self._free():  # Of another number of threads.
                self._close(free[0])
            else:
                break

    @property
    def _opening(self) -> int:
        return sum(not worker.ready for worker in self._workers)

    def _free(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.ready and worker.job is None]

    def _start(self, worker: _Worker, job: Job) -> None:
        worker.job = job
        worker.programs.add(job.program)
        worker.handle.start(order(job, self._workdir))

    def _close(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._engine.close(worker.handle)

    def _handle(self, worker: _Worker, event: Event) -> None:
        match event:
            case Ready():
                worker.ready, self._false_starts = True, 0
            case Trained():
                self._observer.trained(event)
            case Doing(description):
                self._observer.doing(description)
            case Warned(text):
                log.warning("%s", text)
            case Made(key):
                self._queue.made(key)
            case Lost(reason):
                self._lost(worker, reason)
            case Failed(reason, ends_sweep=True):
                raise UserError(reason)
            case Done() | Failed():
                job, worker.job = worker.job, None
                assert job is not None
                self._ended(job, event)
                if len(worker.programs) >= MOST_PROGRAMS:
                    self._close(worker)

    def _lost(self, worker: _Worker, reason: str) -> None:
        self._workers.remove(worker)
        if worker.job:
            log.warning("a worker died (%s) at %s", reason, worker.job.description)
            self._again(worker.job, f"its worker died ({reason})")
        self._false_starts += not worker.ready
        if self._false_starts == MOST_FALSE_STARTS:
            raise UserError(
                f"{MOST_FALSE_STARTS} workers in a row died before they were up, the last: {reason}"
            )

    def _ended(self, job: Job, event: Done | Failed) -> None:
        if isinstance(event, Failed):
            self._fail(job, event.reason)
        elif self._observer.done(job):
            self._queue.done(job)
            self._queue.add(self._observer.more(self._queue.left()))
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
        self._observer.failed(job, reason, self._queue.failed(job))
