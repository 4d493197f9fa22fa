"""A worker in the sweep's own process: one experiment, one job after the other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth_tf.store.store import Store
from lth_tf.sweep.events import Event, Ready
from lth_tf.sweep.scheduler import Pool, WorkerHandle
from lth_tf.sweep.worker import EventSender, Order, make_targets
from lth_tf.tensorboard.board import Board
from lth_tf.tensorboard.curves import CurveObserver

if TYPE_CHECKING:
    from lth_tf.sweep.run import Reporter

Events = list[tuple[WorkerHandle, Event]]


class InProcessWorker(WorkerHandle):
    """A worker that does a job as soon as it is given; an error of the job is raised there."""

    def __init__(self, threads: int, store: Store, events: Events) -> None:
        super().__init__(threads)
        self._store, self._events = store, events
        self._send(Ready())

    def start(self, order: Order) -> None:
        self._send(make_targets(self._store, order, self._send))

    def _send(self, event: Event) -> None:
        self._events.append((self, event))


class InProcessPool(Pool):
    """A pool of one worker, in this process; the reporter is told of progress at once."""

    def __init__(
        self,
        reporter: "Reporter",
        root: Path,
        workdir: Path,
        open_engine: Callable[[int], Any],
        checkpoint_seconds: float,
    ) -> None:
        self._root, self._open_engine = root, open_engine
        self._checkpoint_seconds = checkpoint_seconds
        self._board, self._events = Board(workdir), Events()
        self._observer = CurveObserver(self._board, EventSender(reporter.progressed))

    def has_room(self, threads: int, open_workers: Sequence[int]) -> bool:
        return not open_workers

    def open(self, threads: int) -> InProcessWorker:
        store = Store(
            self._root, lambda: self._open_engine(threads), self._observer, self._checkpoint_seconds
        )
        return InProcessWorker(threads, store, self._events)

    def events(self, timeout: float) -> Events:
        events = self._events.copy()
        self._events.clear()
        return events

    def close(self, worker: WorkerHandle) -> None:
        """Does nothing: the worker has nothing open."""

    def close_all(self) -> None:
        """Closes the curves in TensorBoard."""
        self._board.close()
