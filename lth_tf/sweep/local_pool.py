"""A pool of workers that are processes of this machine."""

import contextlib
import functools
import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait

from lth_tf.errors import UserError
from lth_tf.sweep.events import Event, Failed, Lost
from lth_tf.sweep.scheduler import Pool, WorkerHandle
from lth_tf.sweep.worker import Order, Worker, WorkerSettings

# Long enough for a call of the training loop, or the pass over a dataset, to come back.
STOP_SECONDS = 20.0


class LocalWorker(WorkerHandle):
    """A process that works on one order after the other."""

    def __init__(self, settings: WorkerSettings, threads: int) -> None:
        super().__init__(threads)
        context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
        self.connection, theirs = context.Pipe()
        self.process = context.Process(
            target=_serve, args=(theirs, settings, threads), daemon=True, name="lth-sweep worker"
        )
        self.process.start()
        theirs.close()

    def start(self, order: Order) -> None:
        """Sends an order; if the process is dead, its event Lost says so."""
        with contextlib.suppress(OSError):
            self.connection.send(order)

    def stop(self) -> None:
        """Asks the process to end."""
        self.process.terminate()

    def end(self) -> None:
        """Waits for the process to end, and kills it after STOP_SECONDS."""
        self.process.join(STOP_SECONDS)
        self.process.kill()
        self.process.join()
        self.connection.close()


class LocalPool(Pool):
    """A pool of at most `workers` processes; as many as the cores have threads for if None."""

    def __init__(self, settings: WorkerSettings, workers: int | None) -> None:
        self._settings, self._limit = settings, workers
        self._cores = len(os.sched_getaffinity(0))
        self._workers: list[LocalWorker] = []
        # All workers share the GPUs: none must take all of their memory.
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")

    def has_room(self, threads: int, open_workers: Sequence[int]) -> bool:
        if self._limit is not None:
            return len(open_workers) < self._limit
        return not open_workers or sum(open_workers) + threads <= self._cores

    def open(self, threads: int) -> LocalWorker:
        self._workers.append(LocalWorker(self._settings, threads))
        return self._workers[-1]

    def events(self, timeout: float) -> list[tuple[LocalWorker, Event]]:
        by_connection = {worker.connection: worker for worker in self._workers}
        events: list[tuple[LocalWorker, Event]] = []
        for connection in wait(list(by_connection), timeout):
            worker = by_connection[connection]  # type: ignore[index]
            try:
                events.append((worker, worker.connection.recv()))
            except (EOFError, OSError):
                self.close(worker)
                events.append((worker, Lost(f"exit code {worker.process.exitcode}")))
        return events

    def close(self, worker: LocalWorker) -> None:
        worker.stop()
        worker.end()
        self._workers.remove(worker)

    def close_all(self) -> None:
        """Ends all workers; each releases the lease that it holds."""
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.end()
        self._workers.clear()


def _serve(connection: Connection, settings: WorkerSettings, threads: int) -> None:
    """Runs a worker in its process until the sweep's own process ends."""
    # Ctrl-C reaches every process of the terminal; the sweep's own sees to its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        say = functools.partial(_say, connection)
        try:
            worker = Worker(settings, threads, say)
        except (UserError, OSError) as error:  # It would be the same for every other worker.
            say(Failed(" ".join(str(error).split()), ends_sweep=True))
            return
        while True:
            worker.work(connection.recv())


def _say(connection: Connection, event: Event) -> None:
    """Sends an event; exits, even in the middle of a job, if the sweep's own process is gone."""
    try:
        connection.send(event)
    except (BrokenPipeError, ConnectionResetError):
        sys.exit(0)
