"""The scheduler: gives jobs to workers until none is left, whatever becomes of the workers."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lth_tf.errors import UserError
from lth_tf.sweep.events import Busy, Doing, Done, Event, Failed, Lost, Made, Ready, Trained, Warned
from lth_tf.sweep.jobs import Job
from lth_tf.sweep.queue import Queue
from lth_tf.sweep.worker import Order, order

if TYPE_CHECKING:
    from lth_tf.sweep.run import Reporter

# A job at which this many workers died is taken to be the reason.
MAX_ATTEMPTS = 3
# Workers may die before they are up, on a node that is dying; this many in a row end the sweep.
MAX_FALSE_STARTS = 10
# TensorFlow never gives a compiled program back, and every one keeps its images.
MAX_PROGRAMS = 12
log = logging.getLogger(__name__)


class WorkerHandle:
    """A worker of a pool, as the scheduler sees it.

    Attributes:
      threads: Hparams.threads of all its jobs.
      ready: whether it is up. No job waits for a worker that may never come up.
      job: the job that it does.
      programs: the programs that it has compiled.
    """

    def __init__(self, threads: int) -> None:
        self.threads, self.ready = threads, False
        self.job: Job | None = None
        self.programs: set[str] = set()

    def start(self, order: Order) -> None:
        """Begins a job; its progress comes as the pool's events."""
        raise NotImplementedError


class Pool(Protocol):
    """A source of workers."""

    def has_room(self, threads: int, open_workers: Sequence[int]) -> bool:
        """Returns whether one more worker may be opened, given the threads of each open one."""

    def open(self, threads: int) -> WorkerHandle:
        """Opens a worker."""

    def events(self, timeout: float) -> Sequence[tuple[WorkerHandle, Event]]:
        """Returns the workers' events, after waiting for them for at most `timeout` seconds."""

    def close(self, worker: Any) -> None:
        """Closes one idle worker."""

    def close_all(self) -> None:
        """Closes all workers, whatever they are doing."""


class Scheduler:
    """Runs jobs, each after those that it needs, on a pool's workers; closes the pool at the end.

    The reporter is told of progress and adds jobs; their logs go into the workdir.
    """

    def __init__(
        self, jobs: Iterable[Job], pool: Pool, reporter: "Reporter", workdir: Path
    ) -> None:
        self._queue, self._pool = Queue(jobs), pool
        self._reporter, self._workdir = reporter, workdir
        self._workers: list[WorkerHandle] = []
        self._attempts, self._false_starts = Counter[str](), 0

    def run(self) -> None:
        """Runs until every job is done, failed or skipped.

        Raises:
          UserError: no worker lives until it is up, or the disk is full or read-only.
        """
        try:
            while self._queue.unfinished:
                self._dispatch()
                assert any(w.job or not w.ready for w in self._workers), "jobs wait for each other"
                for worker, event in self._pool.events(timeout=1.0):
                    if worker in self._workers:
                        self._handle(worker, event)
        finally:
            self._pool.close_all()

    def _dispatch(self) -> None:
        """Gives every free worker the best job for it; opens more workers while there is room."""
        for worker in self._free():
            if job := self._queue.take(worker.threads, worker.programs):
                self._start(worker, job)
        while (best := self._queue.best()) and self._queue.ready > self._opening():
            if self._pool.has_room(best.threads, [w.threads for w in self._workers]):
                self._workers.append(self._pool.open(best.threads))
            elif free := self._free():  # Of another number of threads.
                self._close(free[0])
            else:
                break

    def _opening(self) -> int:
        return sum(not worker.ready for worker in self._workers)

    def _free(self) -> list[WorkerHandle]:
        return [worker for worker in self._workers if worker.ready and worker.job is None]

    def _start(self, worker: WorkerHandle, job: Job) -> None:
        worker.job = job
        worker.programs.add(job.program)
        # It waits for a process outside the sweep only if there is nothing else to do.
        worker.start(order(job, self._workdir, waits=self._queue.is_busy(job)))

    def _close(self, worker: WorkerHandle) -> None:
        self._workers.remove(worker)
        self._pool.close(worker)

    def _handle(self, worker: WorkerHandle, event: Event) -> None:
        match event:
            case Ready():
                worker.ready, self._false_starts = True, 0
            case Trained() | Doing():
                self._reporter.progressed(event)
            case Warned(text):
                log.warning("%s", text)
            case Made(key):
                self._queue.made(key)
            case Lost(reason):
                self._lost(worker, reason)
            case Failed(reason, ends_sweep=True):
                raise UserError(reason)
            case Done() | Busy() | Failed():
                job, worker.job = worker.job, None
                assert job is not None
                self._ended(job, event)
                if len(worker.programs) >= MAX_PROGRAMS:
                    self._close(worker)

    def _lost(self, worker: WorkerHandle, reason: str) -> None:
        self._workers.remove(worker)
        if worker.job:
            log.warning("a worker died (%s) at %s", reason, worker.job.description)
            self._retry(worker.job, f"its worker died ({reason})")
        self._false_starts += not worker.ready
        if self._false_starts == MAX_FALSE_STARTS:
            raise UserError(
                f"{MAX_FALSE_STARTS} workers in a row died before they were up, the last: {reason}"
            )

    def _ended(self, job: Job, event: Done | Busy | Failed) -> None:
        if isinstance(event, Failed):
            self._fail(job, event.reason)
        elif isinstance(event, Busy):
            self._queue.put_back(job)
        elif self._reporter.done(job):
            self._queue.done(job)
            self._queue.add(self._reporter.more([*self._queue.unfinished.values()]))
        else:
            self._retry(job, "its results are not in the store")

    def _retry(self, job: Job, reason: str) -> None:
        """Queues a job again, unless it was tried MAX_ATTEMPTS times."""
        self._attempts[job.key] += 1
        if self._attempts[job.key] < MAX_ATTEMPTS:
            self._queue.put(job)
        else:
            self._fail(job, f"{reason}, {MAX_ATTEMPTS} times")

    def _fail(self, job: Job, reason: str) -> None:
        self._reporter.failed(job, reason, self._queue.failed(job))
