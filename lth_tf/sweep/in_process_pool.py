"""A worker in the sweep's own process: one experiment, one job after the other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lth_tf.store.store import Store
from lth_tf.sweep.events import Doing, Event, Ready, Trained
from lth_tf.sweep.scheduler import Pool, SweepObserver
from lth_tf.sweep.worker import EventSender, Order, make_targets
from lth_tf.tensorboard.board import Board
from lth_tf.tensorboard.curves import CurveObserver


class InProcessWorker:
    """A worker that does a job as soon as it is given; an error of the job is raised there.

    Attributes:
      events: the events that its pool has not returned yet.
    """

    def __init__(self, threads: int, store: Store) -> None:
        self.threads, self._store = threads, store
        self.events: list[Event] = [Ready()]

    def start(self, order: Order) -> None:
        self.events.append(make_targets(self._store, order, self.events.append))


class InProcessPool(Pool):
    """A pool of one worker, in this process; the observer is told of progress at once."""

    def __init__(
        self,
        observer: SweepObserver,
        root: Path,
        workdir: Path,
        open_engine: Callable[[int], Any],
        checkpoint_seconds: float,
    ) -> None:
        def send(event: Event) -> None:
            if isinstance(event, Trained):
                observer.trained(event)
            elif isinstance(event, Doing):
                observer.doing(event.description)

        self._root, self._open_engine = root, open_engine
        self._checkpoint_seconds = checkpoint_seconds
        self._board = Board(workdir)
        self._observer = CurveObserver(self._board, EventSender(send))
        self._workers: list[InProcessWorker] = []

    def has_room(self, threads: int, open_workers: Sequence[int]) -> bool:
        return not open_workers

    def open(self, threads: int) -> InProcessWorker:
        store = Store(
            self._root, lambda: self._open_engine(threads), self._observer, self._checkpoint_seconds
        )
        self._workers.append(InProcessWorker(threads, store))
        return self._workers[-1]

    def events(self, timeout: float) -> list[tuple[InProcessWorker, Event]]:
        events = [(worker, event) for worker in self._workers for event in worker.events]
        for worker in self._workers:
            worker.events.clear()
        return events

    def close(self, worker: InProcessWorker) -> None:
        self._workers.remove(worker)

    def close_all(self) -> None:
        """Closes the worker and the curves in TensorBoard."""
        self._workers.clear()
        self._board.close()
